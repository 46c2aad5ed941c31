"""From probabilities to an answer: taxonomy, rules, thresholds and the honest "I don't know"."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.normalise import normalise_text
from features.ticket_text import Texts
from models.policy import DECISIONS, Mode, Policy, Rule
from models.reasons import Reason
from models.text_scorer import DEAF, TextLabelScorer

__all__ = ["DecisionBatch", "LabelAnswer", "Policy", "confidence_level", "decide", "decide_batch"]

LEVELS = (("high", 0.85), ("medium", 0.60), ("low", 0.0))
"""Bands of confidence, each from its lower bound."""
_CEILINGS: Mapping[str, int] = {"off": 0, "suggest": 1, "auto": 2}
_SURE_SECOND = 0.5
_ALMOST_NOTHING = 1e-9


@dataclass(frozen=True, slots=True)
class LabelAnswer:
    """One field of one ticket.

    ``value`` is None when abstaining; ``ranking`` always holds the best values with their confidence, and
    ``alternatives`` the same without the first, with external ids. ``rule`` says which rule had a say and
    ``model_value`` what the model alone would have ranked first.
    """

    value: str | None
    external_id: str | None
    path: tuple[str, ...]
    confidence: float | None
    confidence_level: str | None
    decision: str
    thresholds: Mapping[str, float | None]
    alternatives: tuple[tuple[str, str | None, float], ...]
    ranking: tuple[tuple[str, float], ...]
    reasons: tuple[Mapping[str, Any], ...]
    rule: Mapping[str, Any] | None
    model_value: str | None
    warnings: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class DecisionBatch:
    """Decisions over ``values`` (what may be answered today) for many tickets.

    ``probabilities`` are float64 of shape (tickets, values) after rules of mode ``add``; ``best`` is the index of the
    value on top, an overriding rule's included, or -1 where nothing may be answered; ``model_best`` the model's own.
    ``decisions`` index ``DECISIONS``.
    """

    values: tuple[str, ...]
    probabilities: NDArray[np.float64]
    best: NDArray[np.int64]
    model_best: NDArray[np.int64]
    decisions: NDArray[np.int64]
    rules: tuple[Rule | None, ...]
    warnings: tuple[tuple[str, ...], ...]

    def ranking(self, row: int, size: int) -> tuple[tuple[str, float], ...]:
        """Return at most ``size`` values with their confidence, the best one first; an override stands on top."""
        order = np.argsort(-self.probabilities[row], kind="stable")
        first = self.best[row]
        order = np.concatenate([[first], order[order != first]])[:size] if first >= 0 else order[:size]
        return tuple((self.values[index], float(self.probabilities[row, index])) for index in order)


def decide(
    scorer: TextLabelScorer, policy: Policy, subjects: Texts, bodies: Texts, top_k: int = 3, explain: bool = False,
    mode: Mode | None = None,
) -> list[LabelAnswer]:
    """Return one answer a ticket, in order; ``mode`` caps decisions (default: what the policy says of the field).

    The same ticket gets the same answer alone and among others.
    """
    batch = decide_batch(scorer, policy, subjects, bodies, mode)
    return [
        _answer(scorer, policy, batch, row, subject, body, top_k, explain)
        for row, (subject, body) in enumerate(zip(subjects, bodies, strict=True))
    ]


def decide_batch(
    scorer: TextLabelScorer, policy: Policy, subjects: Texts, bodies: Texts, mode: Mode | None = None,
) -> DecisionBatch:
    """Return the decisions of many tickets as arrays; see :func:`decide`."""
    raw, warnings = scorer.probabilities(subjects, bodies)
    values, projection = policy.projection(scorer.field, scorer.classes)
    rules = policy.rules_of(scorer.field)
    values, projection = _with_rule_values(values, projection, rules, scorer.field, policy)
    probabilities = _renormalised(raw @ projection)
    model_best = _best(probabilities)
    hits = _rule_hits(rules, subjects, bodies)
    probabilities = _added(probabilities, values, hits)
    overriding = tuple(
        next((rule for rule in row if rule.mode == "override" and rule.value in values), None) for row in hits
    )
    best = _best(probabilities)
    for row, rule in enumerate(overriding):
        if rule is not None:
            best[row] = values.index(rule.value)
    deaf = np.array([not DEAF.isdisjoint(found) for found in warnings], dtype=bool)
    decisions = _decisions(probabilities, best, _limits(scorer, policy, values), deaf, overriding)
    ceilings = np.array([_CEILINGS[mode or policy.mode(scorer.field, value)] for value in values] or [0])
    spoken = tuple(over or next(iter(row), None) for over, row in zip(overriding, hits, strict=True))
    return DecisionBatch(
        values, probabilities, best, model_best, np.minimum(decisions, ceilings[best]), spoken, tuple(warnings)
    )


def confidence_level(confidence: float) -> str:
    """Return the band of a confidence.

    >>> confidence_level(0.85), confidence_level(0.849), confidence_level(0.1)
    ('high', 'medium', 'low')
    """
    return next(name for name, bound in LEVELS if confidence >= bound)


def _with_rule_values(
    values: tuple[str, ...], projection: NDArray[np.float64], rules: Sequence[Rule], field: str, policy: Policy,
) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Values that only a rule knows join with probability 0; an inactive one does not."""
    new = tuple(dict.fromkeys(
        rule.value for rule in rules
        if rule.mode == "override" and rule.value not in values and policy.find(field, rule.value).active
    ))
    return values + new, np.hstack([projection, np.zeros((len(projection), len(new)))])


