"""A store of the first schema is brought up to date with everything in it."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from fenzhen.errors import StoreError
from fenzhen.store import AlertDay, AlertFilter, LedgerEntry, ModeChange, Store, open_store, schema
from fenzhen.store.engine import make_engine, parse_url, sqlite_file, transaction
from fenzhen.store.schema import VERSION_TABLE

NOW = datetime(2026, 11, 21, tzinfo=UTC)
BEFORE = "at, actor, action, model, to_version, reason"


def made_until(store_url: str, revision: str, *statements: str) -> str:
    """Make a store as a revision left it, then run the statements; return its address."""
    path = sqlite_file(parse_url(store_url))
    if path is not None:
        path.parent.mkdir()
    engine = make_engine(parse_url(store_url), 10)
    scripts = schema._scripts()
    with transaction(engine, writing=True) as connection:
        from alembic.operations import Operations
        from alembic.runtime.migration import MigrationContext

        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        with Operations.context(context):
            for script in reversed(list(scripts.iterate_revisions(revision, "base"))):
                script.module.upgrade()
        context.stamp(scripts, revision)
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()
    return store_url


@pytest.fixture
def first_schema(store_url: str) -> str:
    """A store as version 0001 left it, with two entries."""
    return made_until(store_url, "0001", *(
        f"INSERT INTO ledger ({BEFORE}) VALUES ('2026-11-21T00:00:00+00:00', '王工', 'promote', 'm', {version}, '首次')"
        for version in (1, 2)))


def test_alerts_of_before_are_kept_and_may_then_be_ended_by_a_record(store_url: str) -> None:
    columns = ("alert_id, open_key, model, version, device_id, component, state, opened_at, last_at, last_high_at, "
               "probability, peak, horizon_days, details")
    day = "'2026-11-21T00:00:00+00:00'"
    made_until(store_url, "0005", *(
        f"INSERT INTO device_alerts ({columns}) VALUES ('{name}', '{name}', 'm', 1, '{name}', 'fan', 'open', {day}, "
        f"{day}, {day}, 0.5, 0.5, 7, '{{}}')" for name in ("A1", "A2")))
    with open_store(store_url) as store:
        assert store.write_alert_day(AlertDay("m", NOW, 1, ended={"A1": ("failed", NOW)}))
        found = {each.alert_id: (each.state, each.outcome, each.opened_at) for each in store.alerts(AlertFilter())}
        assert found == {"A1": ("failed", "confirmed", NOW), "A2": ("open", None, NOW)}
        with pytest.raises(StoreError), store.writing() as connection:
            connection.execute(text("UPDATE device_alerts SET state = 'asleep'"))
        with pytest.raises(StoreError), store.writing() as connection:
            connection.execute(text("UPDATE device_alerts SET open_key = 'same'"))


def test_the_ledger_keeps_its_entries_order_and_protection(first_schema: str) -> None:
    with open_store(first_schema) as store:
        assert store.ledger("m") == [
            LedgerEntry(NOW, "王工", "promote", "m", None, version, "首次", None) for version in (1, 2)]
        with pytest.raises(StoreError, match="append-only"), store.writing() as connection:
            connection.execute(text("DELETE FROM ledger"))
        store.set_mode(ModeChange("category", "*", "off", "me", "", NOW))
        assert [entry.action for entry in store.ledger()] == ["promote", "promote", "mode"]


def test_actions_that_are_none_are_still_refused_by_the_database(store: Store) -> None:
    with pytest.raises(StoreError), store.writing() as connection:
        connection.execute(text(f"INSERT INTO ledger ({BEFORE}) VALUES "
                                "('2026-11-21T00:00:00+00:00', 'me', 'delete', 'm', 1, '')"))
