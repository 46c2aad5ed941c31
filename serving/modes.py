"""``/v1/modes``: how far decisions go, by field and value, and the kill switch; every change is in the ledger."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from fenzhen.errors import StoreError
from fenzhen.store import ModeChange, Modes
from serving.body import check_media_type, invalid, read_model
from serving.catalogue import field_values
from serving.champions import Snapshot
from serving.keys import current_key
from serving.predictor import KNOWN_FIELDS
from serving.problems import FieldError, ProblemError
from serving.schemas import ModeRequest
from serving.worker import Worker

ALL = "*"
Mode = Literal["off", "suggest", "auto"]


class ModeEntry(BaseModel):
    """A mode that somebody set. 一项设置。"""

    field: Annotated[str, Field(description="A field, or * for all. 字段,* 为全部。")]
    value: Annotated[str, Field(description="A value of the field, or * for all. 取值,* 为全部。")]
    mode: Mode
    actor: Annotated[str, Field(description="Who set it. 操作人。")]
    reason: Annotated[str, Field(description="Why. 原因。")]
    at: datetime


class FieldMode(BaseModel):
    """What holds for a field that is served. 某字段当前生效的设置。"""

    field: str
    mode: Annotated[Mode, Field(description="For values without a setting of their own. 未单独设置的取值。")]
    values: Annotated[dict[str, Mode], Field(description="Values for which another mode holds. 另有设置的取值。")]


class ModesAnswer(BaseModel):
    """All that is set, and what follows from it. 自动化程度。"""

    revision: Annotated[int, Field(description="Grows with every change. 修订号。")]
    set: list[ModeEntry]
    fields: list[FieldMode]


def modes_router(worker: Callable[[], Worker]) -> APIRouter:
    """Return the routes; a change holds in all workers within seconds."""
    router = APIRouter()

    @router.get("/modes")
    async def modes() -> ModesAnswer:
        return modes_answer(await asyncio.to_thread(_read, worker()), worker().snapshot)

    @router.put("/modes/{field}")
    async def set_mode(field: str, request: Request) -> ModesAnswer:
        check_media_type(request.headers)
        asked = read_model(await request.body(), ModeRequest)
        check_mode(worker().snapshot, field, asked)
        actor = asked.actor or f"key:{current_key(request).id}"
        mode = None if asked.mode == "default" else asked.mode
        change = ModeChange(field, asked.value, mode, actor, asked.reason, datetime.now(UTC))
        await worker().writer.run(lambda unit: unit.set_mode(change))
        await asyncio.to_thread(worker().look_at_controls)
        return modes_answer(await asyncio.to_thread(_read, worker()), worker().snapshot)

    return router


def check_mode(snapshot: Snapshot, field: str, asked: ModeRequest) -> None:
    """Raise a 404 for a field nobody knows, a 422 for a value that the field does not have."""
    if field == ALL:
        if asked.value != ALL:
            raise invalid([FieldError("$.value", "unknown_value", "expected * where all fields are meant")])
        return
    if field not in {*snapshot.fields, *KNOWN_FIELDS}:
        raise ProblemError(404, "There is no such field; expected one of /v1/taxonomy, or * for all.")
    allowed = {each.value for each in field_values(snapshot, field).values}
    if asked.value != ALL and allowed and asked.value not in allowed:
        raise invalid([FieldError("$.value", "unknown_value", "expected a value of the field, see /v1/taxonomy, or *")])


def modes_answer(modes: Modes, snapshot: Snapshot) -> ModesAnswer:
    """Return what is set and what it means for every served field."""
    rows = [
        ModeEntry(field=row.field, value=row.value, mode=row.mode, actor=row.actor, reason=row.reason, at=row.at)
        for row in modes.rows
    ]
    return ModesAnswer(revision=modes.revision, set=rows, fields=[_field(modes, name) for name in snapshot.served])


def _field(modes: Modes, name: str) -> FieldMode:
    whole = modes.mode(name)
    own = {row.value: modes.mode(name, row.value) for row in modes.rows if row.field == name and row.value != ALL}
    return FieldMode(field=name, mode=whole, values={value: mode for value, mode in own.items() if mode != whole})


def _read(worker: Worker) -> Modes:
    try:
        with worker.link.lend("modes") as store:
            return store.modes()
    except StoreError:
        raise ProblemError(503, "Modes cannot be read at the moment: the store does not answer.") from None
