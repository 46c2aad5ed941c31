"""What helpdesks and people tell: events, feedback, and how far decisions may go."""

from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    StringConstraints,
    model_validator,
)

from serving.schemas.values import Id, Name, Plain, StrictRequest, Time, Word, without_nul

EVENTS_LIMIT = 1_000


class Event(StrictRequest):
    """Something that happened to a ticket. 工单事件。"""

    ticket_id: Id = Field(description="The ticket's id in the helpdesk. 工单编号。", examples=["T-1"])
    event: Literal[
        "created", "assigned", "responded", "waiting_customer", "resolved", "reopened", "closed", "csat"
    ] = Field(description="What happened. 事件。", examples=["resolved"])
    at: Time = Field(description="When, ISO 8601 with offset. 时间。", examples=["2026-11-21T11:30:00+08:00"])
    event_id: Id | None = Field(default=None, description="The event's id in the helpdesk. 事件编号。")
    group: Word | None = Field(default=None, description="Group it went to. 受理组。", examples=["硬件"])
    assignee_id: Id | None = Field(default=None, description="Person it went to. 处理人。", examples=["a1"])
    values: dict[Name, Plain] = Field(
        default_factory=dict, max_length=50, examples=[{"category": "硬件故障", "csat": 5}],
        description="Other facts that became known, by column of the tickets table; texts are not kept. 其他事实。",
    )


class Feedback(StrictRequest):
    """What a person says about one field of a prediction. 对预测结果的反馈。"""

    prediction_id: Id | None = Field(default=None, description="The prediction. 预测编号。")
    ticket_id: Id | None = Field(
        default=None, description="Or the ticket, for its newest prediction. 工单编号。", examples=["T-1"]
    )
    field: Name = Field(description="The field it is about. 字段。", examples=["category"])
    verdict: Literal["accepted", "corrected", "rejected"] = Field(
        description="采纳 accepted | 更正 corrected | 否定 rejected", examples=["corrected"]
    )
    value: Name | None = Field(
        default=None, description="The right value; needed with corrected, and only then. 正确的取值。",
        examples=["耗材"],
    )
    actor: Name | None = Field(
        default=None, description="Who says so, in the helpdesk's words; the key when left out. 反馈人。",
        examples=["a1"],
    )

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if (self.prediction_id is None) == (self.ticket_id is None):
            raise ValueError("expected prediction_id or ticket_id, one of them")
        if (self.verdict == "corrected") != (self.value is not None):
            raise ValueError("expected value with the verdict corrected, and only then")
        return self


class ModeRequest(StrictRequest):
    """How far decisions may go. 调整自动化程度。"""

    mode: Literal["off", "suggest", "auto", "default"] = Field(
        description="关闭 off | 仅建议 suggest | 自动应用 auto | 恢复缺省 default", examples=["auto"]
    )
    value: Name = Field(default="*", description="One class of the field, or * for all. 取值。", examples=["硬件故障"])
    reason: Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True),
                      AfterValidator(without_nul)] = Field(
        description="Why, for the ledger. 原因。", examples=["周报显示准确率达标"]
    )
    actor: Name | None = Field(default=None, description="Who decided; the key when left out. 操作人。")
