"""Tickets, and how to answer them: one, routed, or many."""

from collections.abc import Sequence
from typing import Any, Self

from pydantic import (
    ConfigDict,
    Field,
    model_validator,
)

from serving.schemas.team import SKILLS_LIMIT, Assignee, Assignees
from serving.schemas.values import Id, Name, Plain, StrictRequest, Time, Word

SUBJECT_LIMIT = 2_000
BODY_LIMIT = 200_000
BATCH_LIMIT = 1_000


class Customer(StrictRequest):
    """Who asks. 客户。"""

    id: Id | None = Field(default=None, description="The customer's id. 客户编号。", examples=["C9"])
    customer_tier: Word | None = Field(default=None, description="Free label. 客户等级。", examples=["VIP"])
    region: Word | None = Field(default=None, description="Region. 区域。", examples=["华东"])


class Ticket(StrictRequest):
    """A ticket as filed; `subject` or `body` is needed, either may be empty. 新工单:标题与描述至少给出一项。"""

    model_config = ConfigDict(json_schema_extra={"anyOf": [{"required": ["subject"]}, {"required": ["body"]}]})

    id: Id | None = Field(default=None, description="The ticket's id in the helpdesk. 工单编号。", examples=["T-1"])
    subject: str | None = Field(
        default=None, max_length=SUBJECT_LIMIT, examples=["打印机卡纸"],
        description="Title, at most 2,000 characters. 标题。",
    )
    body: str | None = Field(
        default=None, max_length=BODY_LIMIT, examples=["三楼的打印机每打两页就卡纸,重启过了没用。"],
        description="Description, at most 200,000 characters; the first 20,000 are read. 问题描述,读取前两万字。",
    )
    channel: Word | None = Field(default=None, description="How it came in. 渠道。", examples=["email"])
    created_at: Time | None = Field(
        default=None, examples=["2026-11-21T09:00:00+08:00"],
        description="When it was filed, ISO 8601 with offset. 创建时间。",
    )
    customer: Customer | None = Field(default=None, description="Who asks. 客户。")
    product: Word | None = Field(default=None, description="Product. 产品。", examples=["P20"])
    product_version: Word | None = Field(default=None, description="Version of the product. 产品版本。")
    device_id: Id | None = Field(default=None, description="Device. 设备编号。", examples=["SN-20934"])
    site: Word | None = Field(default=None, description="Site. 网点。")
    region: Word | None = Field(default=None, description="Region. 区域。")
    needs: list[Name] | None = Field(
        default=None, max_length=SKILLS_LIMIT, examples=[["打印机"]],
        description="Skills that whoever takes it must have, as far as people's skills are known. 所需技能。",
    )
    context: dict[Word, Plain] = Field(
        default_factory=dict, max_length=50, description="Further plain facts, at most 50. 其他信息。"
    )

    @model_validator(mode="after")
    def _has_text(self) -> Self:
        if not {"subject", "body"} & self.model_fields_set:
            raise ValueError("expected subject or body (either may be empty)")
        return self


class Options(StrictRequest):
    """How to answer. 选项。"""

    fields: list[Word] | None = Field(
        default=None, min_length=1, max_length=20, examples=[["category"]],
        description="Fields to answer; all that are served when left out. 要预测的字段,缺省为全部在用字段。",
    )
    top_k: int = Field(default=3, ge=1, le=20, description="Most alternatives, 1 to 20. 备选个数。")
    explain: bool = Field(default=False, description="Whether to give reasons as spans of the text. 是否给出判断依据。")


class ClassifyRequest(StrictRequest):
    """One ticket and how to answer it. 工单归类请求。"""

    ticket: Ticket
    options: Options = Options()

    @property
    def team(self) -> Sequence[Assignee] | None:
        """Who could take the ticket; a text needs nobody."""
        return None


class TriageRequest(ClassifyRequest):
    """One ticket, who could take it and how to answer. 分诊请求。"""

    assignees: Assignees = None

    @property
    def team(self) -> Sequence[Assignee] | None:
        """Who could take the ticket; None for everybody who is known."""
        return self.assignees


class RouteRequest(TriageRequest):
    """One ticket, who could take it and how to answer. 派单请求。"""


class BatchItem(StrictRequest):
    """One of many tickets. 批量中的一张工单。"""

    ticket: Ticket


class BatchRequest(StrictRequest):
    """Many tickets, answered as one would be; each is read on its own. 批量分诊请求,单次至多 1000 张。"""

    items: list[Any] = Field(
        min_length=1, max_length=BATCH_LIMIT, description="Tickets as `{\"ticket\": {…}}`, at most 1,000. 工单列表。",
    )
    assignees: Assignees = None
    options: Options = Options()
