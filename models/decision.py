"""From a ticket to an answer: what the model, the taxonomy and the rules say, and the honest "I don't know"."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from features.ticket_text import Texts
from models.decision_batch import DecisionBatch, decide_batch
from models.policy import DECISIONS, Mode, Policy, Rule
from models.reasons import Reason
from models.text_scorer import TextLabelScorer

__all__ = ["LabelAnswer", "confidence_level", "decide"]

LEVELS = (("high", 0.85), ("medium", 0.60), ("low", 0.0))
"""Bands of confidence, each from its lower bound."""
_SURE_SECOND = 0.5


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


def decide(
    scorer: TextLabelScorer, policy: Policy, subjects: Texts, bodies: Texts, top_k: int = 3, explain: bool = False,
    mode: Mode | None = None,
) -> list[LabelAnswer]:
    """Return one answer a ticket, in order; ``mode`` caps decisions (default: what the policy says of the field).

    The same ticket gets the same answer alone and among others. A rule of mode ``override`` is at least suggested,
    and applied by itself only where the model agrees so surely that it would have been applied anyway; of several
    such rules the first one counts.
    """
    batch = decide_batch(scorer, policy, subjects, bodies, mode)
    return [
        _answer(scorer, policy, batch, row, subject, body, top_k, explain)
        for row, (subject, body) in enumerate(zip(subjects, bodies, strict=True))
    ]


def confidence_level(confidence: float) -> str:
    """Return the band of a confidence.

    >>> confidence_level(0.85), confidence_level(0.849), confidence_level(0.1)
    ('high', 'medium', 'low')
    """
    return next(name for name, bound in LEVELS if confidence >= bound)


def _answer(
    scorer: TextLabelScorer, policy: Policy, batch: DecisionBatch, row: int, subject: str | None, body: str | None,
    top_k: int, explain: bool,
) -> LabelAnswer:
    ranking = batch.ranking(row, top_k + 1)
    best, model_best = int(batch.best[row]), int(batch.model_best[row])
    decision = DECISIONS[batch.decisions[row]]
    value = batch.values[best] if best >= 0 and decision != "abstain" else None
    confidence = round(ranking[0][1], 6) if best >= 0 else None
    rule = batch.rules[row]
    return LabelAnswer(
        value=value,
        external_id=policy.find(scorer.field, value).external_id if value is not None else None,
        path=_path(scorer, policy, value, subject, body),
        confidence=confidence,
        confidence_level=confidence_level(confidence) if confidence is not None else None,
        decision=decision,
        thresholds=_thresholds(batch, best),
        alternatives=tuple(
            (name, policy.find(scorer.field, name).external_id, round(score, 6)) for name, score in ranking[1:]
        ),
        ranking=ranking[:top_k],
        reasons=_reasons(scorer, policy, value, rule, subject, body) if explain else (),
        rule={"id": rule.id, "mode": rule.mode, "value": rule.value} if rule else None,
        model_value=batch.values[model_best] if model_best >= 0 else None,
        warnings=batch.warnings[row],
    )


def _thresholds(batch: DecisionBatch, best: int) -> Mapping[str, float | None]:
    limits = batch.choices.limits[best].tolist() if best >= 0 else [np.inf, np.inf]
    return {key: limit if np.isfinite(limit) else None for key, limit in zip(("suggest", "auto"), limits, strict=True)}


def _path(
    scorer: TextLabelScorer, policy: Policy, value: str | None, subject: str | None, body: str | None,
) -> tuple[str, ...]:
    """Return the value and, where the second level is sure enough, what is below it in the taxonomy too."""
    if value is None:
        return ()
    for origin in _origins(scorer, policy, value):
        below = scorer.second_level(subject, body, origin)
        if below and below[1] >= _SURE_SECOND:
            name = policy.current(scorer.second_field, below[0])
            if policy.stands_below(scorer.second_field, name, value):
                return (value, name)
    return (value,)


def _reasons(
    scorer: TextLabelScorer, policy: Policy, value: str | None, rule: Rule | None, subject: str | None,
    body: str | None,
) -> tuple[Reason | dict[str, Any], ...]:
    if value is None:
        return ()
    spoken: list[Reason | dict[str, Any]] = [{"code": "rule", "rule": rule.id}] if rule and rule.value == value else []
    return (*spoken, *scorer.explain(subject, body, next(_origins(scorer, policy, value), value)))


def _origins(scorer: TextLabelScorer, policy: Policy, value: str) -> Iterator[str]:
    """Yield the model's classes that are ``value`` today, the one of that very name first."""
    if value in scorer.classes and policy.current(scorer.field, value) == value:
        yield value
    yield from (each for each in scorer.classes if each != value and policy.current(scorer.field, each) == value)
