"""Who should take a ticket, a group or a person? One spec answers both.

Cohort: tickets whose group or person is known. Features: what the ticket says when it is filed, and what each
candidate did before. Estimator: a linear stage for candidates, LightGBM's LambdaRank over their histories
(``models.routing.fit_trees``); confidence and thresholds from tickets that came after those it was fitted on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from fenzhen.errors import WorkspaceError
from models.settings_table import refuse_unknown
from models.thresholds import TargetPrecision
from models.ticket_label import NO_TICKETS

__all__ = ["LABELS", "RoutingSettings", "RoutingSpec"]

LABELS = {"group": "group", "assignee": "assignee_id"}
"""Key of an answer -> the column of tickets that says who it was."""
_FIELDS = {"assignee_group": "group"}
_WORDS = {str: "text", int: "a whole number", float: "a number", tuple: "a list of texts"}


@dataclass(frozen=True, slots=True)
class RoutingSettings:
    """The ``[models.assignee]`` or ``[models.assignee_group]`` table of a workspace; every key has a default.

    ``context`` are the workspace's own columns that are known when a ticket is filed, ``named_in`` more of them, which
    hold a candidate's id, such as who filed the ticket. ``crosses`` are pairs of columns, written ``a*b``, in which
    tickets are alike; without any they are chosen by the data. ``fixed_owner`` is the column of customers that names
    who takes a customer's tickets; ``skill_field`` the column of tickets whose value a candidate must have among the
    skills; empty: no such rule. ``most_tickets`` are learnt from, the newest.
    """

    context: tuple[str, ...] = ()
    named_in: tuple[str, ...] = ()
    crosses: tuple[str, ...] = ()
    fixed_owner: str = ""
    skill_field: str = ""
    minimum_rows: int = 50
    most_tickets: int = 30_000
    target_precision_auto: float = 0.95
    target_precision_suggest: float = 0.50
    maximum_calibration_error: float = 0.05

    @classmethod
    def from_dict(cls, name: str, content: Mapping[str, Any]) -> Self:
        """Check a settings table; ``WorkspaceError`` names unknown keys and wrong values.

        >>> RoutingSettings.from_dict("assignee", {"context": ["symptom"]}).context
        ('symptom',)
        """
        known = {each.name: type(each.default) for each in fields(cls)}
        refuse_unknown(f"[models.{name}]", content, known)
        values = {key: _value(name, key, value, known[key]) for key, value in content.items()}
        settings = cls(**values)
        settings._check(name)
        return settings

    @property
    def target(self) -> TargetPrecision:
        """The precision that decisions must keep."""
        return TargetPrecision(self.target_precision_auto, self.target_precision_suggest)

    def _check(self, name: str) -> None:
        for key in ("target_precision_auto", "target_precision_suggest", "maximum_calibration_error"):
            if not 0 < (value := getattr(self, key)) < 1:
                raise WorkspaceError(f"[models.{name}]: got {key} = {value}, expected a share between 0 and 1")
        if self.target_precision_suggest > self.target_precision_auto:
            raise WorkspaceError(f"[models.{name}]: got target_precision_suggest = {self.target_precision_suggest}, "
                                 f"expected at most target_precision_auto = {self.target_precision_auto}")
        for key in ("minimum_rows", "most_tickets"):
            if (value := getattr(self, key)) < 10:
                raise WorkspaceError(f"[models.{name}]: got {key} = {value}, expected at least 10")
        if wrong := [cross for cross in self.crosses if not 2 <= len(cross.split("*")) <= 3]:
            raise WorkspaceError(f"[models.{name}]: got crosses = {wrong}, expected columns joined by *, such as "
                                 "\"site*category\"")


def _value(name: str, key: str, value: Any, kind: type) -> Any:
    if kind is tuple and isinstance(value, list) and all(isinstance(each, str) for each in value):
        return tuple(value)
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise WorkspaceError(f"[models.{name}]: got {key} = {value!r}, expected {_WORDS[kind]}")
    return value


@dataclass(frozen=True)
class RoutingSpec:
    """The model ``name``, which answers ``field``: ``group`` for ``assignee_group``, else ``assignee``."""

    name: str
    settings: RoutingSettings

    family = "routing"
    table = "tickets"
    entity = "ticket_id"
    tables = ("tickets", "ticket_events", "assignees", "customers")

    @classmethod
    def from_settings(cls, name: str, settings: Mapping[str, Any]) -> Self:
        """Return the spec under ``[models.NAME]``; ``WorkspaceError`` for unknown keys and wrong values."""
        return cls(name, RoutingSettings.from_dict(name, settings))

    @property
    def without(self) -> Mapping[str, str]:
        """What the model lacks without a table: customers tell nothing but their fixed owners."""
        found = {
            "tickets": NO_TICKETS,
            "ticket_events": "who had a ticket before it was solved is unknown",
            "assignees": "who has which skills, group and capacity is unknown, and who is no longer active",
        }
        return found | ({"customers": "no customer has a fixed owner"} if self.settings.fixed_owner else {})

    @property
    def field(self) -> str:
        """The key of the model's answer."""
        return _FIELDS.get(self.name, "assignee")

    @property
    def label(self) -> str:
        """The column of tickets that says who it was."""
        return LABELS[self.field]

    @property
    def of_groups(self) -> bool:
        """Whether the candidates are groups, not people."""
        return self.field == "group"
