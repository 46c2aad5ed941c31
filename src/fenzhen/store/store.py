"""The store as one object: opened with its schema up to date, asked by concept."""

from contextlib import AbstractContextManager
from datetime import datetime

from sqlalchemy.engine import URL, Connection, Engine

from fenzhen.errors import StoreError
from fenzhen.store import ledger
from fenzhen.store.engine import make_engine, parse_url, sqlite_file, transaction
from fenzhen.store.ledger import LedgerEntry
from fenzhen.store.schema import upgrade


def open_store(url: str, *, lock_timeout_seconds: float = 30) -> "Store":
    """Open the store at ``url`` (``sqlite:////path`` or ``postgresql://…``), created and migrated as needed.

    Raises :class:`StoreError` if it is locked, unreachable, read-only without a schema, or newer
    than this program, within about ``lock_timeout_seconds``.
    """
    parsed = parse_url(url)
    _make_folder(parsed)
    engine = make_engine(parsed, lock_timeout_seconds)
    try:
        upgrade(engine, lock_timeout_seconds)
    except BaseException:
        engine.dispose()
        raise
    return Store(engine)


def _make_folder(url: URL) -> None:
    path = sqlite_file(url)
    try:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"cannot create the folder of the store {path}: {error.strerror}") from error


class Store:
    """The service database; a context manager that closes its connections."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def record(self, entry: LedgerEntry) -> None:
        """Append an entry to the ledger."""
        with self.writing() as connection:
            ledger.record(connection, entry)

    def ledger(self, model: str | None = None) -> list[LedgerEntry]:
        """Return the ledger of ``model``, or of all models, oldest entry first."""
        with self.reading() as connection:
            return ledger.entries(connection, model)

    def champion_at(self, model: str, moment: datetime) -> LedgerEntry | None:
        """Return the entry whose ``to_version`` decided at ``moment``; an entry counts from its own moment on."""
        with self.reading() as connection:
            return ledger.champion_at(connection, model, moment)

    def reading(self) -> AbstractContextManager[Connection]:
        """Lend a connection for a transaction that only reads."""
        return transaction(self._engine, writing=False)

    def writing(self) -> AbstractContextManager[Connection]:
        """Lend a connection for a transaction that writes; it waits its turn."""
        return transaction(self._engine, writing=True)

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
