"""What may be answered for a field today: the model's classes as the workspace's taxonomy and rules leave them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from models.policy import Policy, Rule

__all__ = ["Choices", "choices_of"]

Float64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Choices:
    """``values`` under today's names, none of them inactive.

    ``projection`` is 0/1 float64 of shape (classes, values); a value that only a rule knows has no class. ``limits``
    are float64 of shape (values, 2): the confidence from which to suggest and to apply, infinite for never.
    ``thresholds`` say the same in words, None for never. ``external_ids`` are the taxonomy's by value, ``origins``
    the model's classes that are a value today, the one of that very name first. ``rules`` are those of the field, in
    their order, whose value may be answered.
    """

    values: tuple[str, ...]
    projection: Float64
    limits: Float64
    thresholds: tuple[Mapping[str, float | None], ...]
    external_ids: Mapping[str, str | None]
    origins: tuple[tuple[str, ...], ...]
    rules: tuple[Rule, ...]

    @cached_property
    def members(self) -> tuple[tuple[int, ...], ...]:
        """The places of each value's classes, as ``projection`` has them."""
        return tuple(tuple(np.flatnonzero(column).tolist()) for column in self.projection.T)


_found: "WeakKeyDictionary[Any, tuple[Policy, Choices]]" = WeakKeyDictionary()


def choices_of(scorer: Any, policy: Policy) -> Choices:
    """Return the choices of a scorer under a policy; worked out once for as long as both stay the same objects."""
    policy_then, choices = _found.get(scorer, (None, None))
    if choices is None or policy_then is not policy:
        choices = _choices(scorer, policy)
        _found[scorer] = (policy, choices)
    return choices


def _choices(scorer: Any, policy: Policy) -> Choices:
    name = scorer.field
    values, projection = policy.projection(name, scorer.classes)
    rules = [replace(rule, value=policy.current(name, rule.value)) for rule in policy.rules_of(name)
             if rule.mode != "raise"]  # these ask for an order, see models.priority.raising
    rules = [rule for rule in rules if policy.find(name, rule.value).active]
    new = tuple(dict.fromkeys(rule.value for rule in rules if rule.mode == "override" and rule.value not in values))
    values, projection = values + new, np.hstack([projection, np.zeros((len(projection), len(new)))])
    kept = tuple(rule for rule in rules if rule.value in values)
    origins = _origins(scorer, policy, values)
    limits = _limits(scorer, policy, values, origins)
    return Choices(
        values, projection, limits, tuple(_in_words(pair) for pair in limits.tolist()),
        {value: policy.external_id(name, value) for value in values}, origins, kept,
    )


def _origins(scorer: Any, policy: Policy, values: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    today = {each: policy.current(scorer.field, each) for each in scorer.classes}
    found = ([each for each, name in today.items() if name == value] for value in values)
    return tuple(tuple(sorted(each, key=lambda name: name != value)) for value, each in zip(values, found, strict=True))


def _in_words(limits: list[float]) -> Mapping[str, float | None]:
    finite = [limit if np.isfinite(limit) else None for limit in limits]
    return dict(zip(("suggest", "auto"), finite, strict=True))


def _limits(
    scorer: Any, policy: Policy, values: tuple[str, ...], origins: tuple[tuple[str, ...], ...],
) -> Float64:
    """Of several classes that are one value today, the class of that name has its say, else the strictest."""
    limits = np.full((len(values), 2), np.inf)
    for index, (value, classes) in enumerate(zip(values, origins, strict=True)):
        found = [_pair(scorer.thresholds.get(each, {})) for each in ([value] if value in classes else classes)]
        if found:
            limits[index] = np.max(found, axis=0)
        if not policy.find(scorer.field, value).auto_allowed:
            limits[index, 1] = np.inf
    return limits


def _pair(thresholds: Any) -> list[float]:
    limits = (thresholds.get("suggest"), thresholds.get("auto"))
    return [np.inf if limit is None else float(limit) for limit in limits]
