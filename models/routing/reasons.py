"""Why this one? Sentences with numbers, in Chinese and English, weighed by what the ranking trees made of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.routing.assignee_history import AssigneeHistory
from features.routing.candidate_history import BY_KEY, PROFILE, SHARES, HistoryKey
from features.routing.fields import DAYPART, EVERYTHING
from models.routing.question import Question
from models.routing.rows import NAMED
from models.trees import Trees

__all__ = ["MOST_REASONS", "Shown", "routing_reasons"]

Float64 = NDArray[np.float64]
MOST_REASONS = 3
_CHINESE = {
    "category": "同类", "subcategory": "同子类", "customer_id": "该客户", "product": "该产品", "site": "该地点",
    "region": "该区域", "device_id": "该设备", "channel": "该渠道", DAYPART: "该时段", EVERYTHING: "全部",
}
_ENGLISH = {
    "category": "alike", "subcategory": "alike in detail", "customer_id": "for this customer",
    "product": "for this product", "site": "at this site", "region": "in this region", "device_id": "for this device",
    "channel": "by this channel", DAYPART: "at this time of the week", EVERYTHING: "in all",
}
_LEAST_SHARE = 0.02


@dataclass(frozen=True, eq=False)
class Shown:
    """Who had a closer look, and the trees' features of each, float64 (candidates, features)."""

    names: tuple[str, ...]
    matrix: Float64


@dataclass(frozen=True, slots=True)
class _Told:
    """What is known of the best candidate beside the others who had a closer look."""

    name: str
    row: int
    profile: Mapping[str, Float64]
    weights: Mapping[str, float]


def routing_reasons(
    trees: Trees, keys: Sequence[HistoryKey], state: AssigneeHistory, question: Question, shown: Shown, name: str,
    named_in: Sequence[str] = (),
) -> tuple[dict[str, Any], ...]:
    """Return at most three reasons for a candidate, the weightiest first.

    Each has ``code``, ``numbers``, ``text_zh``, ``text_en`` and ``weight``, what the trees add to the candidate's score
    for it beyond the mean of the others. Nothing is said of somebody who had no closer look.
    """
    if name not in shown.names:
        return ()
    told = _told(trees, keys, state, shown, name)
    found = [*_named(told, question, named_in), *_alike(told, keys, state, question), *_group(told, state, question),
             *_profile(told)]
    weighty = [reason for reason in found if reason["weight"] > 0]
    return tuple(sorted(weighty, key=lambda reason: -reason["weight"])[:MOST_REASONS])


def _told(
    trees: Trees, keys: Sequence[HistoryKey], state: AssigneeHistory, shown: Shown, name: str,
) -> _Told:
    topics = _topics(keys, trees.names)
    numbers = {topic: number for number, topic in enumerate(dict.fromkeys(topics))}
    given = trees.contributions(shown.matrix, [numbers[topic] for topic in topics])
    row = shown.names.index(name)
    beyond = given[row] - np.delete(given, row, axis=0).mean(axis=0) if len(given) > 1 else given[row]
    profile = state.profiles.columns(state.profiles.codes(shown.names))
    return _Told(name, row, dict(zip(PROFILE, profile, strict=True)),
                 {topic: round(float(beyond[number]), 4) for topic, number in numbers.items()})


def _topics(keys: Sequence[HistoryKey], names: Sequence[str]) -> list[str]:
    """Return what each feature of the trees is about: a key's name, a part of the profile, or the group."""
    by_key = [key.name for key in keys for _ in BY_KEY]
    rest = names[len(by_key):]
    topics = {"hours_since_assigned": "recent", "hours_since_solved": "recent", "own_group_log_probability": "group",
              **{f"expected_group_share_{share}": "group" for share in SHARES}}
    return [*by_key, *(topics.get(name, name) for name in rest)]


def _named(told: _Told, question: Question, fields: Sequence[str]) -> list[dict[str, Any]]:
    return [_reason("named_in_ticket", {"field": field}, f"工单的 {field} 就是此人(组)",
                    f"the ticket's {field} names them", told.weights[NAMED])
            for field in fields if question.values[field] == told.name]


