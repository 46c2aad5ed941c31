"""Predictions as they were answered: values, confidences and decisions by field, spans instead of text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Double, Index, Integer, Table, select
from sqlalchemy.engine import Connection, Row

from fenzhen.store.columns import DOCUMENT, METADATA, SERIAL, Key, Moment, Words
from fenzhen.store.once import or_nothing

__all__ = ["FIELDS", "PREDICTIONS", "PredictedField", "Prediction", "StoredPrediction"]

PREDICTIONS = Table(
    "predictions", METADATA,
    Column("seq", SERIAL, primary_key=True, autoincrement=True),
    Column("prediction_id", Key, nullable=False, unique=True),
    Column("ticket_id", Key),
    Column("at", Moment, nullable=False),
    Column("request_id", Words, nullable=False),
    Column("key_id", Words, nullable=False),
    Column("subject", Words),
    Column("body", Words),
    Index("predictions_ticket", "ticket_id", "seq"),
    Index("predictions_at", "at"),
    sqlite_autoincrement=True,
)

FIELDS = Table(
    "prediction_fields", METADATA,
    Column("prediction_id", Key, primary_key=True),
    Column("field", Key, primary_key=True),
    Column("status", Words, nullable=False),
    Column("value", Words),
    Column("confidence", Double),
    Column("decision", Words),
    Column("model", Words),
    Column("version", Integer),
    Column("alternatives", DOCUMENT),
    Column("spans", DOCUMENT),
    sqlite_with_rowid=False,
)


@dataclass(frozen=True, slots=True)
class PredictedField:
    """One field's answer. ``model`` is ``name/version``; ``spans`` are reasons with positions and without text."""

    field: str
    status: str
    value: str | None = None
    confidence: float | None = None
    decision: str | None = None
    model: str | None = None
    alternatives: Sequence[tuple[str, float]] = ()
    spans: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Prediction:
    """One answer to one ticket; ``subject`` and ``body`` only where the workspace keeps text."""

    prediction_id: str
    ticket_id: str | None
    at: datetime
    fields: Sequence[PredictedField]
    request_id: str = ""
    key_id: str = ""
    subject: str | None = None
    body: str | None = None

    def field(self, name: str) -> PredictedField | None:
        """Return the answer of one field, None if it was not asked for."""
        return next((each for each in self.fields if each.field == name), None)


@dataclass(frozen=True, slots=True)
class StoredPrediction:
    """A prediction and its place in the order of writing."""

    seq: int
    prediction: Prediction


def write_predictions(connection: Connection, rows: Sequence[Prediction]) -> None:
    """Add predictions in two statements, however many they are; those whose id is known are left as they are."""
    if not rows:
        return
    added = or_nothing(connection, PREDICTIONS)
    connection.execute(added, [_prediction_row(row) for row in rows])
    fields = [_field_row(row.prediction_id, field) for row in rows for field in row.fields]
    if fields:
        connection.execute(or_nothing(connection, FIELDS), fields)


def prediction(connection: Connection, prediction_id: str) -> StoredPrediction | None:
    """Return a prediction by its id."""
    row = connection.execute(select(PREDICTIONS).where(PREDICTIONS.c.prediction_id == prediction_id)).first()
    return None if row is None else _stored(connection, row)


def newest_prediction(connection: Connection, ticket_id: str, field: str | None) -> StoredPrediction | None:
    """Return the prediction written last for a ticket, of those that hold ``field`` if it is given."""
    wanted = select(PREDICTIONS).where(PREDICTIONS.c.ticket_id == ticket_id)
    if field is not None:
        wanted = wanted.join(FIELDS, FIELDS.c.prediction_id == PREDICTIONS.c.prediction_id)
        wanted = wanted.where(FIELDS.c.field == field)
    row = connection.execute(wanted.order_by(PREDICTIONS.c.seq.desc()).limit(1)).first()
    return None if row is None else _stored(connection, row)


def _stored(connection: Connection, row: Row[Any]) -> StoredPrediction:
    found = connection.execute(select(FIELDS).where(FIELDS.c.prediction_id == row.prediction_id).order_by("field"))
    return StoredPrediction(row.seq, Prediction(
        row.prediction_id, row.ticket_id, row.at, tuple(_field(each) for each in found),
        row.request_id, row.key_id, row.subject, row.body,
    ))


def _field(row: Row[Any]) -> PredictedField:
    return PredictedField(
        row.field, row.status, row.value, row.confidence, row.decision, joined(row.model, row.version),
        tuple((value, confidence) for value, confidence in row.alternatives or ()), tuple(row.spans or ()),
    )


def parted(model: str | None) -> tuple[str | None, int | None]:
    """Return a model's name and its version.

    >>> parted("ticket_category/17"), parted("rules")
    (('ticket_category', 17), ('rules', None))
    """
    name, _, version = (model or "").rpartition("/")
    return (name, int(version)) if name and version.isdecimal() and len(version) < 10 else (model, None)


def joined(model: str | None, version: int | None) -> str | None:
    """Return what :func:`parted` took apart."""
    return model if version is None else f"{model}/{version}"


def _prediction_row(row: Prediction) -> dict[str, Any]:
    return {
        "prediction_id": row.prediction_id, "ticket_id": row.ticket_id, "at": row.at, "request_id": row.request_id,
        "key_id": row.key_id, "subject": row.subject, "body": row.body,
    }


def _field_row(prediction_id: str, row: PredictedField) -> dict[str, Any]:
    model, version = parted(row.model)
    return {
        "prediction_id": prediction_id, "field": row.field, "status": row.status, "value": row.value,
        "confidence": row.confidence, "decision": row.decision, "model": model, "version": version,
        "alternatives": [list(each) for each in row.alternatives] or None,
        "spans": [dict(each) for each in row.spans] or None,
    }
