"""``POST /v1/feedback``: what people say about predictions."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import Response
from ulid import ULID

from fenzhen.store import Feedback as StoredFeedback
from fenzhen.store import FeedbackOutcome, Unit
from serving.body import check_media_type, invalid, read_model
from serving.calls import Call, call_of
from serving.catalogue import field_values
from serving.champions import Snapshot
from serving.guard import REQUEST_ID
from serving.idempotency import recorded_once
from serving.metrics import counted
from serving.problems import FieldError, ProblemError
from serving.schemas import Feedback
from serving.worker import Worker

TRIES = 6
TRY_SECONDS = 0.1
FRESH = timedelta(seconds=10)
"""A prediction this young may still wait to be written by another worker."""


class FeedbackAnswer(BaseModel):
    """What became of the feedback. 反馈处理结果。"""

    status: Annotated[
        Literal["recorded", "superseded", "repeated"],
        Field(description="recorded 已记录 | superseded 已记录并取代此人之前的反馈 | repeated 与之前相同"),
    ]
    feedback_id: int | None
    prediction_id: str | None
    ticket_id: str | None
    field: str
    value: Annotated[str | None, Field(description="What now counts as right, null when rejected. 确认的取值。")]


class _UnknownError(ProblemError):
    """Nothing is known (yet) that the feedback could be about."""

    def __init__(self, detail: str) -> None:
        super().__init__(404, detail)


def feedback_router(worker: Callable[[], Worker]) -> APIRouter:
    """Return the route; what it acknowledges is committed."""
    router = APIRouter()

    @router.post("/feedback")
    async def feedback(request: Request) -> Response:
        check_media_type(request.headers)
        told = read_model(await request.body(), Feedback)
        check_value(worker().snapshot, told)
        row = _row(told, call_of(request.scope, request.scope[REQUEST_ID]))

        def work(unit: Unit) -> FeedbackAnswer:
            return _answer(row, unit.write_feedback([row])[0])

        for _ in range(TRIES - 1 if _may_appear(told) else 0):
            try:
                return await recorded_once(worker().writer, request, work)
            except _UnknownError:
                await asyncio.sleep(TRY_SECONDS)
        return await recorded_once(worker().writer, request, work)

    return router


def check_value(snapshot: Snapshot, told: Feedback) -> None:
    """Raise a 422 if the right value is none of the field's, as ``/v1/taxonomy`` lists them (if it lists any)."""
    allowed = {each.value for each in field_values(snapshot, told.field).values if each.active}
    if told.value is not None and allowed and told.value not in allowed:
        message = f"expected an active value of the field {told.field!r}, see /v1/taxonomy"
        raise invalid([FieldError("$.value", "unknown_value", message)])


def _may_appear(told: Feedback) -> bool:
    """Return whether the prediction may be too young to be in the store; its id tells its age."""
    if told.prediction_id is None:
        return True
    try:
        made = ULID.from_str(told.prediction_id).datetime
    except ValueError:
        return False
    return abs(datetime.now(UTC) - made) < FRESH


def _row(told: Feedback, call: Call) -> StoredFeedback:
    return StoredFeedback(
        field=told.field, verdict=told.verdict, actor=told.actor or f"key:{call.key_id}", at=datetime.now(UTC),
        value=told.value, prediction_id=told.prediction_id, ticket_id=told.ticket_id, key_id=call.key_id,
        request_id=call.request_id,
    )


def _answer(row: StoredFeedback, outcome: FeedbackOutcome) -> FeedbackAnswer:
    """Return the answer to what was written; a problem where nothing was."""
    if outcome.status == "unknown_prediction":
        raise _UnknownError("There is no prediction of this id.")
    if outcome.status == "unknown_ticket":
        raise _UnknownError("There is no prediction for a ticket of this id.")
    if outcome.status == "unknown_field":
        raise ProblemError(404, "The prediction does not have this field.")
    if outcome.status == "nothing_to_accept":
        message = "the prediction abstained, there is nothing to accept; expected corrected or rejected"
        raise invalid([FieldError("$.verdict", "nothing_to_accept", message)])
    if outcome.status != "repeated":
        counted().taken("feedback", row.verdict)
    return FeedbackAnswer(
        status=outcome.status, feedback_id=outcome.feedback_id, prediction_id=outcome.prediction_id,
        ticket_id=outcome.ticket_id, field=row.field, value=outcome.value,
    )