def _renormalised(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    totals = probabilities.sum(axis=1, keepdims=True)
    return np.where(totals > _ALMOST_NOTHING, probabilities / np.maximum(totals, _ALMOST_NOTHING), 0.0)


def _best(probabilities: NDArray[np.float64]) -> NDArray[np.int64]:
    if probabilities.shape[1] == 0:
        return np.full(len(probabilities), -1)
    return np.where(probabilities.sum(axis=1) > 0, probabilities.argmax(axis=1), -1)


def _rule_hits(rules: Sequence[Rule], subjects: Texts, bodies: Texts) -> list[list[Rule]]:
    if not rules:
        return [[] for _ in subjects]
    texts = (
        normalise_text(subject) + "\n" + normalise_text(body) for subject, body in zip(subjects, bodies, strict=True)
    )
    return [[rule for rule in rules if rule.matches(text)] for text in texts]


def _added(
    probabilities: NDArray[np.float64], values: tuple[str, ...], hits: Sequence[Sequence[Rule]],
) -> NDArray[np.float64]:
    result = probabilities.copy()
    for row, rules in enumerate(hits):
        for rule in rules:
            if rule.mode == "add" and rule.value in values:
                result[row, values.index(rule.value)] *= np.exp(np.clip(rule.weight, -50, 50))
    return _renormalised(result) if any(hits) else result


def _limits(scorer: TextLabelScorer, policy: Policy, values: tuple[str, ...]) -> NDArray[np.float64]:
    """Return (values, 2): confidence for suggest and auto, infinite for never."""
    renamed = {policy.current(scorer.field, name): found for name, found in scorer.thresholds.items()}
    limits = np.full((len(values), 2), np.inf)
    for index, value in enumerate(values):
        found = renamed.get(value, {})
        for column, key in enumerate(("suggest", "auto")):
            limit = found.get(key)
            limits[index, column] = np.inf if limit is None else limit
        if not policy.find(scorer.field, value).auto_allowed:
            limits[index, 1] = np.inf
    return limits


def _decisions(
    probabilities: NDArray[np.float64], best: NDArray[np.int64], limits: NDArray[np.float64],
    deaf: NDArray[np.bool_], overriding: Sequence[Rule | None],
) -> NDArray[np.int64]:
    rows = np.arange(len(best))
    if probabilities.shape[1] == 0:
        return np.zeros(len(best), dtype=np.int64)
    reached = probabilities[rows, best][:, None] >= limits[best]
    decisions = np.where(reached[:, 1], 2, np.where(reached[:, 0], 1, 0))
    decisions[deaf | (best < 0)] = 0
    for row, rule in enumerate(overriding):
        if rule is not None:
            decisions[row] = max(int(decisions[row]), 1)
    return decisions


def _answer(
    scorer: TextLabelScorer, policy: Policy, batch: DecisionBatch, row: int, subject: str | None, body: str | None,
    top_k: int, explain: bool,
) -> LabelAnswer:
    ranking = batch.ranking(row, top_k + 1)
    decision = DECISIONS[batch.decisions[row]]
    top = ranking[0] if batch.best[row] >= 0 else None
    value = top[0] if top is not None and decision != "abstain" else None
    rule = batch.rules[row]
    model_best = int(batch.model_best[row])
    return LabelAnswer(
        value=value,
        external_id=policy.find(scorer.field, value).external_id if value is not None else None,
        path=_path(scorer, value, subject, body),
        confidence=round(top[1], 6) if top else None,
        confidence_level=confidence_level(top[1]) if top else None,
        decision=decision,
        thresholds=_shown_thresholds(scorer, policy, top),
        alternatives=tuple(
            (name, policy.find(scorer.field, name).external_id, round(score, 6)) for name, score in ranking[1:]
        ),
        ranking=ranking[:top_k],
        reasons=_reasons(scorer, policy, value, rule, subject, body) if explain else (),
        rule={"id": rule.id, "mode": rule.mode, "value": rule.value} if rule else None,
        model_value=batch.values[model_best] if model_best >= 0 else None,
        warnings=batch.warnings[row],
    )


def _path(scorer: TextLabelScorer, value: str | None, subject: str | None, body: str | None) -> tuple[str, ...]:
    if value is None:
        return ()
    second = scorer.second_level(subject, body, value)
    return (value, second[0]) if second and second[1] >= _SURE_SECOND else (value,)


def _shown_thresholds(
    scorer: TextLabelScorer, policy: Policy, top: tuple[str, float] | None,
) -> Mapping[str, float | None]:
    limits = _limits(scorer, policy, (top[0],))[0] if top else np.full(2, np.inf)
    pairs = zip(("suggest", "auto"), limits, strict=True)
    return {key: float(limit) if np.isfinite(limit) else None for key, limit in pairs}


def _reasons(
    scorer: TextLabelScorer, policy: Policy, value: str | None, rule: Rule | None, subject: str | None,
    body: str | None,
) -> tuple[Reason | dict[str, Any], ...]:
    if value is None:
        return ()
    spoken: list[Reason | dict[str, Any]] = [{"code": "rule", "rule": rule.id}] if rule and rule.value == value else []
    origin = next((name for name in scorer.classes if policy.current(scorer.field, name) == value), value)
    return (*spoken, *scorer.explain(subject, body, origin))
