"""``/v1/assignees``: who takes tickets at the moment, told person by person; it holds in all workers within seconds."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from fenzhen.errors import StoreError
from fenzhen.store import AssigneeChange, AssigneeState, Unit
from serving.body import check_media_type, invalid, read_model
from serving.keys import current_key
from serving.metrics import counted
from serving.paths import path_value
from serving.problems import FieldError, ProblemError
from serving.schemas import LONGEST_ID, AssigneeRequest
from serving.worker import Worker


class AssigneeAnswer(BaseModel):
    """What has been told of a person; null is what nobody has told. 处理人当前状态。"""

    id: str
    name: Annotated[str | None, Field(description="Name. 姓名。")]
    group: Annotated[str | None, Field(description="Group. 受理组。")]
    skills: Annotated[list[str] | None, Field(description="Skills. 技能。")]
    open_tickets: Annotated[int | None, Field(
        description="Tickets in hand as told; null: counted from events. 在手工单数。")]
    capacity: Annotated[int | None, Field(description="Most tickets in hand. 在手上限。")]
    status: Annotated[str | None, Field(description="`online` takes tickets. 在线状态。")]
    updated_at: Annotated[datetime, Field(description="When it was told last. 更新时间。")]


class AssigneesAnswer(BaseModel):
    """Everybody of whom something has been told, by id. 全部处理人。"""

    assignees: list[AssigneeAnswer]


def assignees_router(worker: Callable[[], Worker]) -> APIRouter:
    """Return the routes; a change that is acknowledged is committed."""
    router = APIRouter()

    @router.get("/assignees")
    async def assignees() -> AssigneesAnswer:
        return AssigneesAnswer(assignees=await asyncio.to_thread(_read, worker()))

    @router.put("/assignees/{assignee_id}")
    async def set_assignee(request: Request) -> AssigneeAnswer:
        check_media_type(request.headers)
        told = read_model(await request.body(), AssigneeRequest)
        change = AssigneeChange(
            _assignee_id(request), told.model_dump(exclude_unset=True), datetime.now(UTC), current_key(request).id
        )
        held = await worker().writer.run(lambda unit: unit.set_assignee(change))
        counted().taken("assignees_told", "status" if "status" in change.values else "other")
        await asyncio.to_thread(worker().look_at_controls)
        return _answer(held)

    @router.delete("/assignees/{assignee_id}", status_code=204)
    async def forget_assignee(request: Request) -> Response:
        assignee_id = _assignee_id(request)

        def work(unit: Unit) -> None:
            if not unit.forget_assignee(assignee_id):
                raise ProblemError(404, "Nothing has been told of this person.")

        await worker().writer.run(work)
        counted().taken("assignees_told", "forgotten")
        await asyncio.to_thread(worker().look_at_controls)
        return Response(status_code=204)

    return router


def _assignee_id(request: Request) -> str:
    assignee_id = path_value(request, "assignee_id")
    if not assignee_id.strip() or len(assignee_id) > LONGEST_ID or "\0" in assignee_id:
        raise invalid([FieldError("assignee_id", "id", f"expected at most {LONGEST_ID} characters, not all blank")])
    return assignee_id


def _answer(state: AssigneeState) -> AssigneeAnswer:
    return AssigneeAnswer(
        id=state.assignee_id, name=state.name, group=state.group,
        skills=None if state.skills is None else list(state.skills), open_tickets=_whole(state.open_tickets),
        capacity=_whole(state.capacity), status=state.status, updated_at=state.updated_at,
    )


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)


def _read(worker: Worker) -> list[AssigneeAnswer]:
    try:
        with worker.link.lend("assignees") as store:
            return [_answer(each) for each in store.assignees()]
    except StoreError:
        raise ProblemError(503, "Assignees cannot be read at the moment: the store does not answer.") from None
