"""Why a ticket counts as urgent, or does not: fields, recent tickets alike and words that spoke for the level."""

from collections import defaultdict
from typing import Any

import numpy as np

from features.priority.counts import numbers_of
from models.priority.model import PriorityModel, class_weights

__all__ = ["priority_reasons"]

_LEAST_WEIGHT = 0.02  # log-odds
_KINDS_ZH = {"filed": "报单", "lowest": "最低优先级"}
_KINDS_EN = {"filed": "filed", "lowest": "of the lowest priority"}
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
    return [_reason(token, weight, model.space.order) for weight, token in spoken[:limit]]


def _about(token: str) -> tuple[str, ...]:
    numbers = numbers_of(token)
    if numbers is None:
        return (token.partition("=")[0],)
    return "times" if "times" in numbers else "count", numbers["kind"], str(numbers["days"]), numbers["key"]


def _reason(token: str, weight: float, order: tuple[str, ...]) -> dict[str, Any]:
    numbers = numbers_of(token)
    if numbers is None:
        name, _, value = token.partition("=")
        return {"code": "context", "field": name, "value": value, "weight": round(weight, 4),
                "text_zh": f"{named_fields(name)[0]}为“{value or '空'}”",
                "text_en": f"{named_fields(name)[1]} is {value or 'empty'!r}"}
    (key_zh, key_en), days = named_fields(numbers["key"]), numbers["days"]
    said_zh, said_en = _kind(numbers["kind"], order)
    span_zh = f"近 {days:g} 天" if days >= 1 else f"近 {days * 24:g} 小时"
    span_en = f"{days:g} days" if days >= 1 else f"{days * 24:g} hours"
    if "times" in numbers:
        times = numbers["times"]
        far_zh, far_en = ("以上", "at least") if times >= 1 else ("以下", "at most")
        return {"code": "share_of_recent", "numbers": numbers, "weight": round(weight, 4),
                "text_zh": f"同{key_zh}的工单{span_zh}{said_zh}的比例为平均的 {times:.1f} 倍{far_zh}",
                "text_en": f"tickets of the same {key_en} were {said_en} {far_en} {times:.1f} times as often as usual "
                           f"({span_en})"}
    return {"code": "recent_tickets", "numbers": numbers, "weight": round(weight, 4),
            "text_zh": f"同{key_zh}的工单{span_zh}{said_zh}至少 {numbers['at_least']:g} 张",
            "text_en": f"at least {numbers['at_least']:g} tickets of the same {key_en} {said_en} within {span_en}"}


def named_fields(key: str) -> tuple[str, str]:
    """Return a field, or a cross of fields, in Chinese and in English; a workspace's own by its name.

    >>> named_fields("customer_tier*保修状态")
    ('客户等级和保修状态', 'customer tier and 保修状态')
    """
    names = key.split("*")
    return "和".join(_FIELDS_ZH.get(name, name) for name in names), " and ".join(names).replace("_", " ")


def _kind(kind: str, order: tuple[str, ...]) -> tuple[str, str]:
    if kind in _KINDS_ZH:
        return _KINDS_ZH[kind], _KINDS_EN[kind]
    level = order[int(kind.removeprefix("urgent")) - 1]
    return f"优先级达到 {level}", f"at priority {level} or above"
