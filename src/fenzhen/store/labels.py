"""What people have confirmed, and what was only applied: from predictions and feedback to labels."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.engine import Connection

from fenzhen.store.feedback import FEEDBACK, Verdict
from fenzhen.store.predictions import FIELDS, PREDICTIONS

__all__ = ["AppliedValue", "LastWord"]


@dataclass(frozen=True, slots=True)
class LastWord:
    """The newest feedback on a ticket's field; ``value`` is None for a rejection.

    ``subject`` and ``body`` are None unless text is kept; ``predicted_at`` is None if the prediction has been purged.
    """

    ticket_id: str
    verdict: Verdict
    value: str | None
    predicted: str | None
    actor: str
    at: datetime
    predicted_at: datetime | None
    subject: str | None
    body: str | None


@dataclass(frozen=True, slots=True)
class AppliedValue:
    """A value that was applied automatically and that nobody has touched: no confirmed label."""

    ticket_id: str
    value: str
    at: datetime


def last_words(connection: Connection, field: str, before: datetime) -> list[LastWord]:
    """Return the newest feedback on ``field`` given strictly before a moment, one a ticket, in order of ticket ids."""
    newest = _spoken(field, before).subquery()
    wanted = (
        select(FEEDBACK, PREDICTIONS.c.at.label("predicted_at"), PREDICTIONS.c.subject, PREDICTIONS.c.body)
        .join(newest, newest.c.id == FEEDBACK.c.id)
        .outerjoin(PREDICTIONS, PREDICTIONS.c.prediction_id == FEEDBACK.c.prediction_id)
        .order_by(FEEDBACK.c.ticket_id)
    )
    return [LastWord(**{name: getattr(row, name) for name in LastWord.__slots__}) for row in connection.execute(wanted)]


def applied_values(connection: Connection, field: str, before: datetime) -> list[AppliedValue]:
    """Return what the newest prediction of each ticket applied before a moment without anybody's word till then."""
    on = FIELDS.c.prediction_id == PREDICTIONS.c.prediction_id
    mine = (FIELDS.c.field == field, PREDICTIONS.c.at < before, PREDICTIONS.c.ticket_id.is_not(None))
    newest = (select(func.max(PREDICTIONS.c.seq).label("seq")).join(FIELDS, on).where(*mine)
              .group_by(PREDICTIONS.c.ticket_id).subquery())
    spoken = _spoken(field, before).subquery()
    wanted = (
        select(PREDICTIONS.c.ticket_id, FIELDS.c.value, PREDICTIONS.c.at)
        .join(newest, newest.c.seq == PREDICTIONS.c.seq).join(FIELDS, on & (FIELDS.c.field == field))
        .outerjoin(spoken, spoken.c.ticket_id == PREDICTIONS.c.ticket_id)
        .where(FIELDS.c.decision == "auto", FIELDS.c.value.is_not(None), spoken.c.id.is_(None))
        .order_by(PREDICTIONS.c.ticket_id)
    )
    return [AppliedValue(row.ticket_id, row.value, row.at) for row in connection.execute(wanted)]


def _spoken(field: str, before: datetime) -> Select[Any]:
    """Return tickets and the id of the newest feedback on them before a moment."""
    return (
        select(FEEDBACK.c.ticket_id, func.max(FEEDBACK.c.id).label("id"))
        .where(FEEDBACK.c.field == field, FEEDBACK.c.at < before, FEEDBACK.c.ticket_id.is_not(None))
        .group_by(FEEDBACK.c.ticket_id)
    )
