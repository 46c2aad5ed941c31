"""What people say about predictions: accepted, corrected or rejected; the last word of each person counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import Column, Index, Integer, Table, insert, select, update
from sqlalchemy.engine import Connection, Row

from fenzhen.errors import StoreError
from fenzhen.store.columns import METADATA, SERIAL, Key, Moment, Words
from fenzhen.store.predictions import FIELDS, PREDICTIONS

__all__ = ["FEEDBACK", "Feedback", "FeedbackOutcome", "FeedbackStatus", "StoredFeedback", "Verdict"]

NOT_YET_KNOWN = 0
"""Frees the place of the current word before the word that takes it has an id."""

Verdict = Literal["accepted", "corrected", "rejected"]
FeedbackStatus = Literal["recorded", "superseded", "repeated", "unknown_prediction", "unknown_ticket", "unknown_field",
                         "nothing_to_accept"]

FEEDBACK = Table(
    "feedback", METADATA,
    Column("id", SERIAL, primary_key=True, autoincrement=True),
    Column("prediction_id", Key, nullable=False),
    Column("ticket_id", Key),
    Column("field", Key, nullable=False),
    Column("actor", Key, nullable=False),
    Column("verdict", Words, nullable=False),
    Column("value", Words),
    Column("predicted", Words),
    Column("decision", Words),
    Column("model", Words),
    Column("version", Integer),
    Column("at", Moment, nullable=False),
    Column("request_id", Words, nullable=False),
    Column("key_id", Words, nullable=False),
    Column("superseded_by", SERIAL),
    Index("feedback_ticket", "ticket_id", "field"),
    Index("feedback_at", "at"),
)
CURRENT = Index(
    "feedback_current", FEEDBACK.c.prediction_id, FEEDBACK.c.field, FEEDBACK.c.actor, unique=True,
    sqlite_where=FEEDBACK.c.superseded_by.is_(None), postgresql_where=FEEDBACK.c.superseded_by.is_(None),
)


@dataclass(frozen=True, slots=True)
class Feedback:
    """A person's word on one field, by ``prediction_id``, or by ``ticket_id`` alone for its newest prediction."""

    field: str
    verdict: Verdict
    actor: str
    at: datetime
    value: str | None = None
    prediction_id: str | None = None
    ticket_id: str | None = None
    key_id: str = ""
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class FeedbackOutcome:
    """What became of it. Only ``recorded`` and ``superseded`` wrote something, ``repeated`` found it written already.

    ``superseded`` means: recorded, and an earlier word of the same person no longer counts.
    """

    status: FeedbackStatus
    feedback_id: int | None = None
    prediction_id: str | None = None
    ticket_id: str | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True)
class StoredFeedback:
    """Feedback as kept, with what had been predicted; ``superseded_by`` is the id of the later word, if any."""

    id: int
    prediction_id: str
    ticket_id: str | None
    field: str
    actor: str
    verdict: Verdict
    value: str | None
    predicted: str | None
    decision: str | None
    model: str | None
    version: int | None
    at: datetime
    superseded_by: int | None

    @property
    def current(self) -> bool:
        """Whether this is its actor's last word."""
        return self.superseded_by is None


def write_feedback(connection: Connection, rows: Sequence[Feedback]) -> list[FeedbackOutcome]:
    """Record feedback in order and say what became of each; what names nothing known is not written.

    Predictions are locked in the order of their ids, so that writers neither race nor wait for each other in a circle.
    """
    for row in rows:
        _check(row)
    targets = [row.prediction_id or _newest(connection, row) for row in rows]
    _lock(connection, sorted({target for target in targets if target}))
    return [_write(connection, row, target) for row, target in zip(rows, targets, strict=True)]


def feedback_of(connection: Connection, prediction_id: str) -> list[StoredFeedback]:
    """Return all feedback on a prediction, oldest first."""
    wanted = select(FEEDBACK).where(FEEDBACK.c.prediction_id == prediction_id).order_by(FEEDBACK.c.id)
    return [_stored(row) for row in connection.execute(wanted)]


def _check(row: Feedback) -> None:
    if row.verdict not in get_args(Verdict):
        raise StoreError(f"got the verdict {row.verdict!r}, expected one of {', '.join(get_args(Verdict))}")
    if row.verdict == "corrected" and row.value is None:
        raise StoreError(f"got a correction of {row.field!r} without a value")
    if row.prediction_id is None and row.ticket_id is None:
        raise StoreError("got feedback without prediction_id and ticket_id, expected one of them")


