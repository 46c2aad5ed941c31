"""Which sensors, codes, parts, templates and attributes there are: learnt once, kept with the model."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import pandas as pd

from features.devices.device_points import clock
from features.devices.device_service import service_cycle
from features.devices.device_telemetry import sensors_of
from features.devices.log_templates import UNKNOWN, LogTemplates
from fenzhen.tables import Tables

__all__ = ["ATTRIBUTES", "DeviceVocabulary"]

ATTRIBUTES = ("model", "batch", "supplier", "process", "firmware", "site", "region")
MOST_CODES = 20
MOST_VALUES = 8
MOST_FOLLOWED = 20
FEW_DEVICES = 3
_COMMON = 0.95


@dataclass(frozen=True, eq=False)
class DeviceVocabulary:
    """What the columns of a device's features are about, in order.

    ``values`` are the frequent values of each attribute, ``followed`` numbers of templates with columns of their own,
    ``cycle`` the days between maintenances (NaN: none).
    """

    sensors: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    cycle: float = float("nan")
    templates: LogTemplates = field(default_factory=LogTemplates)
    followed: tuple[int, ...] = ()

    @classmethod
    def learnt(cls, tables: Tables, components: tuple[str, ...] = ()) -> Self:
        """Return the vocabulary of tables as known; ``components`` not given are those that failed or were maintained.
        """
        events = tables["device_events"]
        parts = events.loc[events["kind"].isin(["failure", "maintenance"]), "component"].dropna()
        logs = events[((events["kind"] == "log") & events["message"].notna()).to_numpy(dtype=bool)]
        templates = LogTemplates.fitted(logs["message"], clock(logs["at"]))
        return cls(
            sensors_of(tables["telemetry"]), components or tuple(sorted(parts.unique())),
            _frequent(events.loc[events["kind"] == "error", "code"], MOST_CODES),
            {name: values for name in ATTRIBUTES if (values := _distinguishing(tables["devices"][name]))},
            service_cycle(events), templates, _followed(logs, templates))

    def facts(self) -> dict[str, Any]:
        """Return what JSON can say of it."""
        return {"sensors": list(self.sensors), "components": list(self.components), "codes": list(self.codes),
                "values": {name: list(values) for name, values in self.values.items()},
                "cycle": None if np.isnan(self.cycle) else self.cycle, "templates": self.templates.facts(),
                "followed": list(self.followed)}

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> Self:
        """Return the vocabulary that ``facts`` describes."""
        cycle = float("nan") if facts["cycle"] is None else float(facts["cycle"])
        values = {str(name): tuple(map(str, found)) for name, found in facts["values"].items()}
        return cls(tuple(facts["sensors"]), tuple(facts["components"]), tuple(facts["codes"]), values, cycle,
                   LogTemplates.from_facts(facts["templates"]), tuple(int(number) for number in facts["followed"]))


def _frequent(values: pd.Series, most: int) -> tuple[str, ...]:
    counts = values.dropna().value_counts()
    return tuple(sorted(counts.index[:most]))


def _distinguishing(values: pd.Series) -> tuple[str, ...]:
    """Return the frequent values, () where all devices share one or each has its own."""
    counts = values.dropna().value_counts()
    frequent = counts[counts >= FEW_DEVICES].index[:MOST_VALUES]
    return tuple(sorted(frequent)) if len(counts) > 1 else ()


def _followed(logs: pd.DataFrame, templates: LogTemplates) -> tuple[int, ...]:
    """Return the most frequent templates except those that nearly every device writes all the time."""
    if logs.empty:
        return ()
    numbers = pd.Series(templates.match(logs["message"]), index=logs.index)
    counts = numbers[numbers != UNKNOWN].value_counts()
    return tuple(sorted(int(number) for number in counts[counts < _COMMON * len(logs)].index[:MOST_FOLLOWED]))
