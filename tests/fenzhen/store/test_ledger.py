"""The ledger on SQLite and PostgreSQL: in order, in UTC, and only ever added to."""

import dataclasses
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import text

from fenzhen.errors import StoreError
from fenzhen.store import LedgerEntry, Store

NOON = datetime(2026, 11, 21, 12, 0, 0, 123456, tzinfo=UTC)
ENTRY = LedgerEntry(NOON, "王工", "promote", "ticket_category", None, 16, "首次上线", "a" * 64)


def test_entries_come_back_as_recorded(store: Store) -> None:
    later = LedgerEntry(NOON + timedelta(hours=1), "mlflow", "retire", "ticket_category", 16, None, "", None)
    store.record(ENTRY)
    store.record(later)
    assert store.ledger() == [ENTRY, later]


def test_models_are_told_apart(store: Store) -> None:
    other = dataclasses.replace(ENTRY, model="ticket_sentiment")
    store.record(ENTRY)
    store.record(other)
    assert store.ledger("ticket_sentiment") == [other]
    assert store.ledger("nobody") == []


def test_a_moment_in_another_zone_is_the_same_moment(store: Store) -> None:
    shanghai = timezone(timedelta(hours=8))
    store.record(dataclasses.replace(ENTRY, at=NOON.astimezone(shanghai)))
    assert store.ledger()[0].at == NOON
    assert store.ledger()[0].at.utcoffset() == timedelta(0)


def test_an_entry_decides_from_its_own_moment_on(store: Store) -> None:
    second = dataclasses.replace(ENTRY, at=NOON + timedelta(hours=1), from_version=16, to_version=17)
    store.record(ENTRY)
    store.record(second)
    just_before = second.at - timedelta(microseconds=1)
    assert store.champion_at("ticket_category", NOON - timedelta(microseconds=1)) is None
    assert store.champion_at("ticket_category", NOON) == ENTRY
    assert store.champion_at("ticket_category", just_before) == ENTRY
    assert store.champion_at("ticket_category", second.at.astimezone(timezone(timedelta(hours=-5)))) == second


def test_of_two_entries_at_one_moment_the_last_added_decides(store: Store) -> None:
    second = dataclasses.replace(ENTRY, from_version=16, to_version=17)
    store.record(ENTRY)
    store.record(second)
    assert store.champion_at("ticket_category", NOON) == second


@pytest.mark.parametrize("statement", [
    "UPDATE ledger SET actor = 'somebody else'",
    "DELETE FROM ledger",
])
def test_entries_are_neither_changed_nor_deleted(store: Store, statement: str) -> None:
    store.record(ENTRY)
    with pytest.raises(StoreError, match="append-only"), store.writing() as connection:
        connection.execute(text(statement))
    assert store.ledger() == [ENTRY]


def test_entries_are_not_replaced_or_truncated(store: Store) -> None:
    store.record(ENTRY)
    with store.reading() as connection:
        sqlite = connection.dialect.name == "sqlite"
    statement = "REPLACE INTO ledger SELECT * FROM ledger" if sqlite else "TRUNCATE ledger"
    with pytest.raises(StoreError, match="append-only"), store.writing() as connection:
        connection.execute(text(statement))
    assert store.ledger() == [ENTRY]


def test_an_unknown_action_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="'delete', expected one of promote"):
        store.record(dataclasses.replace(ENTRY, action="delete"))  # type: ignore[arg-type]


def test_a_moment_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="without a time zone"):
        store.record(dataclasses.replace(ENTRY, at=datetime(2026, 11, 21)))
