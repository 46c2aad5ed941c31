"""A store of the first schema is brought up to date with everything in it."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from fenzhen.errors import StoreError
from fenzhen.store import LedgerEntry, ModeChange, Store, open_store, schema
from fenzhen.store.engine import make_engine, parse_url, sqlite_file, transaction
from fenzhen.store.schema import VERSION_TABLE

NOW = datetime(2026, 11, 21, tzinfo=UTC)
BEFORE = "at, actor, action, model, to_version, reason"


@pytest.fixture
def first_schema(store_url: str) -> str:
    """A store as version 0001 left it, with two entries."""
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
            scripts.get_revision("0001").module.upgrade()
        context.stamp(scripts, "0001")
        for version in (1, 2):
            connection.execute(text(f"INSERT INTO ledger ({BEFORE}) VALUES "
                                    f"('2026-11-21T00:00:00+00:00', '王工', 'promote', 'm', {version}, '首次')"))
    engine.dispose()
    return store_url


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
