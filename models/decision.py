"""From a ticket to an answer: what the model, the taxonomy and the rules say, and the honest "I don't know"."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from features.text.ticket_text import Texts
from models.decision_batch import DecisionBatch, decide_batch
from models.label_scorer import LabelScorer
from models.policy import DECISIONS, Mode, Policy, Rule
from models.text.reasons import Reason

__all__ = ["SURE_SECOND", "LabelAnswer", "confidence_level", "decide"]

LEVELS = (("high", 0.85), ("medium", 0.60), ("low", 0.0))
"""Bands of confidence, each from its lower bound."""
SURE_SECOND = 0.5
"""The probability from which a second level is answered below the first."""
_NEVER: Mapping[str, float | None] = {"suggest": None, "auto": None}


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
    scorer: LabelScorer, policy: Policy, subjects: Texts, bodies: Texts, top_k: int = 3, explain: bool = False,
    mode: Mode | None = None,
) -> list[LabelAnswer]:
    """Return one answer a ticket, in order; ``mode`` caps decisions (default: what the policy says of the field).

    The same ticket gets the same answer alone and among others. A rule of mode ``override`` is at least suggested,
    and applied by itself only where the model agrees so surely that it would have been applied anyway; of several
    such rules the first one counts.
    """
    batch = decide_batch(scorer, policy, subjects, bodies, mode)
    rankings = batch.rankings(top_k + 1)
    return [
        _answer(scorer, policy, batch, row, rankings[row], top_k, subject, body, explain)
        for row, (subject, body) in enumerate(zip(subjects, bodies, strict=True))
    ]


def confidence_level(confidence: float) -> str:
    """Return the band of a confidence.

    >>> confidence_level(0.85), confidence_level(0.849), confidence_level(0.1)
    ('high', 'medium', 'low')
    """
    return next(name for name, bound in LEVELS if confidence >= bound)


def _answer(
    scorer: LabelScorer, policy: Policy, batch: DecisionBatch, row: int, ranking: tuple[tuple[str, float], ...],
    top_k: int, subject: str | None, body: str | None, explain: bool,
) -> LabelAnswer:
    choices, best, model_best = batch.choices, int(batch.best[row]), int(batch.model_best[row])
    origins = choices.origins[best] if best >= 0 else ()
    decision = DECISIONS[batch.decisions[row]]
    value = batch.values[best] if best >= 0 and decision != "abstain" else None
    confidence = round(ranking[0][1], 6) if best >= 0 else None
    rule = batch.rules[row]
    return LabelAnswer(
        value=value,
        external_id=choices.external_ids[value] if value is not None else None,
        path=_path(scorer, policy, value, origins, subject, body),
        confidence=confidence,
        confidence_level=confidence_level(confidence) if confidence is not None else None,
        decision=decision,
        thresholds=choices.thresholds[best] if best >= 0 else _NEVER,
        alternatives=tuple((name, choices.external_ids[name], round(score, 6)) for name, score in ranking[1:]),
        ranking=ranking[:top_k],
        reasons=_reasons(scorer, value, origins, rule, subject, body) if explain else (),
        rule={"id": rule.id, "mode": rule.mode, "value": rule.value} if rule else None,
        model_value=batch.values[model_best] if model_best >= 0 else None,
        warnings=batch.warnings[row],
    )


def _path(
    scorer: LabelScorer, policy: Policy, value: str | None, origins: Sequence[str], subject: str | None,
    body: str | None,
) -> tuple[str, ...]:
    """Return the value and, where the second level is sure enough, what is below it in the taxonomy too."""
    if value is None:
        return ()
    for origin in origins if scorer.second_field else ():
        below = scorer.second_level(subject, body, origin)
        if below and below[1] >= SURE_SECOND:
            name = policy.current(scorer.second_field, below[0])
            if policy.stands_below(scorer.second_field, name, value):
                return (value, name)
    return (value,)


def _reasons(
    scorer: LabelScorer, value: str | None, origins: Sequence[str], rule: Rule | None, subject: str | None,
    body: str | None,
) -> tuple[Reason | dict[str, Any], ...]:
    if value is None:
        return ()
    spoken: list[Reason | dict[str, Any]] = [{"code": "rule", "rule": rule.id}] if rule and rule.value == value else []
    return (*spoken, *scorer.explain(subject, body, next(iter(origins), value)))
