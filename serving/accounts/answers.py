"""The shapes in which accounts are answered."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from fenzhen.store import Outcome, OutcomeCounts, RiskScore, StoredRun, TrendPoint
from serving.accounts.evidence import Evidence, evidence_of, timeline_of
from serving.accounts.reading import Account, Listing

__all__ = ["AccountAnswer", "AccountsAnswer", "OutcomeAnswer", "account_answer", "accounts_answer"]

Level = Literal["high", "medium", "low"]


class Point(BaseModel):
    """A score of the past. 历史得分。"""

    as_of: datetime
    probability: float
    risk_level: Level


class Change(BaseModel):
    """What changed last. 最近变化。"""

    kind: Annotated[Literal["none", "new", "rose", "fell", "reason"], Field(
        description="new 首次评分 | rose 风险升高 | fell 风险降低 | reason 主要依据改变")]
    at: Annotated[datetime, Field(description="The as_of at which it was seen. 变化时间。")]
    from_level: Level | None
    from_reason: str | None


class Reason(BaseModel):
    """A factor that goes with the risk, with the customer's own usual value and the peers'. 判断依据。"""

    code: str
    value: Annotated[float | str | None, Field(
        description="The number that is told; of a category such as the region its name. 取值。")]
    own: Annotated[float | None, Field(description="The customer's own baseline. 客户自身平时水平。")]
    peers: Annotated[float | None, Field(description="The peers'. 同类客户水平。")]
    weight: float | None
    text_zh: str | None
    text_en: str | None
    action: Annotated[str | None, Field(description="What to do about it. 建议动作。")]
    tickets: Annotated[list[str], Field(description="The tickets behind it, newest first. 相关工单。")] = []


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


class Scored(BaseModel):
    """When and by what was scored. 评分批次。"""

    model: Annotated[str, Field(examples=["churn/3"])]
    as_of: datetime
    horizon_days: Annotated[int, Field(description="Days after as_of that are forecast. 预测期天数。")]
    data_until: Annotated[datetime, Field(description="What the scores know. 数据截至。")]


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
        reasons=[reason_of(each, behind) for each in details.get("reasons") or ()],
        protective=[reason_of(each, behind) for each in details.get("protective") or ()],
        attributes=dict(details.get("attributes") or {}),
        evidence=[TimelineEntry(at=each.at, kind=each.kind, id=each.id, text_zh=each.text_zh, text_en=each.text_en)
                  for each in timeline_of(account.events, details.get("timeline") or (), account.run.run.as_of)],
        outcomes=[outcome_entry(each.said, each.id) for each in account.outcomes],
        action_results={reason: counts_of(each) for reason, each in account.counts.items()},
    )


def scored_by(run: StoredRun) -> Scored:
    """Return what is said of a run."""
    said = run.run
    return Scored(model=f"{said.model}/{said.version}", as_of=said.as_of, horizon_days=said.horizon_days,
                  data_until=said.data_until or said.as_of)


def reason_of(said: Mapping[str, Any], behind: Evidence | None = None) -> Reason:
    """Return a reason with the tickets behind it."""
    named = {name: said.get(name) for name in ("value", "own", "peers", "weight", "text_zh", "text_en", "action")}
    tickets = said.get("tickets")
    if tickets is None:
        tickets = () if behind is None else behind.tickets(str(said["code"]))
    return Reason(code=str(said["code"]), **named, tickets=[str(each) for each in tickets])


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
        "reason": reason_of(reasons[0]) if reasons else None, "trend": [_point(each) for each in score.history],
        "outcome": None if outcome is None else outcome_entry(outcome),
    }


def _point(point: TrendPoint) -> Point:
    return Point(as_of=point.as_of, probability=point.probability, risk_level=point.risk_level)  # type: ignore[arg-type]
