"""What calls accept, with its limits. Unknown fields are refused by name.

Texts are strict: a number is not taken for a text, except whole numbers as ids (helpdesks count tickets).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

SUBJECT_LIMIT = 2_000
BODY_LIMIT = 200_000
BATCH_LIMIT = 1_000
EVENTS_LIMIT = 1_000
ASSIGNEES_LIMIT = 1_000
QUEUE_LIMIT = 1_000
SKILLS_LIMIT = 100
MOST_TICKETS = 1_000_000
EARLIEST_YEAR, LATEST_YEAR = 1900, 2200


def as_id(value: Any) -> Any:
    """Return a whole number as text, anything else as it is.

    >>> as_id(17), as_id("T-1"), as_id(True)
    ('17', 'T-1', True)
    """
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def aware_time(value: Any) -> datetime:
    """Return an ISO 8601 text as a time with its offset; ``ValueError`` for a naive one.

    >>> aware_time("2026-11-21T09:00:00+08:00").isoformat()
    '2026-11-21T09:00:00+08:00'
    >>> aware_time("2026-11-21T09:00:00")
    Traceback (most recent call last):
        ...
    ValueError: expected a time with an offset from UTC such as 2026-11-21T09:00:00+08:00
    """
    wanted = ValueError("expected a time with an offset from UTC such as 2026-11-21T09:00:00+08:00")
    if not isinstance(value, str):
        raise wanted
    try:
        time = datetime.fromisoformat(value)
    except ValueError:
        raise wanted from None
    if time.tzinfo is None:
        raise wanted
    if not EARLIEST_YEAR <= time.year <= LATEST_YEAR:
        raise ValueError(f"expected a year from {EARLIEST_YEAR} to {LATEST_YEAR}")
    return time


def without_nul(value: str) -> str:
    """Return a text that databases can hold; ``ValueError`` for one with the character U+0000."""
    if "\0" in value:
        raise ValueError("expected a text without the character U+0000")
    return value


def not_blank(value: str) -> str:
    """Return a text that says something; ``ValueError`` for blanks alone, which nobody could tell apart.

    >>> not_blank(" 王工 ")
    ' 王工 '
    """
    if not value.strip():
        raise ValueError("expected more than blanks")
    return value


def plain_value(value: Any) -> Any:
    """Return a text of at most 200 characters, number, truth value or null; ``ValueError`` for anything else."""
    if isinstance(value, str) and len(value) > 200:
        raise ValueError("expected at most 200 characters")
    if isinstance(value, str):
        return without_nul(value)
    if isinstance(value, int) and not -(2**53) <= value <= 2**53:
        raise ValueError("expected a whole number of at most 2^53")
    if isinstance(value, (list, dict)):
        raise ValueError("expected a text, a number, true, false or null")
    return value


LONGEST_ID = 200
Id = Annotated[
    str,
    BeforeValidator(as_id),
    StringConstraints(min_length=1, max_length=LONGEST_ID),
    AfterValidator(without_nul),
    AfterValidator(not_blank),
    WithJsonSchema({"anyOf": [{"type": "string", "minLength": 1, "maxLength": LONGEST_ID}, {"type": "integer"}]}),
]
Word = Annotated[str, StringConstraints(max_length=200), AfterValidator(without_nul)]
Name = Annotated[
    str, StringConstraints(min_length=1, max_length=200), AfterValidator(without_nul), AfterValidator(not_blank),
]
Time = Annotated[
    datetime, BeforeValidator(aware_time), WithJsonSchema({"type": "string", "format": "date-time"}),
]
Plain = Annotated[
    Any,
    AfterValidator(plain_value),
    WithJsonSchema({"anyOf": [{"type": kind} for kind in ("string", "number", "boolean", "null")]}),
]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Customer(_Request):
    """Who asks. 客户。"""

    id: Id | None = Field(default=None, description="The customer's id. 客户编号。", examples=["C9"])
    customer_tier: Word | None = Field(default=None, description="Free label. 客户等级。", examples=["VIP"])
    region: Word | None = Field(default=None, description="Region. 区域。", examples=["华东"])


class Ticket(_Request):
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


class Assignee(_Request):
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


class AssigneeRequest(_Request):
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


class Options(_Request):
    """How to answer. 选项。"""

    fields: list[Word] | None = Field(
        default=None, min_length=1, max_length=20, examples=[["category"]],
        description="Fields to answer; all that are served when left out. 要预测的字段,缺省为全部在用字段。",
    )
    top_k: int = Field(default=3, ge=1, le=20, description="Most alternatives, 1 to 20. 备选个数。")
    explain: bool = Field(default=False, description="Whether to give reasons as spans of the text. 是否给出判断依据。")


class ClassifyRequest(_Request):
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


class BatchItem(_Request):
    """One of many tickets. 批量中的一张工单。"""

    ticket: Ticket


class BatchRequest(_Request):
    """Many tickets, answered as one would be; each is read on its own. 批量分诊请求,单次至多 1000 张。"""

    items: list[Any] = Field(
        min_length=1, max_length=BATCH_LIMIT, description="Tickets as `{\"ticket\": {…}}`, at most 1,000. 工单列表。",
    )
    assignees: Assignees = None
    options: Options = Options()


class QueuedTicket(_Request):
    """A ticket that waits for somebody. 待派工单。"""

    ticket: Ticket
    priority: Word | None = Field(
        default=None, examples=["紧急"],
        description="How urgent it is; predicted when left out. 优先级,缺省由模型判断。",
    )
    excluded: list[Id] | None = Field(
        default=None, max_length=ASSIGNEES_LIMIT, examples=[["a2"]], description="Who must not get it. 不可派给的人员。"
    )


class AssignOptions(_Request):
    """How to assign. 派单选项。"""

    method: Literal["solver", "greedy"] = Field(
        default="solver",
        description="solver: the best whole assignment 全局最优 | greedy: one ticket after the other 逐单。",
    )
    priorities: list[Name] | None = Field(
        default=None, min_length=1, max_length=50, examples=[["紧急", "高", "中", "低"]],
        description="Priorities, the most urgent first; as the model or the taxonomy orders them when left out. "
                    "优先级次序,由急到缓。",
    )
    vip_tiers: list[Name] = Field(
        default=["VIP"], max_length=50, description="Tiers of customers whose tickets weigh more. 重点客户等级。"
    )
    vip_weight: float = Field(
        default=2.0, ge=1, le=100, examples=[2],
        description="How much more; above 1, of equally urgent tickets theirs also come first. 重点客户权重。",
    )
    balance: float = Field(
        default=0.05, ge=0, le=1, examples=[0.05],
        description="How much more probable a person must be who is full, to be chosen before one without work. "
                    "均衡负载的力度。",
    )


class AssignRequest(_Request):
    """A queue of tickets and a team. 整队派单请求。"""

    tickets: list[QueuedTicket] = Field(
        min_length=1, max_length=QUEUE_LIMIT, description="The queue, the longest waiting first. 待派工单,先到在前。",
    )
    assignees: Assignees = None
    options: AssignOptions = AssignOptions()


class Event(_Request):
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


class Feedback(_Request):
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


class ModeRequest(_Request):
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
