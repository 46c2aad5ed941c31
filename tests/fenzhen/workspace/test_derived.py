import pandas as pd

from fenzhen.tables import conform
from fenzhen.workspace.derived import derive_entities


def _interactions(**rows):
    times = pd.to_datetime(list(rows.values()), utc=True)
    frame = pd.DataFrame({"customer_id": list(rows), "at": times, "kind": "order"})
    return lambda: conform("interactions", frame)


def test_later_facts_change_nothing_about_an_entity():
    early = derive_entities("customers", {"interactions": _interactions(a="2026-01-01")})
    both = derive_entities("customers", {"interactions": _interactions(a="2026-01-01"),
                                         "returns": _interactions(a="2026-02-01")})
    pd.testing.assert_frame_equal(early, both)


def test_assignees_and_tables_without_facts_are_not_derived():
    assert derive_entities("assignees", {"tickets": _interactions(a="2026-01-01")}) is None
    assert derive_entities("customers", {}) is None
    assert derive_entities("customers", {"interactions": _interactions()}) is None
