"""What devices and technicians wrote down: log lines with text, error codes, failures and maintenance."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType

import numpy as np

from fenzhen.simulate.arrivals import midnight
from fenzhen.simulate.company import Device
from fenzhen.simulate.dice import Dice
from fenzhen.simulate.fleet import Breakdown, Fleet, Service
from fenzhen.simulate.wear import Component, fleet_words

__all__ = ["DeviceEvent", "draw_device_events"]

EVERYDAY_A_DAY, STRAY_ERRORS_A_DAY, STRAY_WARNINGS_A_DAY = 0.16, 0.012, 0.006
WARNINGS_A_DAY, ERRORS_A_DAY = 0.9, 0.55
UPDATE_DAYS_BEFORE_END, UPDATED_SHARE = 75, 0.7
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class DeviceEvent:
    """One line: ``kind`` is log, error, maintenance or failure; what does not apply is empty."""

    device: Device
    at: datetime
    kind: str
    code: str = ""
    component: str = ""
    level: str = ""
    message: str = ""


_FILLERS: Mapping[str, Callable[[Dice], str]] = MappingProxyType({
    "ms": lambda dice: str(dice.number(3, 4800)), "n": lambda dice: str(dice.number(1, 6)),
    "count": lambda dice: str(dice.number(12, 9800)), "amp": lambda dice: f"{dice.number(90, 1450) / 100:.2f}",
    "temp": lambda dice: str(dice.number(55, 190)), "temp2": lambda dice: str(dice.number(40, 180)),
    "rssi": lambda dice: str(dice.number(38, 89)), "hex": lambda dice: f"0x{dice.number(4096, 65535):04X}",
    "job": lambda dice: f"J{dice.digits(7)}", "user": lambda dice: f"U{dice.digits(4)}",
})


def draw_device_events(fleet: Fleet, until: date, left: Mapping[str, date], seed: int) -> list[DeviceEvent]:
    """Return the lines before ``until`` in order of time; nothing comes from the devices of customers who ``left``."""
    writer = _Writer(fleet, until, Dice(seed, "device log"))
    for device in fleet.devices:
        writer.everyday(device)
    for breakdown in fleet.breakdowns:
        writer.breakdown(breakdown)
    for service in fleet.services:
        writer.service(service)
    return sorted((event for event in writer.events if event.at < writer.end and _present(event, left)),
                  key=lambda event: (event.at, event.device.device_id, event.kind, event.message))


def _present(event: DeviceEvent, left: Mapping[str, date]) -> bool:
    gone = left.get(event.device.customer.customer_id)
    return event.at.date() > event.device.installed_at and (gone is None or event.at.date() < gone)


class _Writer:
    """Collects the lines of a fleet."""

    def __init__(self, fleet: Fleet, until: date, dice: Dice) -> None:
        self.dice, self.words, self.events = dice, fleet_words()["log"], list[DeviceEvent]()
        self.start, self.end = midnight(fleet.start), midnight(until)

    def say(self, templates: Sequence[str], device: Device, part: str = "", code: str = "") -> str:
        """Return one of ``templates``, filled."""
        known = {"fw": device.firmware, "part": part, "code": code}
        return _SLOT.sub(lambda slot: known.get(slot[1]) or _FILLERS[slot[1]](self.dice), self.dice.pick(templates))

    def everyday(self, device: Device) -> None:
        """Write what every healthy device writes, stray errors and warnings included; newer firmware speaks anew."""
        first = max(self.start, midnight(device.installed_at) + timedelta(days=1))
        updated = self.dice.chance(UPDATED_SHARE)
        news = self.end - timedelta(days=UPDATE_DAYS_BEFORE_END)
        for at in self._moments(first, self.end, EVERYDAY_A_DAY):
            own = updated and at >= news and self.dice.chance(0.3)
            self._log(device, at, "INFO", self.say(self.words["update" if own else "everyday"], device))
        for at in self._moments(first, self.end, STRAY_ERRORS_A_DAY):
            self._error(device, at, self.words["codes"])
        warnings = [line for given in fleet_words()["component"] for line in given["warnings"]
                    if device.product.kind in given["topics"]]
        for at in self._moments(first, self.end, STRAY_WARNINGS_A_DAY):
            self._log(device, at, "WARN", self.say(warnings, device))

    def breakdown(self, breakdown: Breakdown) -> None:
        """Write the warnings and errors that rise before it, the failure and the repair, or the timely replacement."""
        device, part = breakdown.device, breakdown.component
        if breakdown.lead_days:
            first = breakdown.failed_at - timedelta(days=breakdown.lead_days)
            self._rising(device, part, first, breakdown.failed_at)
        if not breakdown.prevented:
            code = part.codes[0]
            self.events.append(DeviceEvent(device, breakdown.failed_at, "failure", code, part.name))
            self._log(device, breakdown.failed_at, "ERROR", self.say(self.words["stopped"], device, part.name, code))
        self._maintenance(device, part, breakdown.repaired_at, "换件", self.words["replaced"])

    def service(self, service: Service) -> None:
        """Write a planned visit."""
        self._maintenance(service.device, service.component, service.at, "保养", self.words["serviced"])

    def _rising(self, device: Device, part: Component, first: datetime, last: datetime) -> None:
        for rate, is_error in ((WARNINGS_A_DAY, False), (ERRORS_A_DAY, True)):
            for at in self._moments(first, last, rate):
                if not self.dice.chance((at - first) / (last - first)):
                    continue
                if is_error:
                    self._error(device, at, part.codes)
                else:
                    self._log(device, at, "WARN", self.say(part.warnings, device))

    def _moments(self, first: datetime, last: datetime, rate_a_day: float) -> list[datetime]:
        seconds = (last - first).total_seconds()
        if seconds <= 0:
            return []
        generator = self.dice.generator
        drawn = generator.random(generator.poisson(rate_a_day * seconds / 86_400)) * seconds
        return [first + timedelta(seconds=int(second)) for second in np.sort(drawn)]

    def _log(self, device: Device, at: datetime, level: str, message: str) -> None:
        self.events.append(DeviceEvent(device, at, "log", level=level, message=message))

    def _error(self, device: Device, at: datetime, codes: Sequence[str]) -> None:
        self.events.append(DeviceEvent(device, at, "error", code=self.dice.pick(codes), level="ERROR"))

    def _maintenance(self, device: Device, part: Component, at: datetime, code: str, words: list[str]) -> None:
        message = self.say(words, device, part.name)
        self.events.append(DeviceEvent(device, at, "maintenance", code, part.name, message=message))
