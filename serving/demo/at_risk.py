"""What the demo shows of customers and devices at risk: the list of accounts, and failures that an alert foresaw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from rich.markup import escape
from rich.table import Table

from serving.demo.asking import Service

if TYPE_CHECKING:
    from fenzhen.workspace import Workspace

ACCOUNTS = 6
ALERTS = 200
MOST_CAUGHT = 5
LEAST_LEAD = timedelta(days=1)
ACCOUNT_HEADINGS = ("客户 customer", "等级 tier", "客户经理 owner", "风险 risk", "预计流失金额 value at risk",
                    "首要依据 first reason")
CAUGHT_HEADINGS = ("设备 device", "批次 batch", "部件 part", "预警 alert", "故障 failure", "提前 lead",
                   "判断依据 reasons")
LEVELS = {"high": "[red]高[/]", "medium": "[yellow]中[/]", "low": "低"}


@dataclass(frozen=True)
class Caught:
    """A failure that really happened, and the alert that stood before it."""

    alert: Mapping[str, Any]
    component: str
    failed_at: datetime

    @property
    def lead(self) -> timedelta:
        """How long before the failure the alert opened."""
        return self.failed_at - datetime.fromisoformat(self.alert["opened_at"])


def accounts_table(found: Mapping[str, Any], zone: ZoneInfo) -> Table | None:
    """Return the customers likeliest to leave, with their first reason; None before anything was scored.

    Days are those of ``zone``, here and below.
    """
    scored = found["scored"]
    if scored is None:
        return None
    table = Table(title=f"Likeliest to leave within {scored['horizon_days']} days 流失风险 "
                        f"({scored['model']}, as of {day_of(scored['as_of'], zone)})")
    for heading in ACCOUNT_HEADINGS:
        table.add_column(heading)
    for row in found["items"]:
        reason = (row["reason"] or {}).get("text_zh") or "—"
        table.add_row(*(escape(row[name] or "—") for name in ("name", "customer_tier", "owner")),
                      f"{LEVELS[row['risk_level']]} {row['probability']:.2f}", amount(row), escape(reason))
    return table


def day_of(moment: str | datetime, zone: ZoneInfo) -> str:
    """Return the day of a moment, as it is or as answers write it, where the workspace is.

    >>> day_of("2026-11-26T16:00:00Z", ZoneInfo("Asia/Shanghai"))
    '2026-11-27'
    """
    found = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return found.astimezone(zone).date().isoformat()


def amount(row: Mapping[str, Any]) -> str:
    """Return the value at risk with its currency.

    >>> amount({"value_at_risk": 12345.6, "currency": "CNY"}), amount({"value_at_risk": None, "currency": "CNY"})
    ('12,346 CNY', '—')
    """
    return "—" if row["value_at_risk"] is None else f"{row['value_at_risk']:,.0f} {row['currency'] or ''}".strip()


def accounts(service: Service) -> dict[str, Any]:
    """Return the first page of accounts, the riskiest first."""
    found: dict[str, Any] = service.call(f"/v1/churn/accounts?limit={ACCOUNTS}")
    return found


def alerts(service: Service) -> list[dict[str, Any]]:
    """Return the newest alerts, also those that have ended."""
    found: list[dict[str, Any]] = service.call(f"/v1/devices/alerts?state=all&limit={ALERTS}")["items"]
    return found


def failures(workspace: "Workspace") -> list[tuple[str, str, datetime]]:
    """Return every failure on record: device, component, time."""
    events = workspace.table("device_events")
    failed = events[events["kind"] == "failure"].sort_values("at")
    columns = (failed[name].tolist() for name in ("device_id", "component", "at"))
    return [(device, component, at.to_pydatetime()) for device, component, at in zip(*columns, strict=True)]


def caught(alerts: Sequence[Mapping[str, Any]], failures: Sequence[tuple[str, str, datetime]]) -> list[Caught]:
    """Return the failures within an alert's horizon that it stood before, at least a day, the earliest first.

    An alert for ``any`` component counts as well; of several the one that opened first.
    """
    found = []
    for device, component, at in failures:
        standing = [alert for alert in alerts if alert["device_id"] == device
                    and alert["component"] in (component, "any") and _stood(alert, at)]
        if standing:
            first = min(standing, key=lambda alert: (alert["opened_at"], alert["component"] == "any"))
            found.append(Caught(first, component, at))
    return found


def _stood(alert: Mapping[str, Any], at: datetime) -> bool:
    opened = datetime.fromisoformat(alert["opened_at"])
    ended = datetime.fromisoformat(alert["ended_at"]) if alert["ended_at"] else None
    horizon = timedelta(days=alert["horizon_days"])
    return LEAST_LEAD <= at - opened < horizon and (ended is None or ended >= at)


def caught_table(found: Sequence[Caught], zone: ZoneInfo) -> Table:
    """Return failures that were foreseen: device, part, how long before, why."""
    table = Table(title="Failures that an alert stood before 预警命中的故障")
    for heading in CAUGHT_HEADINGS:
        table.add_column(heading)
    for each in found[:MOST_CAUGHT]:
        alert = each.alert
        reasons = ";".join(reason["text_zh"] for reason in alert["reasons"][:2] if reason["text_zh"])
        table.add_row(
            f"{alert['device_id']}\n{escape(alert['device_model'] or '')}", escape(alert["batch"] or "—"),
            escape(each.component), f"{day_of(alert['opened_at'], zone)} ({alert['peak']:.2f})",
            day_of(each.failed_at, zone),
            f"{each.lead / timedelta(days=1):.1f} 天", escape(reasons))
    return table


def caught_line(found: Sequence[Caught], alerts: Sequence[Mapping[str, Any]],
                failures: Sequence[tuple[str, str, datetime]], zone: ZoneInfo) -> str:
    """Return how many of the failures since the first alert were foreseen, and how many alerts there were."""
    if not alerts:
        return "No device was alerted 没有设备预警."
    first = min(datetime.fromisoformat(alert["opened_at"]) for alert in alerts)
    since = [each for each in failures if each[2] >= first + LEAST_LEAD]
    return (f"{len(found)} of {len(since)} failures since {day_of(first, zone)} had an alert at least a day before; "
            f"{len(alerts)} alerts in all, none of which knew what came after it.")
