"""What a ticket's updates are sorted by."""

import numpy as np
import pandas as pd
import pytest

from fenzhen.workspace.event_log_config import EventLogConfig
from fenzhen.workspace.event_order import event_rows, order_keys


@pytest.mark.parametrize(("values", "expected"), [
    (["10", "9", "100"], [1, 0, 2]),
    (["2026/1/10", "2026/1/9", "2026/1/100"], [0, 2, 1]),  # one is no time: text decides
    (["2026/1/10", "2026/1/9", "2026/2/1"], [1, 0, 2]),
    (["10", None, "9"], [2, 0, 1]),
    ([None, None], [0, 1]),
])
def test_numbers_before_times_before_text(values, expected):
    assert np.argsort(order_keys(pd.Series(values, dtype="str"), "UTC"), kind="stable").tolist() == expected


def test_numbers_that_came_as_numbers_and_times_as_times_are_sorted_as_such():
    times = pd.Series(pd.to_datetime(["2026-01-10", "2026-01-09"]))
    assert order_keys(pd.Series([10, 9]), "UTC").tolist() == [10.0, 9.0]
    assert order_keys(times, "UTC").argsort().tolist() == [1, 0]


def test_equal_places_stay_in_the_order_of_the_source():
    raw = pd.DataFrame({"id": ["a", "b", "a", "a"], "n": ["1", "0", "1", "0"]}, dtype="str")
    rows = event_rows(raw, "id", EventLogConfig("n", "at", ()), "UTC", None)
    assert rows.order.tolist() == [3, 0, 2, 1]
    assert rows.first.tolist() == [3, 1]
    assert [problem.column for problem in rows.problems] == ["at", "order"]
