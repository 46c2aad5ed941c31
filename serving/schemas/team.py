"""Who could take tickets, and what holds for a person."""

from typing import Annotated, Self

from pydantic import (
    Field,
    model_validator,
)

from serving.schemas.values import Id, Name, StrictRequest, Word

ASSIGNEES_LIMIT = 1_000
SKILLS_LIMIT = 100
MOST_TICKETS = 1_000_000


class Assignee(StrictRequest):
    """Who could take tickets; what is left out is taken from `PUT /v1/assignees/{id}` and from events. 处理人。"""

    id: Id = Field(description="The person's id in the helpdesk. 人员编号。", examples=["a1"])
    name: Word | None = Field(default=None, description="Name. 姓名。", examples=["王工"])
    group: Word | None = Field(default=None, description="Group. 受理组。", examples=["硬件"])
    skills: list[Name] | None = Field(
        default=None, max_length=SKILLS_LIMIT, examples=[["打印机"]], description="Skills. 技能。"
    )
    open_tickets: int | None = Field(
        default=None, ge=0, le=MOST_TICKETS, examples=[4],
        description="Tickets in hand; counted from events when left out. 在手工单数,缺省按事件统计。",
    )
    capacity: int | None = Field(
        default=None, ge=0, le=MOST_TICKETS, examples=[10],
        description="Most tickets in hand; no limit when left out. 在手上限,缺省不限。",
    )
    status: Word | None = Field(
        default=None, examples=["online"],
        description="`online` takes tickets, any other word does not; online when left out. 在线状态。",
    )


class AssigneeRequest(StrictRequest):
    """What holds for a person from now on; what is left out stays, null takes it back. 更新处理人状态。"""

    name: Word | None = Field(default=None, description="Name. 姓名。", examples=["王工"])
    group: Word | None = Field(default=None, description="Group. 受理组。", examples=["硬件"])
    skills: list[Name] | None = Field(
        default=None, max_length=SKILLS_LIMIT, examples=[["打印机"]], description="Skills. 技能。"
    )
    open_tickets: int | None = Field(
        default=None, ge=0, le=MOST_TICKETS,
        description="Tickets in hand; null: counted from events. 在手工单数,null 表示按事件统计。",
    )
    capacity: int | None = Field(
        default=None, ge=0, le=MOST_TICKETS, examples=[10], description="Most tickets in hand. 在手上限。"
    )
    status: Word | None = Field(
        default=None, examples=["offline"], description="`online` takes tickets, any other word does not. 在线状态。",
    )

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("expected name, group, skills, open_tickets, capacity or status")
        return self


Assignees = Annotated[
    list[Assignee] | None,
    Field(max_length=ASSIGNEES_LIMIT, description="Who could take it: these and no others, at most 1,000; everybody "
          "who is known when left out. 可派单人员,缺省为全部已知人员。"),
]
