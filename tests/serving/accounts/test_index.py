"""The index in memory against the plain way: every row looked at, sorted, cut."""

import math
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenzhen.store import CHANGES, LEVELS, RiskRun, RiskScore, StoredRun
from fenzhen.store.risk_columns import block, columns
from serving.accounts.index import SORTS, Condition, RiskIndex

AT = datetime(2026, 11, 21, tzinfo=UTC)
RUN = StoredRun(1, RiskRun("churn", 1, AT, 90), "complete", 200, 200, "", AT, AT)
OWNERS, REGIONS = ("王芳", "李强", None), ("华东", "华南", None)
ROWS = [
    RiskScore(
        f"C{number:03d}", "", chance[0], LEVELS[int(chance[1] * 3)], CHANGES[int(chance[2] * 5)],
        datetime.fromtimestamp(AT.timestamp() - int(chance[3] * 9) * 86400, UTC),
        name=None if number % 17 == 0 else f"客户{number}Ltd", owner=OWNERS[int(chance[4] * 3)],
        region=REGIONS[int(chance[5] * 3)], customer_tier="VIP" if number % 7 == 0 else "普通", currency="CNY",
        renewal_at=None if number % 5 == 0 else datetime.fromtimestamp(AT.timestamp() + chance[6] * 1e7, UTC),
        value_at_risk=None if number % 3 == 0 else float(int(chance[7] * 20)))
    for number, chance in enumerate(np.random.default_rng(1).random((200, 8)))
]


@pytest.fixture(scope="module")
def index() -> RiskIndex:
    """All rows, read from blocks."""
    return RiskIndex(RUN, columns([block(ROWS[:70]), block(ROWS[70:])]))


def plainly(row: RiskScore, wanted: Condition) -> bool:
    """Whether a row matches, asked one condition after another."""
    for name in ("owner", "region", "customer_tier", "risk_level", "change"):
        if getattr(wanted, name) and getattr(row, name) not in getattr(wanted, name):
            return False
    renewal = math.nan if row.renewal_at is None else round(row.renewal_at.timestamp())
    return (
        (wanted.renewal_from is None or renewal >= wanted.renewal_from)
        and (wanted.renewal_until is None or renewal < wanted.renewal_until)
        and (wanted.changed_since is None or row.changed_at.timestamp() >= wanted.changed_since)
        and (wanted.entities is None or row.entity in wanted.entities) and row.entity not in wanted.without
        and wanted.text.lower() in f"{row.name or ''}\n{row.entity}".lower()
    )


def some(*values: Any) -> Any:
    return st.lists(st.sampled_from(values), max_size=2, unique=True).map(tuple)


MOMENTS = st.none() | st.integers(-12, 130).map(lambda day: AT.timestamp() + day * 86400)
CONDITIONS = st.builds(
    Condition, owner=some("王芳", "李强", "陈晨"), region=some("华东", "华南"), customer_tier=some("VIP", "普通"),
    risk_level=some(*LEVELS), change=some(*CHANGES), renewal_from=MOMENTS, renewal_until=MOMENTS, changed_since=MOMENTS,
    text=st.sampled_from(("", "", "", "客户1", "ltd", "c00", "没有", ".", "%")),
    entities=st.none() | st.none() | some("C001", "C010", "C011", "nobody"), without=some("C001", "C002"),
)


@given(wanted=CONDITIONS, sort=st.sampled_from([f"{sign}{sort}" for sort in SORTS for sign in ("", "-")]),
       limit=st.integers(1, 60))
def test_pages_hold_what_the_plain_way_finds_in_its_order(
    index: RiskIndex, wanted: Condition, sort: str, limit: int,
) -> None:
    expected = [row for row in ROWS if plainly(row, wanted)]
    found: list[str] = []
    after: int | None = None
    while True:
        page = index.page(wanted, sort, after, limit)
        assert page.total == len(expected)
        found += index.entities(page.rows)
        after = page.next_place
        if after is None:
            break
        assert len(page.rows) == limit
    assert sorted(found) == sorted(row.entity for row in expected)
    values = {row.entity: getattr(row, sort.removeprefix("-")) for row in ROWS}
    shown = [values[entity] for entity in found]
    known = [value for value in shown if value is not None]
    assert shown == [*known, *[None] * (len(shown) - len(known))]
    assert known == sorted(known, reverse=sort.startswith("-"))


def test_counts_and_values_are_those_of_matching_rows(index: RiskIndex) -> None:
    wanted = Condition(owner=("王芳",))
    mine = [row for row in ROWS if row.owner == "王芳"]
    mask = index.mask(wanted)
    assert index.counts(mask, "risk_level") == {
        level: sum(row.risk_level == level for row in mine) for level in LEVELS}
    assert index.values("region", "王芳") == sorted({row.region for row in mine if row.region})
    assert index.values("owner") == ["李强", "王芳"]
    stake = sum(row.value_at_risk or 0 for row in mine if row.risk_level == "high")
    assert index.at_stake(mask) == (stake, "CNY")


def test_a_run_without_rows_is_empty() -> None:
    empty = RiskIndex(RUN, None)
    assert len(empty) == 0
    assert empty.page(Condition(owner=("王芳",)), "-probability", None, 10).total == 0
    assert empty.values("owner") == []
    assert empty.at_stake(empty.mask(Condition())) == (0.0, None)
