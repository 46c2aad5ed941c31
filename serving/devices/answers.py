"""The shapes in which devices and their alerts are answered."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from fenzhen.store import AlertState, DeviceAlert, DeviceTicket
from serving.devices.reading import AlertListing, Device
from serving.risk_answers import Point, Reason, Scored, point_of, reason_of, scored_by

__all__ = [
    "AlertAnswer",
    "AlertTicket",
    "AlertsAnswer",
    "ClosedAnswer",
    "DeviceAnswer",
    "alert_answer",
    "alerts_answer",
    "device_answer",
]


class AlertAnswer(BaseModel):
    """An alert: at most one stands for a device and component. 预警。"""

    id: str
    device_id: str
    component: Annotated[str, Field(description="Part of the device that is expected to fail. 部件。")]
    state: Annotated[AlertState, Field(
        description="open 未处理 | expired 风险回落自动失效 | failed 已记录故障(预警得到证实) | "
                    "serviced 已记录维护或更换 | closed 已人工处理")]
    opened_at: datetime
    last_at: Annotated[datetime, Field(description="The newest scoring it was seen in. 最近一次评分。")]
    probability: Annotated[float, Field(description="Of a failure within the horizon, as last scored. 故障概率。")]
    peak: Annotated[float, Field(description="The highest since it opened. 最高概率。")]
    horizon_days: int
    group: Annotated[str | None, Field(description="What rises together, such as batch=2606-B. 同批风险。")]
    site: str | None
    region: str | None
    batch: str | None
    supplier: str | None
    firmware: str | None
    device_model: str | None
    customer_id: str | None
    part: Annotated[str | None, Field(description="Part to bring along. 建议备件。")]
    skill: Annotated[str | None, Field(description="Skill that is needed. 所需技能。")]
    ticket_id: Annotated[str | None, Field(description="The ticket that it yielded. 主动工单。")]
    reasons: list[Reason]
    ended_at: datetime | None
    outcome: Literal["confirmed", "false", "planned"] | None
    note: str | None
    actor: str | None


class HeldBack(BaseModel):
    """A risk above its threshold without an alert of its own. 未发出的预警。"""

    device_id: str
    component: str
    probability: float
    why: Annotated[Literal["cool_down", "maintenance", "cap"], Field(
        description="cool_down 刚处理过 | maintenance 刚维护过 | cap 超过当日上限")]


class AlertsAnswer(BaseModel):
    """A page of alerts, newest first. 预警列表。"""

    scored: Annotated[Scored | None, Field(description="null before anything was scored. 尚未评分时为 null。")]
    items: list[AlertAnswer]
    next_cursor: str | None
    held_back_at: datetime | None
    held_back: list[HeldBack]


class ComponentRisk(BaseModel):
    """The risk of one component within one horizon. 部件风险。"""

    component: str
    horizon_days: int
    probability: float
    risk_level: Literal["high", "medium", "low"] | None
    trend: list[Point]


class AlertTicket(BaseModel):
    """The ticket that an alert yielded, with what the ticket models say. 主动工单。"""

    id: str
    created_at: datetime
    subject: str
    body: str
    part: str | None
    answers: dict[str, Any]


class DeviceAnswer(BaseModel):
    """Everything about a device. Reasons are associations, no causes. 判断依据是相关性,不是因果。"""

    id: str
    scored: Scored | None
    attributes: dict[str, Any]
    risks: list[ComponentRisk]
    reasons: list[Reason]
    protective: list[Reason]
    signals: Annotated[dict[str, Any], Field(description="Days and measurements before the scoring. 近期遥测。")]
    history: Annotated[list[dict[str, Any]], Field(description="Failures, maintenance, errors. 历史记录。")]
    similar: Annotated[list[dict[str, Any]], Field(description="Similar past failures. 相似的历史故障。")]
    alerts: list[AlertAnswer]
    tickets: list[AlertTicket]


class ClosedAnswer(BaseModel):
    """What became of closing an alert. 处理结果。"""

    status: Literal["closed"] = "closed"
    alert_id: str


def alerts_answer(listing: AlertListing) -> AlertsAnswer:
    """Return the answer that lists alerts."""
    return AlertsAnswer(
        scored=None if listing.run is None else scored_by(listing.run),
        items=[alert_answer(each) for each in listing.alerts], next_cursor=listing.next_cursor,
        held_back_at=listing.held_back_at, held_back=[HeldBack(**each) for each in listing.held_back],
    )


def alert_answer(alert: DeviceAlert) -> AlertAnswer:
    """Return an alert as it is answered."""
    given = {name: getattr(alert, name) for name in AlertAnswer.model_fields if name in DeviceAlert.__slots__}
    reasons = [reason_of(each) for each in alert.details.get("reasons") or ()]
    return AlertAnswer(**given, id=alert.alert_id, group=alert.group_name, reasons=reasons)


def device_answer(device: Device) -> DeviceAnswer:
    """Return the answer about one device."""
    details = device.details
    return DeviceAnswer(
        id=device.id, scored=None if device.run is None else scored_by(device.run),
        attributes=dict(details.get("attributes") or {}), risks=_risks(device),
        reasons=[reason_of(each) for each in details.get("reasons") or ()],
        protective=[reason_of(each) for each in details.get("protective") or ()],
        signals=dict(details.get("signals") or {}), history=_listed(details, "timeline"),
        similar=_listed(details, "similar"), alerts=[alert_answer(each) for each in device.alerts],
        tickets=[_ticket(each) for each in device.tickets],
    )


def _risks(device: Device) -> list[ComponentRisk]:
    """Return the scored horizon's risks, then those of other horizons that the details tell."""
    days = 0 if device.run is None else device.run.run.horizon_days
    scored = [ComponentRisk(component=each.component, horizon_days=days, probability=each.probability,
                   risk_level=each.risk_level,  # type: ignore[arg-type]
                   trend=[point_of(point) for point in each.history])
              for each in device.scores]
    others = [ComponentRisk(component=str(each["component"]), horizon_days=int(each["horizon_days"]), risk_level=None,
                   probability=float(each["probability"]), trend=[]) for each in _listed(device.details, "horizons")
              if int(each["horizon_days"]) != days]
    return scored + others


def _listed(details: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    return [dict(each) for each in details.get(name) or ()]


def _ticket(ticket: DeviceTicket) -> AlertTicket:
    return AlertTicket(id=ticket.ticket_id, created_at=ticket.created_at, subject=ticket.subject, body=ticket.body,
                  part=ticket.part, answers=dict(ticket.answers))
