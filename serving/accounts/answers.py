"""The shapes in which accounts are answered."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from fenzhen.store import Outcome, OutcomeCounts, RiskScore
from serving.accounts.evidence import evidence_of, timeline_of
from serving.accounts.reading import Account, Listing
from serving.risk_answers import Level, Point, Reason, Scored, point_of, reason_of, scored_by

__all__ = ["AccountAnswer", "AccountsAnswer", "OutcomeAnswer", "TimelineEntry", "account_answer", "accounts_answer"]

class Change(BaseModel):
    """What changed last. 最近变化。"""

    kind: Annotated[Literal["none", "new", "rose", "fell", "reason"], Field(
        description="new 首次评分 | rose 风险升高 | fell 风险降低 | reason 主要依据改变")]
    at: Annotated[datetime, Field(description="The as_of at which it was seen. 变化时间。")]
    from_level: Level | None
    from_reason: str | None


class OutcomeEntry(BaseModel):
    """What somebody did about it. 跟进结果。"""

    id: int | None
    outcome: Literal["contacted", "snoozed", "saved", "lost"]
    at: datetime
    actor: str
    note: str | None
    reason: str | None
    until: datetime | None


class Counts(BaseModel):
    """n saved of n done. 已挽回 / 已处理。"""

    saved: int
    lost: int
    done: int


class AccountRow(BaseModel):
    """An account in a list. 客户。"""

    id: str
    name: str | None
    customer_tier: str | None
    owner: str | None
    region: str | None
    renewal_at: datetime | None
    probability: float
    risk_level: Level
    value_at_risk: float | None
    currency: str | None
    too_little_history: Annotated[bool, Field(description="Too little is known to say more. 历史太少。")]
    change: Change
    reason: Annotated[Reason | None, Field(description="The first reason. 首要依据。")]
    trend: list[Point]
    outcome: OutcomeEntry | None


class AccountsAnswer(BaseModel):
    """A page of accounts. 客户列表。"""

    scored: Annotated[Scored | None, Field(description="null before anything was scored. 尚未评分时为 null。")]
    total: Annotated[int, Field(description="How many match. 符合条件的数量。")]
    items: list[AccountRow]
    next_cursor: str | None


class TimelineEntry(BaseModel):
    """Something that happened. 时间线。"""

    at: datetime
    kind: Annotated[str, Field(description="ticket 工单 | return 退换货 | failure 故障 | order 订单 | …")]
    id: str | None
    text_zh: str | None
    text_en: str | None


class AccountAnswer(AccountRow):
    """Everything about an account. Reasons are associations, no causes. 判断依据是相关性,不是因果。"""

    scored: Scored
    reasons: list[Reason]
    protective: list[Reason]
    attributes: dict[str, Any]
    evidence: Annotated[list[TimelineEntry], Field(description="Tickets, returns, failures, newest first. 时间线。")]
    outcomes: list[OutcomeEntry]
    action_results: Annotated[dict[str, Counts], Field(
        description="By the reason acted on; the empty name holds all. 各依据对应动作的效果。")]


class OutcomeAnswer(BaseModel):
    """The record of an outcome. 跟进记录。"""

    status: Literal["recorded"] = "recorded"
    outcome_id: int


def accounts_answer(listing: Listing) -> AccountsAnswer:
    """Return the answer that lists accounts."""
    rows = [AccountRow(**_row(each.score, each.details, each.outcome)) for each in listing.accounts]
    scored = None if listing.run is None else scored_by(listing.run)
    return AccountsAnswer(scored=scored, total=listing.total, items=rows, next_cursor=listing.next_cursor)


def account_answer(account: Account) -> AccountAnswer:
    """Return the answer about one account."""
    details, behind = account.details, evidence_of(account.events, account.run.run.as_of)
    last = account.outcomes[0].said if account.outcomes else None
    return AccountAnswer(
        **_row(account.score, details, last), scored=scored_by(account.run),
        reasons=[reason_of(each, behind.tickets) for each in details.get("reasons") or ()],
        protective=[reason_of(each, behind.tickets) for each in details.get("protective") or ()],
        attributes=dict(details.get("attributes") or {}),
        evidence=[TimelineEntry(at=each.at, kind=each.kind, id=each.id, text_zh=each.text_zh, text_en=each.text_en)
                  for each in timeline_of(account.events, details.get("timeline") or (), account.run.run.as_of)],
        outcomes=[outcome_entry(each.said, each.id) for each in account.outcomes],
        action_results={reason: counts_of(each) for reason, each in account.counts.items()},
    )


def outcome_entry(said: Outcome, outcome_id: int | None = None) -> OutcomeEntry:
    """Return what is said of an outcome."""
    return OutcomeEntry(id=outcome_id, outcome=said.outcome, at=said.at, actor=said.actor, note=said.note,
                        reason=said.reason, until=said.until)


def counts_of(counts: OutcomeCounts) -> Counts:
    """Return counts as they are answered."""
    return Counts(saved=counts.saved, lost=counts.lost, done=counts.done)


def _row(score: RiskScore, details: Mapping[str, Any], outcome: Outcome | None) -> dict[str, Any]:
    same = ("name", "customer_tier", "owner", "region", "renewal_at", "probability", "risk_level", "value_at_risk",
            "currency")
    reasons: Sequence[Mapping[str, Any]] = details.get("reasons") or ()
    return {
        "id": score.entity, **{name: getattr(score, name) for name in same},
        "too_little_history": bool(details.get("too_little_history")),
        "change": Change(kind=score.change, at=score.changed_at, from_level=score.previous_level,  # type: ignore[arg-type]
                         from_reason=score.previous_reason),
        "reason": reason_of(reasons[0]) if reasons else None, "trend": [point_of(each) for each in score.history],
        "outcome": None if outcome is None else outcome_entry(outcome),
    }
