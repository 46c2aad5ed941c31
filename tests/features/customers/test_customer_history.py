"""Features of customers against DuckDB, and against what they must not know."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.customers.customer_activity import ACTIVITY, customer_activity
from features.customers.customer_history import COLUMNS, TABLES, customer_history
from fenzhen.known import as_known
from fenzhen.tables import conform, empty_table
from tests.benchmarks.customer_sql import ACTIVITY as ACTIVITY_SQL
from tests.benchmarks.customer_sql import OTHERS, TICKETS, in_sql
from tests.features.made_up_customers import START, made_up_tables

AS_OF = START + pd.Timedelta("300D 12h")
KINDS = ("order", "visit")


@pytest.fixture(scope="module")
def tables():
    return made_up_tables()


def _history(tables, as_of=AS_OF, kinds=KINDS):
    known = as_known(tables, as_of)
    customers = pd.Index(sorted(known["customers"]["customer_id"]))
    return customer_history(known, customers, as_of, kinds)


def _same(ours, theirs):
    shared = ours.index.intersection(theirs.index)
    assert len(shared) > 5
    for column in theirs.columns:
        expected = theirs.loc[shared, column].to_numpy(dtype=float)
        assert ours.loc[shared, column].to_numpy() == pytest.approx(expected, nan_ok=True, rel=1e-9), column


def test_activity_agrees_with_sql(tables):
    _same(_history(tables), in_sql(ACTIVITY_SQL, tables, AS_OF, kinds=list(KINDS)))


def test_tickets_agree_with_sql(tables):
    _same(_history(tables), in_sql(TICKETS, tables, AS_OF))


def test_returns_reopened_tickets_and_failures_agree_with_sql(tables):
    _same(_history(tables), in_sql(OTHERS, tables, AS_OF))


@settings(max_examples=15)
@given(seed=st.integers(0, 10_000), day=st.integers(60, 450))
def test_what_becomes_known_later_changes_nothing(seed, day):
    tables, as_of = made_up_tables(seed, customers=8, facts=40), START + pd.Timedelta(days=day)
    before = _history(tables, as_of)
    random = np.random.default_rng(seed)
    pd.testing.assert_frame_equal(before, _history(_altered(tables, as_of, random), as_of))


def _altered(tables, as_of, random):
    """Shuffle every cell among the rows that were filed at or after as_of, and all of tickets' late cells."""
    found = {}
    for name, frame in tables.items():
        time = {"tickets": "created_at", "customers": "since", "devices": "installed_at"}.get(name, "at")
        changed = frame.copy()
        late = (frame[time] >= as_of).to_numpy()
        for column in frame.columns.difference([time]):
            changed.loc[late, column] = random.permutation(frame.loc[late, column].to_numpy())
        if name == "tickets":
            open_yet = (frame["resolved_at"] >= as_of).to_numpy()
            for column in ("category", "csat", "sentiment", "priority", "tags"):
                changed.loc[open_yet, column] = random.permutation(frame.loc[open_yet, column].to_numpy())
        found[name] = conform(name, pd.concat([changed, changed[late]]))
    return found


def test_a_moment_is_outside_and_thirty_days_before_it_inside():
    orders = conform("interactions", pd.DataFrame({
        "customer_id": ["a", "a", "a"], "kind": "order",
        "at": [AS_OF, AS_OF - pd.Timedelta(days=30), AS_OF - pd.Timedelta(days=30, microseconds=1)]}))
    found = customer_activity(orders, pd.Index(["a", "b"]), AS_OF)
    assert (found["orders_30d"][0], found["orders_all"][0], found["orders_all"][1]) == (1, 2, 0)
    assert np.isnan(found["days_since_last"][1])


def test_lines_of_one_moment_are_one_order():
    orders = conform("interactions", pd.DataFrame({
        "customer_id": "a", "kind": "order", "at": AS_OF - pd.to_timedelta([3, 3, 1], unit="D"),
        "value": [1.0, 2.0, 10.0]}))
    found = customer_activity(orders, pd.Index(["a"]), AS_OF)
    assert [found[name][0] for name in ("orders_all", "value_mean_all", "lines_mean_all", "gap_mean_all",
                                        "lateness_ratio")] == [2, 6.5, 1.5, 2, 0.5]


def test_without_any_fact_counts_are_zero_and_the_rest_unknown():
    found = customer_history({name: empty_table(name) for name in TABLES}, pd.Index(["a"]), AS_OF)
    assert list(found.columns) == list(COLUMNS)
    assert found.loc["a", ["orders_all", "tickets_90d", "returns_all", "devices"]].tolist() == [0, 0, 0, 0]
    assert found.loc["a", ["days_since_last", "gap_mean_all", "csat_last", "annual_value"]].isna().all()


def test_silence_after_a_complaint_ends_with_the_next_order(tables):
    tables = {name: empty_table(name) for name in TABLES}
    tables["interactions"] = conform("interactions", pd.DataFrame({
        "customer_id": ["a", "a", "b", "b"], "kind": ["order", "complaint", "complaint", "order"],
        "at": AS_OF - pd.to_timedelta([20, 10, 20, 10], unit="D")}))
    found = customer_history(tables, pd.Index(["a", "b"]), AS_OF, ("order",))
    assert found["silent_after_complaint_days"].tolist() == pytest.approx([10, np.nan], nan_ok=True)


def test_the_usual_needs_half_a_year_and_leaves_out_the_last_ninety_days():
    tables = {name: empty_table(name) for name in TABLES}
    tables["customers"] = conform("customers", pd.DataFrame({
        "customer_id": ["old", "new"], "since": AS_OF - pd.to_timedelta([270, 100], unit="D")}))
    tables["tickets"] = conform("tickets", pd.DataFrame({
        "ticket_id": list("123456"), "customer_id": ["old"] * 5 + ["new"],
        "created_at": AS_OF - pd.to_timedelta([10, 100, 120, 150, 200, 10], unit="D")}))
    found = customer_history(tables, pd.Index(["old", "new"]), AS_OF)
    assert found["tickets_90d"].tolist() == [1, 1]
    assert found["tickets_usual_90d"].tolist() == pytest.approx([2, np.nan], nan_ok=True)


def test_the_columns_are_unique_and_activity_is_complete():
    assert len(set(COLUMNS)) == len(COLUMNS)
    assert set(ACTIVITY) <= set(COLUMNS)
