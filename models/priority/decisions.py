"""From probabilities of ordered values to answers: taxonomy, tempering, rules that raise, thresholds, modes."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.choices import choices_of
from models.decision import LabelAnswer, confidence_level
from models.policy import DECISIONS, Mode, Policy, Rule
from models.priority.ordinal import temper_weights

__all__ = ["PriorityDecisions", "decide_priorities"]

Float64 = NDArray[np.float64]
_CEILINGS = {"off": 0, "suggest": 1, "auto": 2}
_ALMOST_NOTHING = 1e-12
_NEVER = (inf, inf)


@dataclass(frozen=True, eq=False)
class PriorityDecisions:
    """Answers over ``values``, the most urgent first, for many tickets.

    ``probabilities`` (tickets, values) are calibrated; ``scores`` likewise decide. ``best`` and ``model_best`` index
    ``values``, -1 where nothing may be answered; ``decisions`` index ``DECISIONS``; ``limits`` (values, 2) are the
    confidences from which to suggest and to apply. ``rules``: the one that had a say, if any. All are lists: on the few
    numbers of a ticket they are quicker than arrays.
    """

    field: str
    values: tuple[str, ...]
    probabilities: Sequence[Sequence[float]]
    scores: Sequence[Sequence[float]]
    best: Sequence[int]
    model_best: Sequence[int]
    decisions: Sequence[int]
    limits: Sequence[Sequence[float]]
    rules: Sequence[Rule | None]

    def ranking(self, row: int, size: int) -> tuple[tuple[str, float], ...]:
        """Return at most ``size`` values with their calibrated confidence: the answer, then by falling score."""
        first, scores, chances = self.best[row], self.scores[row], self.probabilities[row]
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
        best, model_best, rule = self.best[row], self.model_best[row], self.rules[row]
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
        limits = self.limits[best] if best >= 0 else _NEVER
        return {name: limit if limit < inf else None
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
    members = choices.members
    values = choices.values
    order = {name: place for place, name in enumerate(values)}
    limits = choices.limits.tolist() or [_NEVER]
    ceilings = [_CEILINGS[mode or policy.mode(scorer.field, value)] for value in values] or [0]
    weights = temper_weights(scorer.shares, scorer.temper).tolist()
    known, scores, best, model_best, decisions, heard = [], [], [], [], [], []
    for rules, chances in zip(fired, probabilities.tolist(), strict=True):
        sure = _by_value(chances, members)
        score = _by_value([chance * weight for chance, weight in zip(chances, weights, strict=True)], members)
        first = max(range(len(score)), key=score.__getitem__, default=-1)
        place, rule = _raised(first, rules, order, score)
        suggest, auto = limits[place]
        chance = sure[place] if sure else 0.0
        decision = 2 if chance >= auto else int(chance >= suggest or rule is not None)
        known.append(sure)
        scores.append(score)
        best.append(place)
        model_best.append(first)
        decisions.append(min(decision, ceilings[place]))
        heard.append(rule)
    return PriorityDecisions(scorer.field, values, known, scores, best, model_best, decisions, limits, heard)


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


def _by_value(chances: Sequence[float], members: Sequence[Sequence[int]]) -> list[float]:
    """Return the shares of values of which each has some classes, summing to 1; all 0 where nothing is left."""
    found = [sum(chances[place] for place in places) for places in members]
    total = sum(found)
    return [each / total for each in found] if total > _ALMOST_NOTHING else [0.0] * len(found)
