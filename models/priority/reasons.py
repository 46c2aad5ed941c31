"""Why a ticket counts as urgent, or does not: fields, recent tickets alike and words that spoke for the level."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any

import numpy as np

from features.priority.counts import numbers_of
from models.priority.model import PriorityModel, class_weights

__all__ = ["priority_reasons"]

_LEAST_WEIGHT = 0.02  # log-odds
_FIELDS_ZH = {"customer_id": "客户", "customer_tier": "客户等级", "product": "产品", "site": "网点", "region": "地区",
              "device_id": "设备", "channel": "渠道", "category": "类别", "hour": "时段", "weekday": "星期"}


def priority_reasons(model: PriorityModel, tokens: list[str], level: int, limit: int = 5) -> list[dict[str, Any]]:
    """Return what spoke most for ``level`` (its place in the order), the weightiest first.

    Steps of one number (at least 1, at least 2 …) are one reason, told by the highest step that was reached. A weight
    is in log-odds: for this level's threshold and against the one before.
    """
    known = model.known(tokens)
    places = np.array([place for _, place in known], dtype=np.int64)
    weights = class_weights(model.weights[places].astype(np.float64))[:, level]
    found: dict[tuple[str, ...], list[tuple[str, float]]] = defaultdict(list)
    for (token, _), weight in zip(known, weights.tolist(), strict=True):
        found[_about(token)].append((token, weight))
    summed = [(sum(weight for _, weight in steps), steps[-1][0]) for steps in found.values()]
    spoken = sorted((entry for entry in summed if entry[0] >= _LEAST_WEIGHT), key=lambda entry: -entry[0])
    lacking = frozenset(token[:-1] for token in tokens if token.endswith("="))
    return [_reason(token, weight, model.space.order, lacking) for weight, token in spoken[:limit]]


def _about(token: str) -> tuple[str, ...]:
    numbers = numbers_of(token)
    if numbers is None:
        return (token.partition("=")[0],)
    return "times" if "times" in numbers else "count", numbers["kind"], str(numbers["days"]), numbers["key"]


def _reason(token: str, weight: float, order: tuple[str, ...], lacking: frozenset[str]) -> dict[str, Any]:
    numbers = numbers_of(token)
    if numbers is None:
        name, _, value = token.partition("=")
        return {"code": "context", "field": name, "value": value, "weight": round(weight, 4),
                "text_zh": f"{_field_zh(name)}为“{value}”" if value else f"未填{_field_zh(name)}",
                "text_en": f"{_field_en(name)} is {value!r}" if value else f"{_field_en(name)} is not given"}
    (alike_zh, alike_en), days = alike(numbers["key"], lacking), numbers["days"]
    kind_zh, kind_en = _kind(numbers["kind"], order)
    span_zh = f"近 {days:g} 天" if days >= 1 else f"近 {days * 24:g} 小时"
    span_en = "a day" if days == 1 else f"{days:g} days" if days > 1 else f"{days * 24:g} hours"
    if "times" in numbers:
        times = numbers["times"]
        far_zh, far_en = ("以上", "at least") if times >= 1 else ("以下", "at most")
        return {"code": "share_of_recent", "numbers": numbers, "weight": round(weight, 4),
                "text_zh": f"{span_zh}{alike_zh}中,{kind_zh}的占比是全部工单的 {times:.1f} 倍{far_zh}",
                "text_en": f"{alike_en} were {kind_en} {far_en} {times:.1f} times as often as all tickets ({span_en})"}
    among_zh = f"中,{kind_zh}的" if kind_zh else ""
    return {"code": "recent_tickets", "numbers": numbers, "weight": round(weight, 4),
            "text_zh": f"{span_zh}{alike_zh}{among_zh}至少有 {numbers['at_least']:g} 张",
            "text_en": f"at least {numbers['at_least']:g} {alike_en} were {kind_en} within {span_en}"}


def alike(key: str, lacking: Collection[str]) -> tuple[str, str]:
    """Return what tickets alike have in common, in Chinese and in English; ``lacking`` are the fields left empty.

    >>> alike("customer_tier*保修状态", ["保修状态"])
    ('同客户等级且未填保修状态的工单', 'tickets of the same customer tier and without 保修状态')
    """
    names = key.split("*")
    same, without = [name for name in names if name not in lacking], [name for name in names if name in lacking]
    parts_zh = [f"{word}{'和'.join(map(_field_zh, part))}" for word, part in (("同", same), ("未填", without)) if part]
    parts_en = [f"{word} {' and '.join(map(_field_en, part))}"
                for word, part in (("of the same", same), ("without", without)) if part]
    return f"{'且'.join(parts_zh)}的工单", f"tickets {' and '.join(parts_en)}"


def _field_zh(name: str) -> str:
    """Return a field's name; a workspace's own is its own name."""
    return _FIELDS_ZH.get(name, name)


def _field_en(name: str) -> str:
    return name.replace("_", " ")


def _kind(kind: str, order: tuple[str, ...]) -> tuple[str, str]:
    if kind == "filed":
        return "", "filed"
    if kind == "lowest":
        return "优先级最低", "of the lowest priority"
    level = order[int(kind.removeprefix("urgent")) - 1]
    return f"优先级达到 {level} ", f"at priority {level} or above"
