"""From probabilities of ordered values to answers: taxonomy, tempering, rules that raise, thresholds, modes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.choices import choices_of
from models.decision import LabelAnswer, confidence_level
from models.policy import DECISIONS, Mode, Policy, Rule
from models.priority.ordinal import tempered

__all__ = ["PriorityDecisions", "decide_priorities"]

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]
_CEILINGS = {"off": 0, "suggest": 1, "auto": 2}
_ALMOST_NOTHING = 1e-12


@dataclass(frozen=True, eq=False)
class PriorityDecisions:
    """Answers over ``values``, the most urgent first, for many tickets.

    ``probabilities`` (tickets, values) are calibrated; ``scores`` likewise decide. ``best`` and ``model_best`` index
    ``values``, -1 where nothing may be answered; ``decisions`` index ``DECISIONS``; ``limits`` (values, 2) are the
    confidences from which to suggest and to apply. ``rules``: the one that had a say, if any.
    """

    field: str
    values: tuple[str, ...]
    probabilities: Float64
    scores: Float64
    best: Int64
    model_best: Int64
    decisions: Int64
    limits: Float64
    rules: tuple[Rule | None, ...]

    def ranking(self, row: int, size: int) -> tuple[tuple[str, float], ...]:
        """Return at most ``size`` values with their calibrated confidence: the answer, then by falling score."""
        first, scores, chances = int(self.best[row]), self.scores[row].tolist(), self.probabilities[row].tolist()
        order = sorted(range(len(scores)), key=lambda place: (place != first, -scores[place]))
        return tuple((self.values[place], chances[place]) for place in order[:size])

    def first(self, row: int) -> str | None:
        """Return the value on top, whatever is decided about it; None where nothing may be answered."""
        return self.values[self.best[row]] if self.best[row] >= 0 else None

    def answer(
        self, row: int, policy: Policy, top_k: int, reasons: Sequence[Any], warnings: Sequence[str],
    ) -> LabelAnswer:
        """Return one ticket's answer in the shape that every field has; alternatives by falling confidence."""
        ranking = self.ranking(row, len(self.values))
        others = sorted(ranking[1:], key=lambda each: -each[1])[:top_k]
        best, model_best, rule = int(self.best[row]), int(self.model_best[row]), self.rules[row]
        decision = DECISIONS[self.decisions[row]]
        value = self.values[best] if best >= 0 and decision != "abstain" else None
        confidence = round(ranking[0][1], 6) if best >= 0 else None
        spoken = [{"code": "rule", "rule": rule.id}] if rule is not None and value is not None else []
        return LabelAnswer(
            value=value, external_id=policy.external_id(self.field, value) if value is not None else None,
            path=(value,) if value is not None else (), confidence=confidence,
            confidence_level=confidence_level(confidence) if confidence is not None else None,
            decision=decision, thresholds=self._thresholds(best),
            alternatives=tuple((name, policy.external_id(self.field, name), round(score, 6))
                               for name, score in others),
            ranking=ranking[:top_k], reasons=(*spoken, *reasons) if value is not None else (),
            rule={"id": rule.id, "mode": rule.mode, "value": rule.value} if rule is not None else None,
            model_value=self.values[model_best] if model_best >= 0 else None, warnings=tuple(warnings),
        )

    def _thresholds(self, best: int) -> dict[str, float | None]:
        limits = self.limits[best].tolist() if best >= 0 else [np.inf, np.inf]
        return {name: limit if np.isfinite(limit) else None
                for name, limit in zip(("suggest", "auto"), limits, strict=True)}


def decide_priorities(
    scorer: Any, policy: Policy, probabilities: Float64, fired: Sequence[Sequence[Rule]], mode: Mode | None = None,
) -> PriorityDecisions:
    """Return the answers to tickets with calibrated ``probabilities`` over ``scorer.classes`` and rules that ``fired``.

    A rule makes the answer at least as urgent as its value and never less urgent; of several the most urgent counts,
    of equals the first. Where a rule has a say the answer is suggested at least, and applied by itself only where the
    model was sure enough of the value anyway. A rule of mode ``raise`` always has a say, also where the model found
    the ticket as urgent or more: a word of danger is to be seen. Rules of mode ``add`` move the model's scores, but
    never to a less urgent answer; they and those of mode ``override`` have a say where the answer is theirs.
    ``mode`` caps decisions (default: what the policy says).
    """
    choices = choices_of(scorer, policy)
    values = choices.values[:choices.projection.shape[1]]
    known = _renormalised(probabilities @ choices.projection)
    scores = _renormalised(tempered(probabilities, scorer.shares, scorer.temper) @ choices.projection)
    order = {name: place for place, name in enumerate(values)}
    limits = choices.limits.tolist() or [[np.inf, np.inf]]
    ceilings = [_CEILINGS[mode or policy.mode(scorer.field, value)] for value in values] or [0]
    found = []
    for rules, sure, score in zip(fired, known.tolist(), scores.tolist(), strict=True):  # a few numbers a ticket
        first = max(range(len(score)), key=score.__getitem__, default=-1)
        place, rule = _raised(first, rules, order, score)
        suggest, auto = limits[place]
        chance = sure[place] if sure else 0.0
        decision = 2 if chance >= auto else int(chance >= suggest or rule is not None)
        found.append((place, first, min(decision, ceilings[place]), rule))
    numbers = np.array([row[:3] for row in found], dtype=np.int64).reshape(len(found), 3)
    return PriorityDecisions(scorer.field, values, known, scores, numbers[:, 0], numbers[:, 1], numbers[:, 2],
                             choices.limits, tuple(rule for *_, rule in found))


def _raised(
    model_best: int, rules: Sequence[Rule], order: dict[str, int], scores: Sequence[float],
) -> tuple[int, Rule | None]:
    """Return the answer's place after the rules, and which one had a say."""
    known = [(order[rule.value], rule) for rule in rules if rule.value in order]
    said = [(place, rule) for place, rule in known if rule.mode != "add"]
    least = len(scores) - 1  # "at least the least urgent" is true of any answer
    heard = [(place, rule) for place, rule in said if place <= model_best or (rule.mode == "raise" and place < least)]
    heard += _tipped(model_best, [(place, rule) for place, rule in known if rule.mode == "add"], scores)
    place, rule = min(heard, key=lambda each: each[0], default=(model_best, None))
    return min(place, model_best), rule


def _tipped(
    model_best: int, adding: Sequence[tuple[int, Rule]], scores: Sequence[float],
) -> list[tuple[int, Rule]]:
    """Return where the adding rules lead and the first that had a part in it, unless that is less urgent."""
    if not adding:
        return []
    weights = dict.fromkeys(range(len(scores)), 0.0) | {place: rule.weight for place, rule in adding}
    best = int((np.array(scores) * np.exp(list(weights.values()))).argmax())
    if best < model_best:
        return [(best, adding[0][1])]
    return [(best, rule) for place, rule in adding if place == best == model_best and rule.weight > 0][:1]


def _renormalised(scores: Float64) -> Float64:
    totals = scores.sum(axis=1, keepdims=True)
    return np.where(totals > _ALMOST_NOTHING, scores / np.maximum(totals, _ALMOST_NOTHING), 0.0)
