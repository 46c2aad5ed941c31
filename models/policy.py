"""What a workspace says about values beside the model: its taxonomy, its keyword rules, how far decisions may go."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, Self, get_args

import numpy as np
from numpy.typing import NDArray

from features.text.normalise import normalise_text
from fenzhen.errors import WorkspaceError
from models.conditions import Repeats, Where, read_repeats, read_where

__all__ = ["DECISIONS", "Mode", "Policy", "Rule", "Value"]

Mode = Literal["off", "suggest", "auto"]
DECISIONS: tuple[str, ...] = ("abstain", "suggest", "auto")
RuleMode = Literal["override", "add", "raise"]
_RULE_KEYS = {"id", "field", "value", "any", "all", "none", "mode", "weight", "where", "repeats"}


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a field as the taxonomy has it."""

    value: str
    external_id: str | None = None
    name: str | None = None
    parent: str | None = None
    active: bool = True
    renamed_from: str | None = None
    auto_allowed: bool = True


@dataclass(frozen=True, slots=True)
class Rule:
    """Keywords that speak for a value: ``any`` one of them, ``all`` of them and ``none`` of the last.

    ``mode`` ``override`` gives the value whatever the model says; ``add`` adds ``weight`` to the value's log-odds;
    ``raise``, for ordered values, lets the answer be no less urgent. Only such a rule may ask for more than words:
    ``where`` names columns of the ticket with the values that count, ``repeats`` how many tickets of the same
    customer or device there were within so many days (``same``, ``days``, ``at_least``).
    """

    id: str
    field: str
    value: str
    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    mode: RuleMode = "override"
    weight: float = 2.0
    where: Where = ()
    repeats: Repeats | None = None

    def matches(self, text: str) -> bool:
        """Return whether the normalised text meets the rule."""
        return (
            (not self.any or any(word in text for word in self.any))
            and all(word in text for word in self.all)
            and not any(word in text for word in self.none)
        )

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Self:
        """Check one ``[[rule]]`` table; ``WorkspaceError`` says what is wrong with which rule."""
        if not isinstance(row, Mapping):
            raise WorkspaceError(f"got the rule {row!r}, expected a table")
        name = row.get("id", "?")
        if unknown := sorted(set(row) - _RULE_KEYS):
            known = ", ".join(sorted(_RULE_KEYS))
            raise WorkspaceError(f"rule {name!r}: got {', '.join(unknown)}, expected only {known}")
        if missing := [key for key in ("id", "field", "value") if not isinstance(row.get(key), str) or not row[key]]:
            raise WorkspaceError(f"rule {name!r}: {', '.join(missing)} must be given as text")
        if (mode := row.get("mode", "override")) not in get_args(RuleMode):
            raise WorkspaceError(f"rule {name!r}: got mode {mode!r}, expected {', '.join(get_args(RuleMode))}")
        where, repeats = read_where(name, row.get("where", {})), read_repeats(name, row.get("repeats"))
        if mode != "raise" and (where or repeats):
            raise WorkspaceError(f"rule {name!r}: got where or repeats, expected them only with mode = \"raise\"")
        if not row.get("any") and not row.get("all") and not where and not repeats:
            raise WorkspaceError(f"rule {name!r}: needs words under any or all")
        weight = row.get("weight", 2.0)
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not -50 <= weight <= 50:
            raise WorkspaceError(f"rule {name!r}: got weight {weight!r}, expected log-odds from -50 to 50")
        words = {key: _words(name, key, row.get(key, ())) for key in ("any", "all", "none")}
        return cls(row["id"], row["field"], row["value"], **words, mode=mode, weight=float(weight), where=where,
                   repeats=repeats)


def _words(rule: str, key: str, words: Any) -> tuple[str, ...]:
    if isinstance(words, str) or not isinstance(words, Iterable):
        raise WorkspaceError(f"rule {rule!r}: got {key} = {words!r}, expected a list of words")
    normal = tuple(normalise_text(word) if isinstance(word, str) else "" for word in words)
    if not all(normal):
        raise WorkspaceError(f"rule {rule!r}: got {key} = {words!r}, expected a list of words, none of them empty")
    return normal


