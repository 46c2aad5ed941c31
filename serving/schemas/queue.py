"""A queue of tickets and how to assign it."""

from typing import Literal

from pydantic import (
    Field,
)

from serving.schemas.team import ASSIGNEES_LIMIT, Assignees
from serving.schemas.tickets import Ticket
from serving.schemas.values import Id, Name, StrictRequest, Word

QUEUE_LIMIT = 1_000


class QueuedTicket(StrictRequest):
    """A ticket that waits for somebody. 待派工单。"""

    ticket: Ticket
    priority: Word | None = Field(
        default=None, examples=["紧急"],
        description="How urgent it is; predicted when left out. 优先级,缺省由模型判断。",
    )
    excluded: list[Id] | None = Field(
        default=None, max_length=ASSIGNEES_LIMIT, examples=[["a2"]], description="Who must not get it. 不可派给的人员。"
    )


class AssignOptions(StrictRequest):
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


class AssignRequest(StrictRequest):
    """A queue of tickets and a team. 整队派单请求。"""

    tickets: list[QueuedTicket] = Field(
        min_length=1, max_length=QUEUE_LIMIT, description="The queue, the longest waiting first. 待派工单,先到在前。",
    )
    assignees: Assignees = None
    options: AssignOptions = AssignOptions()
