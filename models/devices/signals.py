"""What the features of a device are about, in words: the signals that reasons name."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from features.devices.device_vocabulary import ATTRIBUTES, DeviceVocabulary

__all__ = ["Signal", "signals_of"]

_WORDS = {"age": ("设备年龄", "device age"), "service": ("维护周期", "maintenance cycle"),
          "errors": ("报错", "errors"), "failures": ("历史故障", "past failures"), "log": ("日志", "log"),
          "readings": ("数据上报", "reporting")}


@dataclass(frozen=True, slots=True)
class Signal:
    """A group of features that tell the same story: its ``kind``, what it is ``about``, and where they stand.

    ``kind`` is one of sensor, error, errors, service, component, failures, age, attribute, template, log, readings.
    """

    kind: str
    about: str
    columns: tuple[int, ...]

    @property
    def code(self) -> str:
        """The signal's name in answers: ``sensor:volt``, ``component:pump``, ``errors``."""
        return f"{self.kind}:{self.about}" if self.about else self.kind

    @property
    def name_en(self) -> str:
        """The signal's name in English."""
        return _WORDS.get(self.kind, ("", self.about))[1]


def signals_of(columns: Sequence[str], vocabulary: DeviceVocabulary) -> tuple[Signal, ...]:
    """Return the signals of feature columns; every column belongs to one.

    >>> found = signals_of(["volt_mean_3d", "age_days", "volt_last"], DeviceVocabulary(sensors=("volt",)))
    >>> [(signal.code, signal.columns) for signal in found]
    [('sensor:volt', (0, 2)), ('age', (1,))]
    """
    members: dict[tuple[str, str], list[int]] = {}
    for number, column in enumerate(columns):
        members.setdefault(_kind(column, vocabulary), []).append(number)
    return tuple(Signal(kind, about, tuple(numbers)) for (kind, about), numbers in members.items())


def _kind(column: str, vocabulary: DeviceVocabulary) -> tuple[str, str]:
    for kind, pattern, names in (
            ("component", r"(?:days_since_service|days_since_failure|age_at_service)_(.+)|failures_(.+)_365d",
             vocabulary.components),
            ("error", r"error_(.+)_\d+d|days_since_error_(.+)", vocabulary.codes),
            ("template", r"log_template_(\d+)_.+", [str(number) for number in vocabulary.followed])):
        found = re.fullmatch(pattern, column)
        about = next((each for each in found.groups() if each), "") if found else ""
        if about in names:
            return kind, about
    sensor = max((name for name in vocabulary.sensors if column.startswith(f"{name}_")), key=len, default="")
    if sensor:
        return "sensor", sensor
    attribute = next((name for name in ATTRIBUTES if column.startswith(f"{name}_is_")), "")
    return ("attribute", attribute) if attribute else (_general(column), "")


def _general(column: str) -> str:
    if column == "age_days":
        return "age"
    if "error" in column:
        return "errors"
    if "failure" in column:
        return "failures"
    if column.startswith("log_") or column == "days_since_log":
        return "log"
    return "readings" if column.startswith("readings_") else "service"