@dataclass(frozen=True)
class Policy:
    """Taxonomy, rules and modes of a workspace; with none of them every class of a model may be answered."""

    values: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    modes: Mapping[str, Mode] = field(default_factory=dict)
    ceiling: Callable[[str, str], Mode] | None = None
    """How far a field's value may go, where an administrator has a say; it takes the place of ``modes``."""

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """Read what ``exports/policy.json`` holds: ``taxonomy`` rows, ``rules`` rows and ``modes`` by field.

        Raises ``WorkspaceError`` for a wrong rule or mode.
        """
        values: dict[str, list[Value]] = {}
        for row in content.get("taxonomy") or ():
            if row.get("field") and row.get("value"):  # `fenzhen validate` reports rows without
                values.setdefault(str(row["field"]), []).append(_value(row))
        rules = tuple(Rule.from_dict(row) for row in content.get("rules") or ())
        modes = dict(content.get("modes") or {})
        if wrong := sorted(f"{name} = {mode!r}" for name, mode in modes.items() if mode not in get_args(Mode)):
            raise WorkspaceError(f"got the mode {wrong[0]}, expected one of {', '.join(get_args(Mode))}")
        return cls({key: tuple(found) for key, found in values.items()}, rules, modes)

    def mode(self, name: str, value: str) -> Mode:
        """Return how far decisions for a field's value may go; ``suggest`` unless somebody said otherwise."""
        return self.modes.get(name, "suggest") if self.ceiling is None else self.ceiling(name, value)

    def rules_of(self, name: str) -> tuple[Rule, ...]:
        """Return the field's rules in their order."""
        return tuple(rule for rule in self.rules if rule.field == name)

    def find(self, name: str, value: str) -> Value:
        """Return the taxonomy's entry for a field's value; one that only the model knows has no external id."""
        return self._index.get((name, value)) or Value(value)

    def external_id(self, name: str, value: str) -> str | None:
        """Return a value's id in the helpdesk, None where the taxonomy names none."""
        found = self._index.get((name, value))
        return None if found is None else found.external_id

    def stands_below(self, name: str, value: str, parent: str) -> bool:
        """Return whether a field's value may be answered below ``parent``: active there, or unknown to the taxonomy."""
        entries = [each for each in self.values.get(name, ()) if each.value == value]
        return not entries or any(each.active and each.parent in (None, parent) for each in entries)

    @cached_property
    def _index(self) -> dict[tuple[str, str], Value]:
        """A value that stands below several parents is active if any entry is."""
        entries = ((name, each) for name, values in self.values.items() for each in values)
        return {(name, each.value): each for name, each in sorted(entries, key=lambda entry: entry[1].active)}

    @cached_property
    def _renamed(self) -> dict[tuple[str, str], str]:
        return {
            (name, each.renamed_from): each.value
            for name, values in self.values.items() for each in values if each.renamed_from
        }

    def current(self, name: str, value: str) -> str:
        """Return today's name of a value that may have been renamed, also more than once.

        A chain of names ends with the first active one, so that two values may have swapped names.
        """
        seen = {value}
        while (newer := self._renamed.get((name, value), value)) not in seen:
            value = newer
            seen.add(value)
            if self.find(name, value).active:
                break
        return value

    def projection(self, name: str, classes: Sequence[str]) -> tuple[tuple[str, ...], NDArray[np.float64]]:
        """Return the values that may be answered and the 0/1 matrix (classes, values) that leads to them.

        A renamed class counts for its new name; one that is inactive leads nowhere.
        """
        wanted = [self.current(name, each) for each in classes]
        active = tuple(dict.fromkeys(value for value in wanted if self.find(name, value).active))
        matrix = np.array([[float(value == each) for each in active] for value in wanted]).reshape(len(classes), -1)
        return active, matrix


def _value(row: Mapping[str, Any]) -> Value:
    return Value(
        value=str(row["value"]), external_id=row.get("external_id") or None, name=row.get("name") or None,
        parent=row.get("parent") or None, renamed_from=row.get("renamed_from") or None,
        active=row.get("active") is not False, auto_allowed=row.get("auto_allowed") is not False,
    )
