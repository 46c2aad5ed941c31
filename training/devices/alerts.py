"""From the newest scores of a fleet to its alerts: the day's changes, written once."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from ulid import ULID

from fenzhen.exports import Exports
from fenzhen.known import as_known
from fenzhen.store import AlertDay, DeviceAlert, Store, StoredRun
from fenzhen.workspace import Workspace
from models.devices.alerts import AlertChanges, AlertRules, DeviceRisk, HeldBack, Opening, Standing, next_alerts
from models.devices.outcomes import ANY
from training.devices.owners import device_owners
from training.devices.tickets import created, tickets_of
from training.family import FollowUp

MAINTENANCE, FAILURE = "maintenance", "failure"
KEPT = ("site", "region", "batch", "supplier", "firmware", "customer_id", "owner")


@dataclass(frozen=True, slots=True)
class AlertReport:
    """What a day changed, for the screen: ``going_on`` are the alerts that stand after it, ``failed`` and ``serviced``
    those that a record ended; ``new_day`` is False where the day had been written before."""

    opened: int
    going_on: int
    expired: int
    held_back: int
    new_day: bool
    failed: int = 0
    serviced: int = 0


def update_alerts(
    workspace: Workspace, store: Store, exports: Exports, model: str, rules: AlertRules,
    thresholds: Mapping[str, float],
) -> AlertReport | None:
    """Open, continue and expire the alerts of a model by its newest scores; None where nothing was scored.

    A day is written once: the same scores again, also of another version, change nothing.
    """
    run = store.newest_scores(model)
    if run is None:
        return None
    as_of = run.run.as_of
    fleet = _fleet(workspace, as_of)
    attributes = fleet.attributes
    scores = store.run_scores(run.id)
    risks = [DeviceRisk(each.entity, each.component or ANY, each.probability, attributes.get(each.entity, {}))
             for each in scores]
    lasting = store.lasting_alerts(model, as_of - timedelta(days=rules.cool_down_days))
    limits = dict.fromkeys({risk.component for risk in risks}, rules.open_from) if rules.open_from else thresholds
    changes = next_alerts(risks, _standing(lasting), fleet.serviced, limits, rules, as_of, fleet.failed)
    day = replace(_day(store, run, changes, attributes), moved=_moved(lasting, attributes))
    written = store.write_alert_day(_with_tickets(day, workspace, exports) if rules.create_ticket else day)
    ends = Counter(each.state for each in changes.ended.values())
    return AlertReport(len(day.opened), len(set(day.going_on) - set(day.expired)), len(day.expired),
                       len(day.held_back), written, ends["failed"], ends["serviced"])


def follow_up(ask: FollowUp, rules: AlertRules, thresholds: Mapping[str, float]) -> str:
    """Bring a model's alerts up to date with its newest scores; return a line for the screen."""
    found = update_alerts(ask.workspace, ask.store, ask.exports, ask.spec.name, rules, thresholds)
    if found is None:
        return "nothing was scored"
    if not found.new_day:
        return "alerts of this moment were made before; nothing changed"
    return (f"{found.opened} opened, {found.going_on} go on, {found.failed} confirmed by a recorded failure, "
            f"{found.serviced} serviced, {found.expired} expired, {found.held_back} held back")


@dataclass(frozen=True, slots=True)
class _Fleet:
    """Devices with their attributes and the account manager; when each component was last serviced and last failed."""

    attributes: Mapping[str, Mapping[str, Any]]
    serviced: dict[tuple[str, str], datetime]
    failed: dict[tuple[str, str], datetime]


def _fleet(workspace: Workspace, as_of: datetime) -> _Fleet:
    """Return the fleet as known before a moment."""
    tables = workspace.tables("devices", "customers", "device_events")
    known = as_known(tables, pd.Timestamp(as_of))
    devices, events = known["devices"], known["device_events"]
    owners = device_owners(tables, pd.Timestamp(as_of))
    devices = devices.assign(owner=devices["device_id"].map(owners), device_model=devices["model"])
    columns = [*KEPT, "device_model"]
    facts: list[Any] = devices[columns].astype(object).where(devices[columns].notna(), None).to_dict("records")
    return _Fleet(dict(zip(devices["device_id"].tolist(), facts, strict=True)), _last(events, MAINTENANCE),
                  _last(events, FAILURE))


def _last(events: pd.DataFrame, kind: str) -> dict[tuple[str, str], datetime]:
    """Return when an event of a kind last happened to each device and component (``any``: none is named)."""
    found = events[events["kind"] == kind]
    found = found.assign(component=found["component"].fillna(ANY))
    last = found.groupby(["device_id", "component"], as_index=False)["at"].max()
    return {(str(row.device_id), str(row.component)): row.at.to_pydatetime() for row in last.itertuples()}


def _standing(lasting: Sequence[DeviceAlert]) -> dict[tuple[str, str], Standing]:
    """Return the newest alert of each device and component that still matters."""
    return {(each.device_id, each.component): Standing(each.alert_id, each.opened_at, each.last_high_at, each.ended_at)
            for each in lasting}


def _moved(lasting: Sequence[DeviceAlert],
           attributes: Mapping[str, Mapping[str, Any]]) -> dict[str, tuple[str | None, str | None]]:
    """Return the customer and account manager of alerts whose device belongs to others now."""
    now = ((each, attributes[each.device_id]) for each in lasting if each.device_id in attributes)
    return {each.alert_id: (told["customer_id"], told["owner"]) for each, told in now
            if (told["customer_id"], told["owner"]) != (each.customer_id, each.owner)}


def _day(store: Store, run: StoredRun, changes: AlertChanges, attributes: Mapping[str, Mapping[str, Any]]) -> AlertDay:
    opened = [each.risk.device_id for each in changes.opened]
    details = store.score_details(run.id, opened)
    return AlertDay(
        run.run.model, run.run.as_of, run.run.version,
        opened=[_alert(run, each, attributes, details) for each in changes.opened],
        going_on={alert: risk.probability for alert, risk in changes.going_on.items()},
        high=changes.high, expired=changes.expired,
        ended={alert: (end.state, end.at) for alert, end in changes.ended.items()},
        held_back=[_held(each) for each in changes.held_back],
    )


def _with_tickets(day: AlertDay, workspace: Workspace, exports: Exports) -> AlertDay:
    tickets = tickets_of(day.opened, workspace, exports)
    opened = [replace(alert, ticket_id=ticket.ticket_id) for alert, ticket in zip(day.opened, tickets, strict=True)]
    return replace(day, opened=opened, tickets=tickets, events=[created(each) for each in tickets])


def _alert(run: StoredRun, opening: Opening, attributes: Mapping[str, Mapping[str, Any]],
           details: Mapping[tuple[str, str], Mapping[str, Any]]) -> DeviceAlert:
    risk, said = opening.risk, run.run
    why = details.get((risk.device_id, risk.component)) or details.get((risk.device_id, ANY)) or {}
    return DeviceAlert(
        str(ULID()), said.model, said.version, risk.device_id, risk.component, said.as_of, said.as_of, said.as_of,
        risk.probability, risk.probability, said.horizon_days, group_name=opening.group, part=why.get("part"),
        skill=why.get("skill"), details=dict(why), **attributes.get(risk.device_id, {}),
    )


def _held(held: HeldBack) -> dict[str, Any]:
    return {"device_id": held.risk.device_id, "component": held.risk.component,
            "probability": round(held.risk.probability, 6), "why": held.why}
