"""How urgent is a ticket? Ordered classes, from what was filed and what recent tickets alike turned out to be.

Cohort: tickets with a time and a priority that was seen. Features: tokens of fields, of recent counts and shares
(``features.priority.tokens``), and words where tickets have text. Estimator: a logistic regression for each threshold
of urgency ("at least this urgent"), see ``models.priority.fit``; calibrated, and decided so that rare urgent classes
are found, on rows it was not fitted on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any, Self

from fenzhen.errors import WorkspaceError
from models.settings_table import refuse_unknown
from models.ticket_label import TicketLabel

__all__ = ["PrioritySettings", "PrioritySpec"]

Costs = tuple[tuple[float, ...], ...]
_SHARES = ("review_load", "target_precision_auto", "target_precision_suggest", "maximum_calibration_error")


@dataclass(frozen=True, slots=True)
class PrioritySettings:
    """The ``[models.NAME]`` table of a workspace; every key has a default.

    ``order`` lists the values, the most urgent first (default: as their names say). ``context`` are columns of tickets
    to read beside those of the contract. ``strength`` (LogisticRegression's C) is chosen on held-out rows where it
    is 0. ``review_load``: the share of tickets that a person looks at, the most urgent first. ``costs``: a row for each
    true value and a column for each answer, in ``order`` (default: steps between them, twice as much for answers that
    are not urgent enough). ``target_precision_suggest`` is low, for a suggestion asks a person to look, and an urgent
    ticket that nobody looked at costs more than a look.
    """

    label: str = ""
    context: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    strength: float = 0.0
    review_load: float = 0.05
    costs: Costs = ()
    target_precision_auto: float = 0.95
    target_precision_suggest: float = 0.20
    maximum_calibration_error: float = 0.05

    @classmethod
    def from_dict(cls, name: str, content: Mapping[str, Any]) -> Self:
        """Check a settings table; ``WorkspaceError`` names unknown keys and wrong values."""
        refuse_unknown(f"[models.{name}]", content, (each.name for each in fields(cls)))
        settings = cls(**{key: _read(name, key, value) for key, value in content.items()})
        settings._check(name)
        return settings

    def _check(self, name: str) -> None:
        for key in _SHARES:
            if not 0 < (value := getattr(self, key)) < 1:
                raise WorkspaceError(f"[models.{name}]: got {key} = {value}, expected a share between 0 and 1")
        if not 0 <= self.strength < float("inf"):
            raise WorkspaceError(f"[models.{name}]: got strength = {self.strength}, expected at least 0")
        if self.target_precision_suggest > self.target_precision_auto:
            raise WorkspaceError(f"[models.{name}]: got target_precision_suggest = {self.target_precision_suggest}, "
                                 f"expected at most target_precision_auto = {self.target_precision_auto}")
        if self.order and (len(self.order) < 2 or len(set(self.order)) < len(self.order)):
            raise WorkspaceError(f"[models.{name}]: got order = {list(self.order)}, expected two values or more")
        size = len(self.order)
        if self.costs and (not size or len(self.costs) != size or any(len(row) != size for row in self.costs)):
            raise WorkspaceError(f"[models.{name}]: got costs of {len(self.costs)} rows, expected order, and a row and "
                                 "a column for each of its values")


def _read(name: str, key: str, value: Any) -> Any:
    if key == "label" and isinstance(value, str):
        return value
    if key in ("context", "order") and isinstance(value, list) and all(isinstance(each, str) for each in value):
        return tuple(value)
    if key == "costs" and isinstance(value, list) and all(_is_row(row) for row in value):
        return tuple(tuple(float(cost) for cost in row) for row in value)
    if key in (*_SHARES, "strength") and _is_number(value):
        return float(value)
    raise WorkspaceError(f"[models.{name}]: got {key} = {value!r}, expected {_EXPECTED.get(key, 'a number')}")


_EXPECTED = {"label": "text", "context": "a list of columns", "order": "a list of values, the most urgent first",
             "costs": "a list of lists of numbers of 0 or more"}


def _is_row(row: Any) -> bool:
    return isinstance(row, list) and all(_is_number(cost) and cost >= 0 for cost in row)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


@dataclass(frozen=True)
class PrioritySpec(TicketLabel):
    """The model ``name``, which answers ``field`` from the tickets' label column."""

    name: str
    settings: PrioritySettings

    family = "priority"
    table = "tickets"
    entity = "ticket_id"
    tables = ("tickets", "ticket_events", "customers", "taxonomy")
    without = MappingProxyType({
        **TicketLabel.without,
        "ticket_events": "what a ticket's priority was before it was changed is unknown",
        "customers": "customers' tiers are unknown",
    })

    @classmethod
    def from_settings(cls, name: str, content: Mapping[str, Any]) -> Self:
        """Return the spec of [models.NAME]; ``WorkspaceError`` for wrong settings."""
        return cls(name, PrioritySettings.from_dict(name, content))
