"""How parts wear out: life by age, by unit, by supplier, by season, after a bad repair, and in a defective lot."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from fenzhen.simulate.company import Device

__all__ = ["Component", "Lives", "components", "fleet_words", "is_latent"]

Floats = np.ndarray[tuple[int, ...], np.dtype[np.float64]]

FRAILTY_SHAPE = 0.9
SUPPLIER_FACTORS = {"A": 0.8, "B": 1.25, "C": 1.0}
SUMMER, WINTER = (7, 8), (12, 1, 2)
BAD_REPAIR_SHARE = 0.18
BAD_REPAIR_DAYS, BAD_REPAIR_RISK = 35, 0.022


@dataclass(frozen=True)
class Component:
    """A part that wears: its Weibull life in days, how it shows in the sensors, and whom its failure concerns."""

    name: str
    skill: str
    days: float
    shape: float
    gradual: float
    shift: Mapping[str, float]
    topics: Mapping[str, str]
    codes: tuple[str, ...]
    warnings: tuple[str, ...]
    summer: float = 1.0
    winter: float = 1.0

    def topic(self, kind: str) -> str:
        """Return what customers report when it fails in a product of ``kind``."""
        return self.topics[kind]

    def season(self, day: date) -> float:
        """Return how much harder the part works on ``day``."""
        return self.summer if day.month in SUMMER else self.winter if day.month in WINTER else 1.0


@cache
def fleet_words() -> Mapping[str, Any]:
    """Return what ``fleet.toml`` says."""
    return tomllib.loads(resources.files("fenzhen.simulate").joinpath("fleet.toml").read_text("utf-8"))


@cache
def components() -> tuple[Component, ...]:
    """Return the parts that wear.

    >>> [component.name for component in components()]
    ['电机', '压缩机', '加热组件', '控制板']
    """
    return tuple(Component(**{**given, "codes": tuple(given["codes"]), "warnings": tuple(given["warnings"])})
                 for given in fleet_words()["component"])


def is_latent(device: Device, until: date) -> bool:
    """Return whether the unit is of the defective lot: the first of its supplier for the newest product."""
    latent = fleet_words()["latent"]
    launched = device.product.launched
    return (device.product.model == latent["model"] and device.batch.endswith(latent["supplier"])
            and launched is not None and (until - device.installed_at).days > (until - launched).days / 2)


class Lives:
    """The age of every part of every unit, and the risk that comes of it; rows are devices, columns components."""

    def __init__(self, devices: Sequence[Device], until: date, generator: np.random.Generator) -> None:
        self.devices, self.parts = devices, components()
        shape = (len(devices), len(self.parts))
        self.has = np.array([[device.product.kind in part.topics for part in self.parts] for device in devices],
                            dtype=bool).reshape(shape)
        self.born = np.array([device.installed_at.toordinal() for device in devices], dtype=float)[:, None].repeat(
            shape[1], axis=1).reshape(shape)
        self.frailty = generator.gamma(FRAILTY_SHAPE, 1 / FRAILTY_SHAPE, len(devices))
        self.weak_until = np.zeros(shape)
        self.supplier = np.array([SUPPLIER_FACTORS[device.batch[-1]] for device in devices])
        self._latent = np.array([is_latent(device, until) for device in devices], dtype=bool)

    def risk(self, day: date) -> Floats:
        """Return the chance of each part to fail on ``day``, of shape (n_devices, n_components)."""
        age = np.maximum(day.toordinal() - self.born, 0.0)
        columns = [self._weibull(age[:, column], part.days, part.shape) * part.season(day)
                   for column, part in enumerate(self.parts)]
        risk = np.stack(columns, axis=1) * (self.frailty * self.supplier)[:, None]
        risk += np.where(self.weak_until >= day.toordinal(), BAD_REPAIR_RISK, 0.0)
        risk += self._defect(age)
        return np.where(self.has & (age > 0), np.minimum(risk, 0.5), 0.0)

    def _defect(self, age: Floats) -> Floats:
        latent = fleet_words()["latent"]
        risk = np.zeros_like(age)
        column = [part.name for part in self.parts].index(latent["component"])
        risk[self._latent, column] = self._weibull(age[self._latent, column], latent["days"], latent["shape"])
        return risk

    @staticmethod
    def _weibull(age: Floats, days: float, shape: float) -> Floats:
        hazard: Floats = shape / days * (age / days) ** (shape - 1)
        return hazard

    def replace(self, row: int, column: int, day: int, generator: np.random.Generator) -> None:
        """Put in a new part on the ordinal ``day``; a bad repair makes it weak for some weeks."""
        self.born[row, column] = day
        bad = generator.random() < BAD_REPAIR_SHARE
        self.weak_until[row, column] = day + BAD_REPAIR_DAYS if bad else 0.0
