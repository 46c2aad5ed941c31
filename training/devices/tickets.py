"""The ticket that a new alert yields: the customer is called before he calls."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from fenzhen.errors import FenzhenError
from fenzhen.exports import Exports
from fenzhen.store import DeviceAlert, DeviceTicket, TicketEvent
from fenzhen.tables import conform
from fenzhen.workspace import Workspace
from models.artefact import load_scorer
from models.devices.alerts import GROUP_WORDS
from models.devices.outcomes import ANY
from models.specs import spec_of
from training.family import Ask, family_of

CHANNEL = "设备预警"
ANSWERED = ("prediction", "confidence", "decision")


def tickets_of(alerts: Sequence[DeviceAlert], workspace: Workspace, exports: Exports) -> list[DeviceTicket]:
    """Return a ticket for each alert, in order, with what the champions of tickets say of it.

    A model that cannot answer is left out of ``answers``; the ticket is made all the same.
    """
    written = [written_ticket(alert) for alert in alerts]
    if not written:
        return []
    answers = _answers(written, workspace, exports)
    return [replace(ticket, answers={field: told[row] for field, told in answers.items()})
            for row, ticket in enumerate(written)]


def written_ticket(alert: DeviceAlert) -> DeviceTicket:
    """Return the ticket of an alert in Chinese, not yet triaged.

    >>> from datetime import UTC, datetime
    >>> day = datetime(2026, 6, 1, tzinfo=UTC)
    >>> alert = DeviceAlert("A1", "m", 1, "SN1", "风扇", day, day, day, 0.62, 0.62, 7, part="风扇组件")
    >>> written_ticket(alert).subject
    '设备预警:SN1 的风扇预计 7 天内故障'
    """
    component = "部件" if alert.component == ANY else alert.component
    reasons = [str(each["text_zh"]) for each in alert.details.get("reasons") or () if each.get("text_zh")]
    body = [f"系统预测设备 {alert.device_id} 的{component}在 {alert.horizon_days} 天内发生故障的概率为 "
            f"{alert.probability:.0%}。"]
    body += [f"依据:{';'.join(reasons)}。"] if reasons else []
    body += [f"{_group(alert.group_name)}。"] if alert.group_name else []
    body += [f"建议携带备件:{alert.part}。"] if alert.part else []
    body += ["请在故障发生前联系客户并安排上门检查。"]
    return DeviceTicket(
        f"FZ-{alert.alert_id}", alert.alert_id, alert.opened_at, alert.device_id, alert.customer_id,
        alert.device_model, alert.part, f"设备预警:{alert.device_id} 的{component}预计 {alert.horizon_days} 天内故障",
        "".join(body),
    )


def _group(name: str) -> str:
    """Return in Chinese what rises together.

    >>> _group("supplier=甬通机电")
    '同供应商设备风险一同升高:甬通机电'
    """
    kind, _, value = name.partition("=")
    return f"{GROUP_WORDS.get(kind, kind)}设备风险一同升高:{value}"


def created(ticket: DeviceTicket) -> TicketEvent:
    """Return the event by which the history of tickets knows of a ticket, so that it counts as any other's."""
    values = {"device_id": ticket.device_id, "customer_id": ticket.customer_id, "product": ticket.product,
              "channel": CHANNEL}
    given = {name: value for name, value in values.items() if value is not None}
    return TicketEvent(ticket.ticket_id, "created", ticket.created_at, given, source="alert")


def _answers(tickets: Sequence[DeviceTicket], workspace: Workspace,
             exports: Exports) -> dict[str, list[Mapping[str, Any]]]:
    """Return by field what each champion of tickets says of all tickets."""
    rows = conform("tickets", pd.DataFrame({
        "ticket_id": [each.ticket_id for each in tickets], "subject": [each.subject for each in tickets],
        "body": [each.body for each in tickets], "device_id": [each.device_id for each in tickets],
        "customer_id": [each.customer_id for each in tickets], "product": [each.product for each in tickets],
        "channel": CHANNEL, "created_at": pd.to_datetime([each.created_at for each in tickets], utc=True),
    }))
    found: dict[str, list[Mapping[str, Any]]] = {}
    for model, champion in sorted(exports.champions().items()):
        try:
            spec = spec_of(model, workspace.model_settings(model))
            if spec.table == "tickets":
                scorer = load_scorer(champion.folder, champion.manifest_sha256)
                told = family_of(spec).predict(Ask(workspace, spec, scorer, rows.copy()))
                found[spec.field] = _rows(told, f"{model}/{champion.version}")
        except FenzhenError:
            continue
    return found


def _rows(told: pd.DataFrame, model: str) -> list[Mapping[str, Any]]:
    plain = told[list(ANSWERED)].astype(object).where(told[list(ANSWERED)].notna(), None)
    return [{**{str(name): cell for name, cell in row.items()}, "model": model} for row in plain.to_dict("records")]
