"""The store's schema is brought up to date when it is opened, by one process at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text
from sqlalchemy.engine import Engine

from fenzhen.errors import StoreError
from fenzhen.store.engine import keep_write_ahead_log, sqlite_file, transaction
from fenzhen.store.failures import shown
from fenzhen.store.views import create_views, drop_views

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory

HEAD = "0006"
VERSION_TABLE = "fenzhen_schema"
MIGRATIONS = Path(__file__).parent / "migrations"

_ADVISORY_LOCK = 0x66656E7A68656E  # "fenzhen"


def upgrade(engine: Engine, timeout_seconds: float) -> None:
    """Apply the migrations that are missing; a schema newer than this program raises :class:`StoreError`."""
    with transaction(engine, writing=False) as connection:
        current = _revision(connection)
    if current == HEAD:
        return
    _require_known(engine, current)
    with _alone(engine, timeout_seconds), transaction(engine, writing=True) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        _migrate(connection)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()


def _require_known(engine: Engine, current: str | None) -> None:
    known = [script.revision for script in _scripts().walk_revisions()]
    if current is not None and current not in known:
        raise StoreError(
            f"the store {shown(engine.url)} has schema {current}, this Fenzhen knows up to {HEAD}: "
            "a newer one has opened it; install that version"
        )


def _scripts() -> "ScriptDirectory":
    from alembic.script import ScriptDirectory

    return ScriptDirectory(str(MIGRATIONS))


def _migrate(connection: Connection) -> None:
    """Run the scripts above the current revision inside the connection's transaction.

    Views are made anew from this program's definitions; changing one takes a migration, if an empty one.
    """
    from alembic.operations import Operations
    from alembic.runtime.migration import MigrationContext

    scripts = _scripts()
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    current = context.get_current_revision()
    drop_views(connection)
    with Operations.context(context):
        for script in reversed(list(scripts.iterate_revisions("head", current or "base"))):
            script.module.upgrade()
    create_views(connection)
    context.stamp(scripts, "head")


@contextmanager
def _alone(engine: Engine, timeout_seconds: float) -> Iterator[None]:
    """Exclude other processes from migrating a SQLite file; PostgreSQL has its advisory lock."""
    path = sqlite_file(engine.url)
    if path is None:
        yield
        return
    from filelock import FileLock, Timeout

    try:
        with FileLock(f"{path}.lock", timeout=timeout_seconds):
            keep_write_ahead_log(engine, timeout_seconds)
            yield
    except Timeout as error:
        raise StoreError(f"another process has been preparing the store {path} for {timeout_seconds:g} s") from error
