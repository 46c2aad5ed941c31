"""Why a risk is high, in words: contributions by meaning, each with its number, one's own baseline and the peers'.

A reason is an association that the model learnt, not a cause. It is told only where its words are true: "reopened
three times" needs a reopening, "later than usual" needs a delay. At most three are told, those that someone can act on
first; protective factors are what lowers the risk most.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["MOST", "Evidence", "Meaning", "explained", "told"]

Float64 = NDArray[np.float64]
MOST = 3
LEAST_WEIGHT = 0.05
"""A smaller contribution to the log odds is not told."""
Rule = Literal["any", "present", "above", "below"]


@dataclass(frozen=True, slots=True)
class Meaning:
    """One group of columns in words.

    ``value`` names the column that is told, ``own`` the one that holds the baseline of the same entity. ``rule`` says
    when the words of a reason are true: always, for a value above 0, above or below the baseline (the peers' where
    there is none of one's own); those of a protective factor are true in the other case. ``zh`` and ``en`` are formats
    of ``value``; ``own_zh``, ``own_en`` of ``own``; ``kept_zh`` and ``kept_en`` are the protective words (empty: never
    told). ``{s}`` in English words is the plural's ending: ``{} order{s}``.
    """

    code: str
    value: str
    zh: str
    en: str
    own: str = ""
    own_zh: str = ""
    own_en: str = ""
    kept_zh: str = ""
    kept_en: str = ""
    rule: Rule = "any"
    actionable: bool = False
    digits: int = 0


@dataclass(frozen=True, eq=False)
class Evidence:
    """What the words need, arrays of shape (rows, meanings): contributions to the log odds, values, baselines, peers'.

    NaN where something is not known. ``labels`` holds a text (or None) where a category takes the value's place.
    """

    weight: Float64
    value: Float64
    own: Float64
    peers: Float64
    labels: NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.weight)


@dataclass(frozen=True, slots=True)
class _Found:
    row: int
    place: int
    risky: bool


def explained(meanings: Sequence[Meaning], evidence: Evidence, actions: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return ``{"reasons": […], "protective": […]}`` for each row, both at most three."""
    if len(meanings) != evidence.weight.shape[1]:
        raise ValueError(f"got {len(meanings)} meanings for {evidence.weight.shape[1]} contributions")
    risky, kept = told(meanings, evidence)
    actionable = np.array([meaning.actionable for meaning in meanings], dtype=bool)
    reasons = _strongest(np.where(risky, evidence.weight, 0))
    protective = _strongest(np.where(kept, -evidence.weight, 0))
    found = []
    for row in range(len(evidence)):
        places = sorted(reasons[row], key=lambda place: not actionable[place])
        found.append({
            "reasons": [_words(meanings[place], evidence, _Found(row, place, True), actions) for place in places],
            "protective": [_words(meanings[place], evidence, _Found(row, place, False), {})
                           for place in protective[row]],
        })
    return found


def told(meanings: Sequence[Meaning], evidence: Evidence) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return where the words of a reason, and where those of a protective factor, may be told, (rows, meanings)."""
    known = ~np.isnan(evidence.value) | (evidence.labels != None)  # noqa: E711
    usual = np.where(np.isnan(evidence.own), evidence.peers, evidence.own)
    rules = np.array([meaning.rule for meaning in meanings], dtype=object)
    true = np.select(
        [rules == "present", rules == "above", rules == "below"],
        [evidence.value > 0, evidence.value > usual, evidence.value < usual], True)
    other = np.where(rules == "any", True, ~true)
    spoken = np.array([bool(meaning.kept_zh) for meaning in meanings], dtype=bool)
    return (known & true & (evidence.weight >= LEAST_WEIGHT),
            known & other & spoken & (evidence.weight <= -LEAST_WEIGHT))


def _strongest(weight: Float64) -> list[list[int]]:
    """Return the columns of the up to three greatest weights above 0 of each row, greatest first."""
    order = np.argsort(-weight, axis=1, kind="stable")[:, :MOST]
    above = np.take_along_axis(weight, order, axis=1) > 0
    return [[place for place, wanted in zip(places, kept, strict=True) if wanted]
            for places, kept in zip(order.tolist(), above.tolist(), strict=True)]


def _words(meaning: Meaning, evidence: Evidence, found: _Found, actions: Mapping[str, str]) -> dict[str, Any]:
    at = (found.row, found.place)
    value, own, peers = float(evidence.value[at]), float(evidence.own[at]), float(evidence.peers[at])
    label = evidence.labels[at]
    shown = _number(value, meaning.digits) if label is None else label
    chinese, english = (meaning.zh, meaning.en) if found.risky else (meaning.kept_zh, meaning.kept_en)
    zh, en = [chinese.format(shown)], [counted(english, shown)]
    if meaning.own_zh and own == own:
        zh.append(meaning.own_zh.format(_number(own, meaning.digits)))
        en.append(counted(meaning.own_en, _number(own, meaning.digits)))
    if peers == peers:
        zh.append(f"同类客户 {_number(peers, meaning.digits)}")
        en.append(f"peers {_number(peers, meaning.digits)}")
    return {"code": meaning.code, "value": _plain(value) if label is None else label, "own": _plain(own),
            "peers": _plain(peers), "weight": round(float(evidence.weight[at]), 4), "text_zh": ",".join(zh),
            "text_en": ", ".join(en), "action": actions.get(meaning.code)}


def counted(words: str, shown: Any) -> str:
    """Return English words with a number filled in, in the singular for one.

    >>> counted("{} order{s} in all", "1"), counted("{} order{s} in all", "0.4")
    ('1 order in all', '0.4 orders in all')
    """
    return words.format(shown, s="" if shown == "1" else "s")


def _number(value: float, digits: int) -> str:
    """Format for people: a digit more for what lies between whole numbers below ten; what is little is not nothing.

    >>> _number(3.0, 0), _number(0.43, 0), _number(12.6, 0), _number(0.0397, 0), _number(0.0004, 0)
    ('3', '0.4', '13', '0.04', '<0.01')
    """
    if 0 < abs(value) < 0.05:
        return f"{value:.2f}" if abs(value) >= 0.005 else "<0.01"
    shown = digits + (1 if abs(value) < 10 and value != round(value) else 0)
    return f"{value:,.{shown}f}"


def _plain(value: float) -> float | None:
    return None if value != value else round(value, 4)
