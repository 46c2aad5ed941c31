"""From probabilities to decisions, for many tickets at once: taxonomy, rules, thresholds, abstention."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.text.normalise import normalise_text
from features.text.ticket_text import Texts
from models.choices import Choices, choices_of
from models.label_scorer import LabelScorer
from models.policy import Mode, Policy, Rule

__all__ = ["DecisionBatch", "decide_batch"]

Float64 = NDArray[np.float64]

DEAF = frozenset({"empty_text", "unknown_language"})
"""Warnings with which no answer is given: there was nothing that the model can read."""
_ALMOST_NOTHING = 1e-9
_CEILINGS = {"off": 0, "suggest": 1, "auto": 2}


@dataclass(frozen=True, eq=False)
class DecisionBatch:
    """Decisions over ``choices.values`` for many tickets.

    ``probabilities`` are float64 of shape (tickets, values) after rules of mode ``add``; a row sums to 1, or is all 0
    where nothing may be answered. ``best`` is the index of the value on top, an overriding rule's included, or -1;
    ``model_best`` the model's own. ``decisions`` index ``DECISIONS``. ``rules`` are those that had a say: the one that
    overrides, else the first that adds.
    """

    choices: Choices
    probabilities: Float64
    best: NDArray[np.int64]
    model_best: NDArray[np.int64]
    decisions: NDArray[np.int64]
    rules: tuple[Rule | None, ...]
    warnings: tuple[tuple[str, ...], ...]

    @property
    def values(self) -> tuple[str, ...]:
        """What may be answered today."""
        return self.choices.values

    def rankings(self, size: int) -> list[tuple[tuple[str, float], ...]]:
        """Return at most ``size`` values of each ticket with their confidence, the best first; an override on top."""
        keys = -self.probabilities
        answered = np.flatnonzero(self.best >= 0)
        keys[answered, self.best[answered]] = -np.inf
        order = np.argsort(keys, axis=1, kind="stable")[:, :size]
        names = np.array(self.values, dtype=object)[order].tolist() if self.values else [[]] * len(order)
        scores = np.take_along_axis(self.probabilities, order, axis=1).tolist()
        return [tuple(zip(*each, strict=True)) for each in zip(names, scores, strict=True)]


def decide_batch(
    scorer: LabelScorer, policy: Policy, subjects: Texts, bodies: Texts, mode: Mode | None = None,
) -> DecisionBatch:
    """Return the decisions of many tickets as arrays; see :func:`models.decision.decide`."""
    choices = choices_of(scorer, policy)
    raw, warnings = scorer.probabilities(subjects, bodies)
    probabilities = _renormalised(raw @ choices.projection)
    model_best = _best(probabilities)
    hits = _rule_hits(choices.rules, subjects, bodies)
    _add(probabilities, choices.values, hits)
    best = _best(probabilities)
    overriding = [next((rule for rule in row if rule.mode == "override"), None) for row in hits]
    for row, rule in enumerate(overriding):
        if rule is not None:
            best[row] = choices.values.index(rule.value)
    deaf = np.array([not DEAF.isdisjoint(found) for found in warnings], dtype=bool)
    overridden = np.array([rule is not None for rule in overriding], dtype=bool)
    decisions = np.maximum(_decisions(probabilities, best, choices.limits, deaf), overridden)
    spoken = tuple(over or next(iter(row), None) for over, row in zip(overriding, hits, strict=True))
    ceilings = np.array([_CEILINGS[mode or policy.mode(scorer.field, value)] for value in choices.values] or [0])
    return DecisionBatch(
        choices, probabilities, best, model_best, np.minimum(decisions, ceilings[best]), spoken, tuple(warnings)
    )


def _renormalised(probabilities: Float64) -> Float64:
    totals = probabilities.sum(axis=1, keepdims=True)
    return np.where(totals > _ALMOST_NOTHING, probabilities / np.maximum(totals, _ALMOST_NOTHING), 0.0)


def _best(probabilities: Float64) -> NDArray[np.int64]:
    if probabilities.shape[1] == 0:
        return np.full(len(probabilities), -1)
    return np.where(probabilities.any(axis=1), probabilities.argmax(axis=1), -1)


def _rule_hits(rules: Sequence[Rule], subjects: Texts, bodies: Texts) -> list[list[Rule]]:
    if not rules:
        return [[] for _ in subjects]
    texts = (
        normalise_text(subject) + "\n" + normalise_text(body) for subject, body in zip(subjects, bodies, strict=True)
    )
    return [[rule for rule in rules if rule.matches(text)] for text in texts]


def _add(probabilities: Float64, values: tuple[str, ...], hits: Sequence[Sequence[Rule]]) -> None:
    """Move the log-odds of what adding rules speak for, in place; rows without such a rule stay as they are."""
    for row, rules in enumerate(hits):
        adding = [rule for rule in rules if rule.mode == "add"]
        for rule in adding:
            probabilities[row, values.index(rule.value)] *= np.exp(rule.weight)
        if adding and (total := probabilities[row].sum()) > 0:
            probabilities[row] /= total


def _decisions(
    probabilities: Float64, best: NDArray[np.int64], limits: Float64, deaf: NDArray[np.bool_],
) -> NDArray[np.int64]:
    decisions = np.zeros(len(best), dtype=np.int64)
    rows = np.flatnonzero(~deaf & (best >= 0))
    reached = probabilities[rows, best[rows]][:, None] >= limits[best[rows]]
    decisions[rows] = np.where(reached[:, 1], 2, np.where(reached[:, 0], 1, 0))
    return decisions
