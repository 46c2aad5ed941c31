"""From a fleet's daily risks to alerts that people keep switched on: few, lasting, one a device and component.

An alert opens where a risk reaches its threshold and goes on while the risk stays above a lower one (hysteresis). What
stays below for ``quiet_days`` expires. Records end alerts too, so that nobody has to: a failure of the component, or of
the device without saying of what, that is recorded after an alert opened confirms it; a maintenance or replacement of
the component or of the whole device makes it ``serviced``. What happened first counts.

No alert opens while one of the same device and component stands, within ``cool_down_days`` after one ended, within
``maintenance_days`` after the component was serviced, or beyond ``daily_cap`` a day; what was held back is told. Alerts
of a batch, supplier, site or firmware that rise together carry their group.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Literal, Self

from fenzhen.errors import WorkspaceError
from models.devices.outcomes import ANY
from models.settings_table import numbers_as_floats, refuse_unknown

__all__ = ["GROUP_WORDS", "AlertChanges", "AlertRules", "DeviceRisk", "Ended", "HeldBack", "Opening", "Standing",
           "next_alerts"]

GROUPED_BY = ("batch", "supplier", "site", "firmware")
GROUP_WORDS = {"batch": "同批次", "supplier": "同供应商", "site": "同网点", "firmware": "同固件版本"}
"""What devices of a group have in common, in Chinese."""

Place = tuple[str, str]
"""A device and a component."""
Why = Literal["cool_down", "maintenance", "cap"]
ByRecord = Literal["failed", "serviced"]


@dataclass(frozen=True, slots=True)
class AlertRules:
    """The numbers of the module's rules, ``[models.NAME.alerts]`` of the workspace.

    ``open_from`` is the probability from which an alert opens (0: what training chose), ``close_share`` the share of
    it below which a risk is quiet. A group has at least ``least_group`` alerted devices and ``group_lift`` times the
    fleet's share of alerted devices.
    """

    open_from: float = 0.0
    close_share: float = 0.6
    quiet_days: int = 3
    cool_down_days: int = 14
    maintenance_days: int = 3
    daily_cap: int = 20
    least_group: int = 3
    group_lift: float = 2.0
    create_ticket: bool = False

    @classmethod
    def from_dict(cls, name: str, content: Mapping[str, Any]) -> Self:
        """Check a settings table; ``WorkspaceError`` names unknown keys and wrong values.

        >>> AlertRules.from_dict("device_failure", {"daily_cap": -1})
        Traceback (most recent call last):
        ...
        fenzhen.errors.WorkspaceError: [models.device_failure.alerts]: got daily_cap = -1, expected a whole number >= 0
        """
        place = f"[models.{name}.alerts]"
        known: dict[str, Any] = {each.name: type(each.default) for each in fields(cls)}
        refuse_unknown(place, content, known)
        values = numbers_as_floats(content, known)
        for key, value in values.items():
            if type(value) is not known[key] or (not isinstance(value, bool) and value < 0):
                raise WorkspaceError(f"{place}: got {key} = {value!r}, expected {_WORDS[known[key]]}")
        return cls(**values)


_WORDS = {bool: "true or false", int: "a whole number >= 0", float: "a number >= 0"}


@dataclass(frozen=True, slots=True)
class DeviceRisk:
    """A device's probability of a failure of ``component`` within the horizon; ``attributes`` as scored."""

    device_id: str
    component: str
    probability: float
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Standing:
    """The newest alert of a device and component: open, or ended at ``ended_at`` by a person or by itself."""

    alert_id: str
    opened_at: datetime
    last_high_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    """An alert to open, and what else rises with it, such as ``batch=2606-B``."""

    risk: DeviceRisk
    group: str | None = None


@dataclass(frozen=True, slots=True)
class HeldBack:
    """A risk above its threshold that opened no alert, and why."""

    risk: DeviceRisk
    why: Why


@dataclass(frozen=True, slots=True)
class Ended:
    """What is recorded of an open alert's component, and when it happened: the alert ends then."""

    state: ByRecord
    at: datetime


@dataclass(frozen=True)
class AlertChanges:
    """What one day changes: alerts that open, that go on (with today's risk; ``high`` ones above the lower threshold;
    those that expire included), that expire and that records end, and what was held back."""

    opened: tuple[Opening, ...]
    going_on: Mapping[str, DeviceRisk]
    high: frozenset[str]
    expired: tuple[str, ...]
    held_back: tuple[HeldBack, ...]
    ended: Mapping[str, Ended] = field(default_factory=dict)