def _newest(connection: Connection, row: Feedback) -> str | None:
    """Return the newest prediction of the ticket that holds the field, else its newest one."""
    ids = select(PREDICTIONS.c.prediction_id).where(PREDICTIONS.c.ticket_id == row.ticket_id)
    with_field = ids.join(FIELDS, FIELDS.c.prediction_id == PREDICTIONS.c.prediction_id)
    for wanted in (with_field.where(FIELDS.c.field == row.field), ids):
        found = connection.execute(wanted.order_by(PREDICTIONS.c.seq.desc()).limit(1)).scalar()
        if found is not None:
            return str(found)
    return None


def _lock(connection: Connection, prediction_ids: Sequence[str]) -> None:
    """Lock predictions on PostgreSQL; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql" and prediction_ids:
        wanted = select(PREDICTIONS.c.seq).where(PREDICTIONS.c.prediction_id.in_(prediction_ids))
        connection.execute(wanted.order_by(PREDICTIONS.c.prediction_id).with_for_update(key_share=True)).all()


def _write(connection: Connection, row: Feedback, prediction_id: str | None) -> FeedbackOutcome:
    if prediction_id is None:
        return FeedbackOutcome("unknown_ticket", ticket_id=row.ticket_id)
    target = _target(connection, prediction_id, row.field)
    if target is None:
        return FeedbackOutcome("unknown_prediction", prediction_id=prediction_id, ticket_id=row.ticket_id)
    if target.field is None:
        return FeedbackOutcome("unknown_field", prediction_id=prediction_id, ticket_id=target.ticket_id)
    if row.verdict == "accepted" and target.value is None:
        return FeedbackOutcome("nothing_to_accept", prediction_id=prediction_id, ticket_id=target.ticket_id)
    return _add(connection, row, target)


def _add(connection: Connection, row: Feedback, target: Any) -> FeedbackOutcome:
    value = {"accepted": target.value, "corrected": row.value, "rejected": None}[row.verdict]
    earlier = _current(connection, target.prediction_id, row)
    named = (target.prediction_id, target.ticket_id, value)
    if earlier is not None and (earlier.verdict, earlier.value) == (row.verdict, value):
        return FeedbackOutcome("repeated", earlier.id, *named)
    if earlier is not None:
        _supersede(connection, earlier.id, NOT_YET_KNOWN)
    added = _insert(connection, row, target, value)
    if earlier is not None:
        _supersede(connection, earlier.id, added)
    return FeedbackOutcome("recorded" if earlier is None else "superseded", added, *named)


def _target(connection: Connection, prediction_id: str, field: str) -> Any:
    on = (FIELDS.c.prediction_id == PREDICTIONS.c.prediction_id) & (FIELDS.c.field == field)
    wanted = select(PREDICTIONS.c.prediction_id, PREDICTIONS.c.ticket_id, FIELDS.c.field, FIELDS.c.value,
                    FIELDS.c.decision, FIELDS.c.model, FIELDS.c.version).outerjoin(FIELDS, on)
    return connection.execute(wanted.where(PREDICTIONS.c.prediction_id == prediction_id)).first()


def _current(connection: Connection, prediction_id: str, row: Feedback) -> Any:
    columns = FEEDBACK.c
    return connection.execute(select(columns.id, columns.verdict, columns.value).where(
        columns.prediction_id == prediction_id, columns.field == row.field, columns.actor == row.actor,
        columns.superseded_by.is_(None))).first()


def _supersede(connection: Connection, earlier: int, by: int) -> None:
    connection.execute(update(FEEDBACK).where(FEEDBACK.c.id == earlier).values(superseded_by=by))


def _insert(connection: Connection, row: Feedback, target: Any, value: str | None) -> int:
    added = connection.execute(insert(FEEDBACK).values(
        prediction_id=target.prediction_id, ticket_id=target.ticket_id, field=row.field, actor=row.actor,
        verdict=row.verdict, value=value, predicted=target.value, decision=target.decision, model=target.model,
        version=target.version, at=row.at, request_id=row.request_id, key_id=row.key_id))
    return int(added.inserted_primary_key[0])  # type: ignore[index]


def _stored(row: Row[Any]) -> StoredFeedback:
    return StoredFeedback(**{name: getattr(row, name) for name in StoredFeedback.__slots__})
