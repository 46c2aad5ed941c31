"""What ``/v1/assign`` answers: who gets which ticket, which find nobody and why, and what everybody carries then."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field

from serving.answers import Score

__all__ = ["AssignAnswer", "Assignment", "Load", "why_unassigned"]


@dataclass(frozen=True, slots=True)
class Assignment:
    """What becomes of one ticket. 一张工单的派单结果。"""

    prediction_id: Annotated[str, Field(description="ULID; name it when giving feedback on the assignee. 预测编号。")]
    ticket_id: Annotated[str | None, Field(description="The ticket's id as sent. 工单编号。")]
    status: Literal["assigned", "unassigned"]
    assignee: Annotated[str | None, Field(description="Who gets it. 处理人。")]
    priority: Annotated[str | None, Field(description="As sent, else as predicted. 优先级。")]
    quality: Annotated[Score | None, Field(description="Probability that this person solves it. 合适程度。")]
    code: Annotated[str | None, Field(
        description="Why nobody gets it: no_assignees | all_excluded | no_capacity. 未派原因。")]
    numbers: Annotated[dict[str, int], Field(description="How many people the reason is about, by kind. 人数。")]
    text_zh: str | None
    text_en: str | None


@dataclass(frozen=True, slots=True)
class Load:
    """What a person carries afterwards. 派单后的负载。"""

    assignee: str
    open_tickets: Annotated[int, Field(description="Tickets in hand before. 派单前在手。")]
    assigned: Annotated[int, Field(description="Tickets of this queue. 本次派给。")]
    capacity: Annotated[int | None, Field(description="Most tickets in hand, null without a limit. 在手上限。")]


@dataclass(frozen=True, slots=True)
class AssignAnswer:
    """A whole assignment, in the order of the queue. 整队派单结果,次序与请求一致。"""

    assignments: list[Assignment]
    team: list[Load]
    assigned: int
    unassigned: int
    expected_solved: Annotated[float, Field(description="Sum of the qualities: tickets that reach whoever solves them. "
                                                        "预期一次派对的工单数。")]
    method: str
    warnings: Annotated[list[str], Field(description="Such as priority_unknown, no_champion. 提醒。")]
    latency_ms: Annotated[float, Field(description="Time spent, in milliseconds. 用时(毫秒)。")]


_CODES: Mapping[str, tuple[str, str]] = {
    "inactive": ("已停用", "inactive"), "offline": ("不在线", "offline"), "at_capacity": ("已满", "at capacity"),
    "missing_skill": ("缺少技能", "without a needed skill"), "excluded": ("本单不可派", "excluded for this ticket"),
    "switched_off": ("已停用自动派单", "switched off"),
}


def why_unassigned(people: int, excluded: Mapping[str, int]) -> dict[str, Any]:
    """Return code, numbers and words for a ticket that nobody gets; ``excluded`` counts people by code.

    >>> why_unassigned(3, {"offline": 2, "missing_skill": 1})["text_zh"]
    '3 人均不可派:2 人不在线,1 人缺少技能'
    >>> why_unassigned(3, {"offline": 2})["text_en"]
    'the places of the other 1 went to more urgent or better fitting tickets'
    """
    left = people - sum(excluded.values())
    numbers = {"people": people, **excluded}
    if not people:
        return {"code": "no_assignees", "numbers": numbers, "text_zh": "没有可派人员", "text_en": "there is nobody"}
    if left:
        return {"code": "no_capacity", "numbers": numbers,
                "text_zh": f"可派的 {left} 人名额已给更紧急或更合适的工单",
                "text_en": f"the places of the other {left} went to more urgent or better fitting tickets"}
    zh = ",".join(f"{count} 人{_CODES.get(code, (code,))[0]}" for code, count in excluded.items())
    en = ", ".join(f"{count} {_CODES.get(code, (code, code))[1]}" for code, count in excluded.items())
    return {"code": "all_excluded", "numbers": numbers, "text_zh": f"{people} 人均不可派:{zh}",
            "text_en": f"all {people} are excluded: {en}"}
