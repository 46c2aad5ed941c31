"""Everything that is written together: one transaction, kept whole or not at all."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.engine import Connection

from fenzhen.store import (
    alert_writing,
    assignees,
    feedback,
    idempotency,
    ledger,
    modes,
    outcomes,
    predictions,
    ticket_events,
)
from fenzhen.store.assignees import AssigneeChange, AssigneeState
from fenzhen.store.feedback import Feedback, FeedbackOutcome
from fenzhen.store.idempotency import Claim, Turn
from fenzhen.store.ledger import LedgerEntry
from fenzhen.store.modes import ModeChange
from fenzhen.store.outcomes import Outcome
from fenzhen.store.predictions import Prediction
from fenzhen.store.ticket_events import TicketEvent

__all__ = ["Unit"]


class Unit:
    """The writes of one transaction; it is lent by :meth:`fenzhen.store.Store.unit`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def write_predictions(self, rows: Sequence[Prediction]) -> None:
        """Add predictions, hundreds at a time if need be; those whose id is known are left as they are."""
        predictions.write_predictions(self._connection, rows)

    def write_events(self, events: Sequence[TicketEvent]) -> list[bool]:
        """Add ticket events; for each, in order, whether it was new."""
        return ticket_events.write_events(self._connection, events, datetime.now(UTC))

    def write_feedback(self, rows: Sequence[Feedback]) -> list[FeedbackOutcome]:
        """Record feedback; for each, in order, what became of it."""
        return feedback.write_feedback(self._connection, rows)

    def write_outcome(self, said: Outcome) -> int:
        """Record what became of an entity; return the id of the record."""
        return outcomes.write_outcome(self._connection, said)

    def close_alert(self, alert_id: str, outcome: str, at: datetime, *, note: str | None = None,
                    actor: str | None = None) -> bool:
        """Close an alert; False if it is closed already or there is none."""
        return alert_writing.close(self._connection, alert_id, outcome, at, note=note, actor=actor)

    def begin(self, key_id: str, idempotency_key: str, body_hmac: str, lease_seconds: float = 30) -> Turn:
        """Take the turn of a request whose whole work happens in this unit."""
        claim = Claim(key_id, idempotency_key, body_hmac, lease_seconds)
        return idempotency.begin(self._connection, claim, datetime.now(UTC))

    def finish(self, lease: str, status: int, answer: bytes) -> bool:
        """Keep the answer of an idempotent request; False if another took over: then undo this unit."""
        return idempotency.finish(self._connection, lease, status, answer)

    def release(self, lease: str) -> None:
        """Give a turn back, so that the next request with its key runs."""
        idempotency.release(self._connection, lease)

    def set_mode(self, change: ModeChange) -> None:
        """Change a mode, in the ledger too."""
        modes.set_mode(self._connection, change)

    def set_assignee(self, change: AssigneeChange) -> AssigneeState:
        """Change what holds for a person who takes tickets; return all that holds now."""
        return assignees.set_assignee(self._connection, change)

    def forget_assignee(self, assignee_id: str) -> bool:
        """Forget all that was told of a person; False if nothing was told."""
        return assignees.forget_assignee(self._connection, assignee_id)

    def record(self, entry: LedgerEntry) -> None:
        """Append an entry to the ledger."""
        ledger.record(self._connection, entry)

    def nested(self) -> AbstractContextManager[Any]:
        """Return a savepoint: what fails inside its block is undone alone."""
        return self._connection.begin_nested()