def next_alerts(
    risks: Sequence[DeviceRisk], standing: Mapping[Place, Standing], serviced: Mapping[Place, datetime],
    thresholds: Mapping[str, float], rules: AlertRules, as_of: datetime,
    failed: Mapping[Place, datetime] = MappingProxyType({}),
) -> AlertChanges:
    """Return what ``as_of`` changes; the same risks and standing alerts always give the same.

    ``risks`` hold each device's components and ``any``; ``serviced`` and ``failed`` the last maintenance and the last
    failure before ``as_of`` of a device and component (``any``: the whole device); ``thresholds`` the probability from
    which a component alerts, a component that is not among them never does. Where only ``any`` is high, the likeliest
    component is named.
    """
    found = sorted(_raised(risks, thresholds), key=lambda risk: (-risk.probability, risk.device_id, risk.component))
    by_place = {(risk.device_id, risk.component): risk for risk in risks}
    ended = {each.alert_id: end for place, each in standing.items()
             if each.ended_at is None and (end := _ended(place, each.opened_at, failed, serviced))}
    lasting = {place: each for place, each in standing.items() if each.ended_at is None and each.alert_id not in ended}
    going_on = {each.alert_id: by_place[place] for place, each in lasting.items() if place in by_place}
    high = frozenset(each.alert_id for place, each in lasting.items()
                     if each.alert_id in going_on and _is_high(by_place, place, thresholds, rules))
    expired = tuple(sorted(
        each.alert_id for each in lasting.values() if each.alert_id not in high
        and as_of - each.last_high_at >= timedelta(days=rules.quiet_days)))
    fresh = [risk for risk in found if not _stands(standing, risk)]
    held = [HeldBack(risk, why) for risk in fresh if (why := _reason_to_wait(risk, standing, serviced, rules, as_of))]
    waiting = {(each.risk.device_id, each.risk.component) for each in held}
    ready = [risk for risk in fresh if (risk.device_id, risk.component) not in waiting]
    left_out = [HeldBack(risk, "cap") for risk in ready[rules.daily_cap:]]
    opened = ready[:rules.daily_cap]
    alerted = [*opened, *(risk for alert, risk in going_on.items() if alert not in expired)]
    groups = _groups(alerted, risks, rules)
    openings = tuple(Opening(risk, _group_of(risk, groups)) for risk in opened)
    return AlertChanges(openings, going_on, high, expired, (*held, *left_out), ended)


def _ended(place: Place, opened_at: datetime, failed: Mapping[Place, datetime],
           serviced: Mapping[Place, datetime]) -> Ended | None:
    """Return what a record since an alert opened says of its component; a failure goes before a service of its time."""
    records: tuple[tuple[ByRecord, Mapping[Place, datetime]], ...] = (("failed", failed), ("serviced", serviced))
    found = [Ended(state, at) for state, record in records for at in _concerning(record, place) if at >= opened_at]
    return min(found, key=lambda each: each.at, default=None)


def _concerning(record: Mapping[Place, datetime], place: Place) -> list[datetime]:
    """Return the moments of a component or of its whole device; of a whole device those of any component."""
    device, component = place
    return [at for (which, part), at in record.items()
            if which == device and (part in (component, ANY) or component == ANY)]


def _raised(risks: Sequence[DeviceRisk], thresholds: Mapping[str, float]) -> list[DeviceRisk]:
    """Return the risks that would alert: high components, else the likeliest component of a device that is high."""
    raised = [risk for risk in risks if risk.component != ANY and _reaches(risk, thresholds)]
    named = {risk.device_id for risk in raised}
    likeliest: dict[str, DeviceRisk] = {}
    for risk in risks:
        if risk.component != ANY and risk.probability > getattr(likeliest.get(risk.device_id), "probability", -1.0):
            likeliest[risk.device_id] = risk
    for risk in risks:
        if risk.component == ANY and risk.device_id not in named and _reaches(risk, thresholds):
            raised.append(likeliest.get(risk.device_id, risk))
    return raised


def _reaches(risk: DeviceRisk, thresholds: Mapping[str, float]) -> bool:
    limit = thresholds.get(risk.component)
    return limit is not None and risk.probability >= limit


def _is_high(by_place: Mapping[Place, DeviceRisk], place: Place, thresholds: Mapping[str, float],
             rules: AlertRules) -> bool:
    """Whether a standing alert's own risk, or its device's, is above the lower threshold."""
    device = by_place.get((place[0], ANY))
    risks = [by_place[place], *([device] if device else [])]
    return any(risk.probability >= rules.close_share * thresholds[risk.component] for risk in risks
               if risk.component in thresholds)


def _stands(standing: Mapping[Place, Standing], risk: DeviceRisk) -> bool:
    found = standing.get((risk.device_id, risk.component))
    return found is not None and found.ended_at is None


def _reason_to_wait(risk: DeviceRisk, standing: Mapping[Place, Standing], serviced: Mapping[Place, datetime],
                    rules: AlertRules, as_of: datetime) -> Why | None:
    last = standing.get((risk.device_id, risk.component))
    if last is not None and last.ended_at and as_of - last.ended_at < timedelta(days=rules.cool_down_days):
        return "cool_down"
    moments = [serviced[place] for place in ((risk.device_id, risk.component), (risk.device_id, ANY))
               if place in serviced]
    if any(as_of - moment < timedelta(days=rules.maintenance_days) for moment in moments):
        return "maintenance"
    return None


def _groups(alerted: Sequence[DeviceRisk], fleet: Sequence[DeviceRisk], rules: AlertRules) -> dict[str, float]:
    """Return the groups that rise together with how many times the fleet's share of alerted devices they have."""
    devices = {risk.device_id: risk.attributes for risk in fleet}
    raised = {risk.device_id for risk in alerted}
    if not raised:
        return {}
    share = len(raised) / len(devices)
    whole = Counter(name for attributes in devices.values() for name in _names(attributes))
    high = Counter(name for device in sorted(raised) for name in _names(devices.get(device, {})))
    lifts = {name: count / whole[name] / share for name, count in high.items() if count >= rules.least_group}
    return {name: lift for name, lift in lifts.items() if lift >= rules.group_lift}


def _names(attributes: Mapping[str, Any]) -> list[str]:
    return [f"{name}={attributes[name]}" for name in GROUPED_BY if attributes.get(name)]


def _group_of(risk: DeviceRisk, groups: Mapping[str, float]) -> str | None:
    mine = [name for name in _names(risk.attributes) if name in groups]
    return max(mine, key=lambda name: groups[name], default=None)
