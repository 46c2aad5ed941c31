"""The store as one object: opened with its schema up to date, asked by concept."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime

from sqlalchemy.engine import URL, Connection, Engine

from fenzhen.errors import StoreError
from fenzhen.store import (
    assignees,
    feedback,
    idempotency,
    labels,
    ledger,
    modes,
    predictions,
    retention,
    revisions,
    ticket_events,
)
from fenzhen.store.alert_store import AlertStore
from fenzhen.store.assignees import AssigneeState
from fenzhen.store.engine import make_engine, parse_url, sqlite_file, transaction
from fenzhen.store.failures import shown
from fenzhen.store.feedback import Feedback, FeedbackOutcome, StoredFeedback
from fenzhen.store.idempotency import Claim, Turn
from fenzhen.store.key_store import KeyStore
from fenzhen.store.labels import AppliedValue, LastWord
from fenzhen.store.ledger import LedgerEntry
from fenzhen.store.modes import ModeChange, Modes
from fenzhen.store.predictions import Prediction, StoredPrediction
from fenzhen.store.retention import Purged
from fenzhen.store.revisions import Revisions
from fenzhen.store.risk_store import RiskStore
from fenzhen.store.schema import upgrade
from fenzhen.store.ticket_events import TicketEvent
from fenzhen.store.unit import Unit


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


def look_into(url: str, *, lock_timeout_seconds: float = 5) -> "Store | None":
    """Open the store as it is, to read from: nothing is created or migrated. None for a SQLite file that is not there.

    Reading from a store of another schema raises :class:`StoreError`, as does one that does not answer.
    """
    parsed = parse_url(url)
    path = sqlite_file(parsed)
    return None if path is not None and not path.is_file() else Store(make_engine(parsed, lock_timeout_seconds))


def _make_folder(url: URL) -> None:
    path = sqlite_file(url)
    try:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"cannot create the folder of the store {path}: {error.strerror}") from error


class Store(RiskStore, AlertStore, KeyStore):
    """The service database; a context manager that closes its connections.

    Every call raises :class:`StoreError` in bounded time if the database cannot do it, :class:`StoreBusy` if it may
    be able to later. What a call has written when it returns survives kill -9 and a power cut. May be used by several
    threads at once; each process opens its own.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @property
    def address(self) -> str:
        """The address of the database, without a password."""
        return shown(self._engine.url)

    @contextmanager
    def unit(self) -> Iterator[Unit]:
        """Lend a :class:`Unit`: all its writes are committed together when the block ends, none if it raises."""
        with self.writing() as connection:
            yield Unit(connection)

    def write_predictions(self, rows: Sequence[Prediction]) -> None:
        """Add predictions in one transaction."""
        with self.unit() as unit:
            unit.write_predictions(rows)

    def write_events(self, events: Sequence[TicketEvent]) -> list[bool]:
        """Add ticket events in one transaction; for each, in order, whether it was new."""
        with self.unit() as unit:
            return unit.write_events(events)

    def write_feedback(self, rows: Sequence[Feedback]) -> list[FeedbackOutcome]:
        """Record feedback in one transaction; for each, in order, what became of it."""
        with self.unit() as unit:
            return unit.write_feedback(rows)

    def prediction(self, prediction_id: str) -> StoredPrediction | None:
        """Return a prediction by its id."""
        with self.reading() as connection:
            return predictions.prediction(connection, prediction_id)

    def newest_prediction(self, ticket_id: str, field: str | None = None) -> StoredPrediction | None:
        """Return the prediction written last for a ticket, of those that hold ``field`` if it is given."""
        with self.reading() as connection:
            return predictions.newest_prediction(connection, ticket_id, field)

    def feedback_of(self, prediction_id: str) -> list[StoredFeedback]:
        """Return all feedback on a prediction, oldest first."""
        with self.reading() as connection:
            return feedback.feedback_of(connection, prediction_id)

    def events_of(self, ticket_id: str) -> list[TicketEvent]:
        """Return a ticket's events by time."""
        with self.reading() as connection:
            return ticket_events.events_of(connection, ticket_id)

    def events_after(self, seq: int, limit: int) -> Sequence[tuple[int, TicketEvent]]:
        """Return at most ``limit`` events with a higher number, each with its number, in order of these."""
        with self.reading() as connection:
            return ticket_events.events_after(connection, seq, limit)

    def events_numbered(self, numbers: Sequence[int]) -> Sequence[tuple[int, TicketEvent]]:
        """Return those events whose numbers are among a few hundred, each with its number, in order of these."""
        with self.reading() as connection:
            return ticket_events.events_numbered(connection, numbers)

    def number_before_newest(self, count: int) -> int:
        """Return the number after which at most ``count`` events were written; 0 where there are no more."""
        with self.reading() as connection:
            return ticket_events.number_before_newest(connection, count)

    def event_count(self) -> int:
        """Return how many events of tickets there are."""
        with self.reading() as connection:
            return ticket_events.count(connection)

    def last_words(self, field: str, before: datetime) -> list[LastWord]:
        """Return the newest feedback on ``field`` given strictly before a moment, one a ticket."""
        with self.reading() as connection:
            return labels.last_words(connection, field, before)

    def applied_values(self, field: str, before: datetime) -> list[AppliedValue]:
        """Return what had been applied automatically before a moment and touched by nobody."""
        with self.reading() as connection:
            return labels.applied_values(connection, field, before)

    def begin(self, key_id: str, idempotency_key: str, body_hmac: str, lease_seconds: float = 30) -> Turn:
        """Take the turn of an idempotent request; what was answered or is under way is found without writing."""
        claim, now = Claim(key_id, idempotency_key, body_hmac, lease_seconds), datetime.now(UTC)
        with self.reading() as connection:
            turn = idempotency.look(connection, claim, now)
        if turn is not None:
            return turn
        with self.writing() as connection:
            return idempotency.begin(connection, claim, now)

    def release(self, lease: str) -> None:
        """Give a turn back, so that the next request with its key runs."""
        with self.unit() as unit:
            unit.release(lease)

    def revisions(self) -> Revisions:
        """Return how often modes, keys and assignees have changed: one read, cheap enough for every second."""
        with self.reading() as connection:
            return revisions.revisions(connection)

    def modes(self) -> Modes:
        """Return what is set of modes."""
        with self.reading() as connection:
            return modes.modes(connection)

    def assignees(self) -> Sequence[AssigneeState]:
        """Return what has been told of the people who take tickets."""
        with self.reading() as connection:
            return assignees.assignees(connection)

    def set_mode(self, change: ModeChange) -> None:
        """Change a mode, in the ledger too."""
        with self.unit() as unit:
            unit.set_mode(change)

    def record(self, entry: LedgerEntry) -> None:
        """Append an entry to the ledger."""
        with self.unit() as unit:
            unit.record(entry)

    def ledger(self, model: str | None = None) -> list[LedgerEntry]:
        """Return the ledger of ``model``, or of all models, oldest entry first."""
        with self.reading() as connection:
            return ledger.entries(connection, model)

    def champion_at(self, model: str, moment: datetime) -> LedgerEntry | None:
        """Return the entry whose ``to_version`` decided at ``moment``; an entry counts from its own moment on."""
        with self.reading() as connection:
            return ledger.champion_at(connection, model, moment)

    def purge(self, predictions_before: datetime | None = None) -> Purged:
        """Delete answers and sessions that have expired and, if asked, predictions made before a moment.

        Many small transactions: killed midway, what is left goes next time. Feedback and events are kept.
        """
        now, before = datetime.now(UTC), predictions_before
        return Purged(
            0 if before is None else self._all(lambda each: retention.some_predictions(each, before)),
            self._all(lambda each: retention.some_idempotency(each, now)),
            self._all(lambda each: retention.some_sessions(each, now)),
        )

    def _all(self, some: Callable[[Connection], int]) -> int:
        total, deleted = 0, retention.CHUNK
        while deleted == retention.CHUNK:
            with self.writing() as connection:
                deleted = some(connection)
            total += deleted
        return total

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
