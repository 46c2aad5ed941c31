"""``POST /v1/events``: what happens to tickets, one event or many; each fact is kept once however often it is told."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, ValidationError
from starlette.responses import Response

from fenzhen.known import FUTURE
from fenzhen.store import TicketEvent, Unit
from serving.body import check_media_type, field_error, invalid, read_json
from serving.calls import Call, call_of
from serving.guard import REQUEST_ID
from serving.idempotency import recorded_once
from serving.metrics import counted
from serving.problems import MOST_ERRORS, FieldError
from serving.schemas import EVENTS_LIMIT, Event
from serving.worker import Worker


class EventStatus(BaseModel):
    """What became of an event. 事件处理结果。"""

    status: Literal["recorded", "repeated"]


class EventsAnswer(BaseModel):
    """What became of the events, in their order. 事件接收结果。"""

    recorded: Annotated[int, Field(description="Events that were new. 新记录的条数。")]
    repeated: Annotated[int, Field(description="Events that were known already. 已有的条数。")]
    events: list[EventStatus]


def events_router(worker: Callable[[], Worker]) -> APIRouter:
    """Return the route; what it acknowledges is committed."""
    router = APIRouter()

    @router.post("/events")
    async def events(request: Request) -> Response:
        check_media_type(request.headers)
        call = call_of(request.scope, request.scope[REQUEST_ID])
        told = [_ticket_event(each, call) for each in read_events(await request.body(), datetime.now(UTC))]

        def work(unit: Unit) -> EventsAnswer:
            return _counted(unit.write_events(told), told)

        return await recorded_once(worker().writer, request, work)

    return router


def read_events(raw: bytes, now: datetime) -> list[Event]:
    """Return the events of a body that holds one or a list; a 422 names every one that is wrong."""
    value = read_json(raw)
    listed = isinstance(value, list)
    items: Sequence[Any] = value if isinstance(value, list) else [value]
    if not 1 <= len(items) <= EVENTS_LIMIT:
        raise invalid([FieldError("$", "length", f"expected 1 to {EVENTS_LIMIT:,} events, got {len(items):,}")])
    found: list[Event] = []
    errors: list[FieldError] = []
    for index, item in enumerate(items):
        below = (index,) if listed else ()
        try:
            event = Event.model_validate(item)
        except ValidationError as error:
            errors += [field_error(each, below) for each in error.errors(include_url=False, include_input=False)]
            continue
        found.append(event)
        if event.at > now + FUTURE:
            errors.append(field_error({"loc": ("at",), "type": "future", "msg": "expected a time that is past"}, below))
    if errors:
        raise invalid(errors[:MOST_ERRORS])
    return found


def _ticket_event(event: Event, call: Call) -> TicketEvent:
    values: dict[str, Any] = {**event.values, "group": event.group, "assignee_id": event.assignee_id}
    return TicketEvent(
        event.ticket_id, event.event, event.at, _given(values), event.event_id, key_id=call.key_id,
        request_id=call.request_id,
    )


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _counted(new: Sequence[bool], told: Sequence[TicketEvent]) -> EventsAnswer:
    for is_new, event in zip(new, told, strict=True):
        if is_new:
            counted().taken("events", event.event)
    statuses = [EventStatus(status="recorded" if is_new else "repeated") for is_new in new]
    return EventsAnswer(recorded=sum(new), repeated=len(new) - sum(new), events=statuses)