def _alike(
    told: _Told, keys: Sequence[HistoryKey], state: AssigneeHistory, question: Question,
) -> list[dict[str, Any]]:
    """Return one reason a key in which the candidate solved anything; tickets alike in most respects weigh most."""
    found = []
    for key in keys:
        if any(field not in (EVERYTHING, DAYPART) and not question.values[field] for field in key.fields):
            continue
        solved, of = state.alike(key, question.values, question.at, told.name)
        if solved and solved >= _LEAST_SHARE * of and key.fields != (EVERYTHING,):
            found.append(_reason(
                f"solved_same_{'_and_'.join(key.fields)}", {"solved": solved, "of": of},
                f"{_zh(key)}已解决 {solved}/{of}", f"solved {solved} of {of} {_en(key)}",
                max(told.weights[key.name], 0.0) + solved / (of + 1),
            ))
    return found


def _group(told: _Told, state: AssigneeHistory, question: Question) -> list[dict[str, Any]]:
    group = state.profiles.last_group(told.name)
    if not question.groups or group not in question.groups:
        return []
    chance = round(float(np.exp(question.groups[group])), 3)
    return [_reason("expected_group", {"group": group, "probability": chance}, f"初看归「{group}」({chance:.0%})",
                    f"at first sight for group {group} ({chance:.0%})", told.weights["group"] * (chance > 0.1))]


def _profile(told: _Told) -> list[dict[str, Any]]:
    of = told.profile
    load, typical = (float(pick(of["open"])) for pick in (lambda each: each[told.row], np.median))
    reasons = []
    if load <= typical:
        reasons.append(_reason("low_load", {"open": round(load), "median": round(typical)},
                               f"手上 {load:.0f} 单,中位 {typical:.0f} 单",
                               f"{load:.0f} open, the median is {typical:.0f}", told.weights["open_tickets"]))
    for code, topic, sentence in _OF_PROFILE:
        said = sentence(of, told.row)
        if said is not None:
            reasons.append(_reason(code, *said, told.weights[topic]))
    return reasons


_Said = tuple[dict[str, float], str, str]


def _tempo(of: Mapping[str, Float64], row: int) -> _Said | None:
    known = of["solves"] > 0
    if not known[row]:
        return None
    hours = np.expm1(of["log_hours"][known] / of["solves"][known])
    own, typical = float(np.expm1(of["log_hours"][row] / of["solves"][row])), float(np.median(hours))
    if own > typical:
        return None
    return ({"hours": round(own, 1), "median": round(typical, 1)}, f"通常 {own:.1f} 小时解决,中位 {typical:.1f} 小时",
            f"usually solves in {own:.1f} hours, the median is {typical:.1f}")


def _satisfaction(of: Mapping[str, Float64], row: int) -> _Said | None:
    answers = of["csat_answers"][row]
    if not answers:
        return None
    mean = float(of["csat"][row] / answers)
    return ({"csat": round(mean, 2), "answers": round(float(answers))}, f"满意度 {mean:.1f}({answers:.0f} 次评价)",
            f"satisfaction {mean:.1f} from {answers:.0f} answers")


def _few_reopened(of: Mapping[str, Float64], row: int) -> _Said | None:
    solves, reopens = float(of["solves"][row]), float(of["reopens"][row])
    if solves < 5 or reopens > 0.1 * solves:
        return None
    return ({"reopened": round(reopens), "of": round(solves)}, f"重新打开 {reopens:.0f}/{solves:.0f}",
            f"{reopens:.0f} of {solves:.0f} reopened")


_OF_PROFILE: tuple[tuple[str, str, Callable[[Mapping[str, Float64], int], _Said | None]], ...] = (
    ("fast", "resolution_log_hours_mean", _tempo), ("satisfied_customers", "csat_mean", _satisfaction),
    ("few_reopened", "reopen_rate", _few_reopened),
)


def _reason(code: str, numbers: Mapping[str, Any], chinese: str, english: str, weight: float) -> dict[str, Any]:
    return {"code": code, "numbers": dict(numbers), "text_zh": chinese, "text_en": english, "weight": round(weight, 4)}


def _zh(key: HistoryKey) -> str:
    return "、".join(_CHINESE.get(field, f"同 {field} ") for field in key.fields).strip()


def _en(key: HistoryKey) -> str:
    return ", ".join(_ENGLISH.get(field, f"of the same {field}") for field in key.fields)
