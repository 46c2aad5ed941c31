"""Fields and pairs of them get a history where they tell who solves a ticket, and not where they only seem to."""

import numpy as np
import pytest

from features.routing.candidate_history import HistoryKey
from features.routing.history_keys import best_crosses, best_fields

TICKETS = 2_000


def _told(seed: int = 0) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return fields and labels: product and site say together who it is; where a customer lives says hardly more."""
    draw = np.random.default_rng(seed)
    product, site, customer = (draw.integers(0, size, TICKETS) for size in (4, 4, 50))
    label = np.where(draw.random(TICKETS) < 0.5, (product + site) % 4, customer % 4)
    left_out = (label == 0) & (draw.random(TICKETS) < 0.04)
    region = np.where(left_out, -1, customer % 5)
    columns = {"product": product, "site": site, "customer_id": customer, "region": region, "label": label}
    values = {name: column.astype(str).astype(object) for name, column in columns.items()}
    return values, values.pop("label")


def test_a_pair_that_says_together_what_neither_says_is_chosen():
    values, labels = _told()
    chosen = [key.fields for key in best_crosses(values, labels, list(values))]
    assert ("product", "site") in chosen


def test_a_field_that_follows_from_another_makes_no_pair_with_it():
    values, labels = _told()
    assert ("customer_id", "region") not in [key.fields for key in best_crosses(values, labels, list(values))]


def test_a_field_that_says_nothing_is_left_out_unless_its_new_values_are_told():
    values, labels = _told()
    values["device_id"] = np.full(TICKETS, "", dtype=object)
    chosen = [key.name for key in best_fields(values, labels, list(values))]
    assert chosen == ["customer_id", "region", "device_id"]


def test_no_tickets_make_no_keys():
    nothing = np.array([], dtype=object)
    assert best_fields({"site": nothing}, nothing, ["site"]) == ()
    assert best_crosses({"site": nothing, "product": nothing}, nothing, ["site", "product"]) == ()


@pytest.mark.parametrize("fields", [("site",), ("site", "product")])
@pytest.mark.parametrize("product", ["打印机", "", "a\x1fb"])
def test_a_value_of_a_key_has_a_part_for_each_field(fields, product):
    key = HistoryKey(fields)
    assert key.parts(key.of({"site": "上海", "product": product})) == ("上海", product)[:len(fields)]
