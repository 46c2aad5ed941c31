"""What a workspace may say about churn under ``[models.churn]``."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any, Self

from features.customers.customer_history import WORDS
from features.customers.customer_tickets import TicketWords
from fenzhen.errors import WorkspaceError
from models.churn.meanings import CODES
from models.settings_table import refuse_unknown

__all__ = ["ChurnSettings", "Cohort"]

LABELS = ("contract", "silence", "complaint")
_COHORT = re.compile(r"all|repeat|tenure:(?P<days>[0-9]+)|tier:(?P<tiers>.+)")


@dataclass(frozen=True, slots=True)
class Cohort:
    """Who is scored: everyone known, who ordered ``least_orders`` times, is known for long enough, has a tier."""

    least_orders: int = 0
    least_days: float = 0.0
    tiers: tuple[str, ...] = ()

    @classmethod
    def parse(cls, name: str, text: str) -> Self:
        """Read ``all``, ``repeat``, ``tenure:DAYS`` or ``tier:A,B``; ``WorkspaceError`` for anything else.

        >>> Cohort.parse("churn", "tier:VIP, 金牌").tiers
        ('VIP', '金牌')
        """
        found = _COHORT.fullmatch(text)
        tiers = tuple(each.strip() for each in ((found and found["tiers"]) or "").split(",") if each.strip())
        if found is None or (found["tiers"] is not None and not tiers):
            raise WorkspaceError(f"[models.{name}]: got cohort = {text!r}, expected all, repeat, tenure:DAYS or "
                                 "tier:TIER,TIER")
        return cls(2 if text == "repeat" else 0, float(found["days"] or 0), tiers)


@dataclass(frozen=True, slots=True)
class ChurnSettings:
    """The ``[models.churn]`` table; every key has a default.

    ``label``: ``contract`` (left, by ``churned_at``, or ``renewal_at`` gone by unrenewed), ``silence`` (no interaction
    of ``kinds`` within the horizon; none named: of any kind) or ``complaint``. ``capacity`` is how many customers can
    be looked after per scoring (0: a tenth of the cohort); twice as many again are medium. ``customer_context`` and
    ``customer_numbers`` name columns of the customers' table beyond the contract: categories and numbers.
    ``least_history_days``: who is known for less has too little history (0: a third of the horizon). ``actions`` is
    the suggested action for each code of a reason. ``snapshots`` is the most dates to learn from.
    """

    label: str = "silence"
    horizon_days: int = 90
    cohort: str = "all"
    kinds: tuple[str, ...] = ()
    capacity: int = 0
    least_history_days: int = 0
    snapshots: int = 24
    maximum_calibration_error: float = 0.05
    customer_context: tuple[str, ...] = ()
    customer_numbers: tuple[str, ...] = ()
    complaint_values: tuple[str, ...] = tuple(WORDS.complaint)
    negative_values: tuple[str, ...] = tuple(WORDS.negative)
    urgent_values: tuple[str, ...] = tuple(WORDS.urgent)
    actions: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def members(self) -> Cohort:
        """Who is scored."""
        return Cohort.parse("churn", self.cohort)

    @property
    def words(self) -> TicketWords:
        """Which recorded values mean what."""
        return TicketWords(self.complaint_values, self.negative_values, urgent=self.urgent_values)

    @property
    def history_days(self) -> float:
        """How long a customer must be known for enough history."""
        return self.least_history_days or self.horizon_days / 3

    @classmethod
    def from_dict(cls, name: str, content: Mapping[str, Any]) -> Self:
        """Check a settings table; ``WorkspaceError`` names unknown keys and wrong values.

        >>> ChurnSettings.from_dict("churn", {"horizon_days": -3})
        Traceback (most recent call last):
        ...
        fenzhen.errors.WorkspaceError: [models.churn]: got horizon_days = -3, expected a whole number of at least 1
        """
        refuse_unknown(f"[models.{name}]", content, (each.name for each in fields(cls)))
        settings = cls(**{key: _checked(name, key, value) for key, value in content.items()})
        if settings.label not in LABELS:
            raise WorkspaceError(f"[models.{name}]: got label = {settings.label!r}, expected one of "
                                 f"{', '.join(LABELS)}")
        Cohort.parse(name, settings.cohort)
        refuse_unknown(f"[models.{name}.actions]", settings.actions,
                       (*CODES, *settings.customer_context, *settings.customer_numbers))
        return settings


_LEAST = {"horizon_days": 1, "capacity": 0, "least_history_days": 0, "snapshots": 1}


def _checked(name: str, key: str, value: Any) -> Any:
    expected = ""
    if key in _LEAST:
        expected = "" if type(value) is int and value >= _LEAST[key] else f"a whole number of at least {_LEAST[key]}"
    elif key == "maximum_calibration_error":
        expected = "" if type(value) in (int, float) and 0 < value < 1 else "a share between 0 and 1"
    elif key == "actions":
        expected = "" if isinstance(value, Mapping) and _are_texts(value.values()) else "a table of texts"
    elif key in ("label", "cohort"):
        expected = "" if isinstance(value, str) else "text"
    elif not (isinstance(value, list | tuple) and _are_texts(value)):
        expected = "a list of texts"
    if expected:
        raise WorkspaceError(f"[models.{name}]: got {key} = {value!r}, expected {expected}")
    return tuple(value) if isinstance(value, list) else value


def _are_texts(values: Any) -> bool:
    return all(isinstance(value, str) and value for value in values)
