"""The ``[models.device_failure]`` table of a workspace."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any, Self

import numpy as np
import pandas as pd

from fenzhen.errors import WorkspaceError
from models.devices.outcomes import ANY
from models.settings_table import refuse_unknown

__all__ = ["AlertCosts", "DeviceSettings"]


_AT_ONCE, _ONE_DAY = pd.Timedelta(0), pd.Timedelta(days=1)


def _nothing() -> Any:
    return field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class AlertCosts:
    """What an alert's end costs, in any one unit: a failure nobody saw coming, one that was planned for, a visit in
    vain."""

    missed: float = 10.0
    caught: float = 2.0
    false_alarm: float = 1.0


@dataclass(frozen=True)
class DeviceSettings:
    """Every key has a default.

    ``horizons_days``: how far ahead, rising; the first one alerts. ``components``: those to answer, none: all that ever
    failed or were maintained. ``telemetry_known_after``: how long after its time a telemetry row is known ("1D" for
    daily means). ``minimum_lead``: a failure is caught only by an alert this long before it. ``restart``: rows so long
    after a failure are dropped. ``cost`` and ``capacity`` (alerts a day, the whole fleet) choose the threshold.
    ``validation_days`` and ``test_days`` are the newest windows (0: a share of what there is); ``split_by_device``
    judges on devices that nothing was fitted on. ``parts`` and ``skills`` by component (``any``: of the whole device)
    are suggested with an alert; ``alerts`` is for the rules of alerts.
    """

    horizons_days: tuple[int, ...] = (7,)
    components: tuple[str, ...] = ()
    telemetry_known_after: pd.Timedelta = _AT_ONCE
    minimum_lead: pd.Timedelta = _ONE_DAY
    restart: pd.Timedelta = _ONE_DAY
    cost: AlertCosts = AlertCosts()
    capacity: int = 20
    validation_days: int = 0
    test_days: int = 0
    split_by_device: bool = False
    maximum_calibration_error: float = 0.05
    parts: Mapping[str, str] = _nothing()
    skills: Mapping[str, str] = _nothing()
    alerts: Mapping[str, Any] = _nothing()

    @classmethod
    def from_dict(cls, name: str, content: Mapping[str, Any]) -> Self:
        """Check a settings table; ``WorkspaceError`` names unknown keys and wrong values.

        >>> DeviceSettings.from_dict("device_failure", {"horizons_days": [7, 3]})
        Traceback (most recent call last):
        ...
        fenzhen.errors.WorkspaceError: [models.device_failure]: got horizons_days = [7, 3], expected a list of ...
        """
        refuse_unknown(f"[models.{name}]", content, (each.name for each in fields(cls)))
        values = {}
        for key, value in content.items():
            read, expected = _READERS[key]
            try:
                values[key] = read(value)
            except (TypeError, ValueError):
                raise WorkspaceError(f"[models.{name}]: got {key} = {value!r}, expected {expected}") from None
        found = cls(**values)
        if "minimum_lead" in content and found.minimum_lead >= pd.Timedelta(days=found.horizons_days[0]):
            raise WorkspaceError(f"[models.{name}]: got minimum_lead = {content['minimum_lead']!r}, expected less than "
                                 f"the first horizon of {found.horizons_days[0]} days")
        return found

    def facts(self) -> dict[str, Any]:
        """Return what JSON can say of the settings, in the words of workspace.toml."""
        told = {each.name: getattr(self, each.name) for each in fields(self)}
        told["cost"] = {each.name: getattr(self.cost, each.name) for each in fields(AlertCosts)}
        return {key: _told(value) for key, value in told.items()}


def _told(value: Any) -> Any:
    if isinstance(value, pd.Timedelta):
        return f"{value.total_seconds():g}s"
    if isinstance(value, Mapping):
        return {str(key): _told(each) for key, each in value.items()}
    return list(value) if isinstance(value, tuple) else value


def _horizons(value: Any) -> tuple[int, ...]:
    found = tuple(_whole(each, 1) for each in _list(value))
    if not found or sorted(set(found)) != list(found):
        raise ValueError
    return found


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError
    return value


def _names(value: Any) -> tuple[str, ...]:
    found = tuple(_text(each) for each in _list(value))
    if len(set(found)) != len(found) or ANY in found:
        raise ValueError
    return found


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError
    return value


def _duration(value: Any) -> pd.Timedelta:
    found = pd.Timedelta(_text(value))
    if pd.isna(found) or found < pd.Timedelta(0):
        raise ValueError
    return found


def _whole(value: Any, least: int = 0) -> int:
    if type(value) is not int or value < least:
        raise ValueError
    return value


def _flag(value: Any) -> bool:
    if type(value) is not bool:
        raise TypeError
    return value


def _share(value: Any) -> float:
    if type(value) not in (int, float) or not 0 < value < 1:
        raise ValueError
    return float(value)


def _costs(value: Any) -> AlertCosts:
    numbers = {key: float(each) for key, each in _table(value).items() if type(each) in (int, float)}
    if len(numbers) != len(value) or not all(np.isfinite(each) and each >= 0 for each in numbers.values()):
        raise ValueError
    return AlertCosts(**numbers)


def _texts_by_name(value: Any) -> Mapping[str, str]:
    return MappingProxyType({key: _text(each) for key, each in _table(value).items()})


def _table(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise TypeError
    return MappingProxyType(value)


_DURATION = (_duration, 'a duration such as "1D" or "12h"')
_READERS: Mapping[str, tuple[Any, str]] = MappingProxyType({
    "horizons_days": (_horizons, "a list of rising whole numbers of days such as [1, 7]"),
    "components": (_names, f'a list of distinct names other than "{ANY}"'),
    "telemetry_known_after": _DURATION, "minimum_lead": _DURATION, "restart": _DURATION,
    "cost": (_costs, "a table of numbers from 0: missed, caught, false_alarm"),
    "capacity": (lambda value: _whole(value, 1), "a positive whole number of alerts a day"),
    "validation_days": (_whole, "a whole number of days"), "test_days": (_whole, "a whole number of days"),
    "split_by_device": (_flag, "true or false"), "maximum_calibration_error": (_share, "a share between 0 and 1"),
    "parts": (_texts_by_name, "a table of texts"), "skills": (_texts_by_name, "a table of texts"),
    "alerts": (_table, "a table"),
})
