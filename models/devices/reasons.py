"""Why a device is at risk: the signals that weigh most, with their values beside the device's and the fleet's usual."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.devices.signals import Signal

__all__ = ["MOST_REASONS", "DeviceRow", "reasons_of"]

Float64 = NDArray[np.float64]
MOST_REASONS = 3
LEAST_WEIGHT = 0.02
"""Log odds below which a signal says nothing."""
_COUNTED = {"error": "error_{}_30d", "errors": "errors_30d", "failures": "failures_365d",
            "template": "log_template_{}_7d", "log": "log_lines_30d"}
"""What a kind of signal counts: nothing of it is no reason for a risk."""
_DIGITS = 6
_ACTIONS = {"sensor": "检查该传感器与相关部件", "component": "安排检查或更换该部件", "error": "按报错代码排查",
            "errors": "查看近期报错", "template": "查看近期日志", "log": "查看近期日志",
            "readings": "检查数据上报与网络"}


@dataclass(frozen=True, eq=False)
class DeviceRow:
    """A device at a moment: feature values by column name (no missing ones), the fleet's mean by statistic, the
    shortest and longest window (days) and log templates by number."""

    values: Mapping[str, float]
    fleet: Mapping[str, float]
    window: int
    longest: int
    templates: Mapping[str, str]


def reasons_of(signals: tuple[Signal, ...], weights: Float64, row: DeviceRow, *,
               protective: bool = False) -> list[dict[str, Any]]:
    """Return at most ``MOST_REASONS`` reasons, those with something to do first, then by weight.

    ``weights`` are log odds by signal; ``protective`` asks for those that lower the risk. That nothing was counted may
    lower a risk; where it raises one (the lack tells the model of something else) it explains nothing, and the next
    signal is told instead.
    """
    order = np.argsort(weights if protective else -weights, kind="stable")
    chosen = [number for number in order.tolist()
              if (-weights[number] if protective else weights[number]) > LEAST_WEIGHT
              and (protective or _happened(signals[number], row))][:MOST_REASONS]
    found = [_reason(signals[number], float(weights[number]), row) for number in chosen]
    return sorted(found, key=lambda reason: reason["action"] is None)


def _happened(signal: Signal, row: DeviceRow) -> bool:
    column = _COUNTED.get(signal.kind)
    return column is None or row.values.get(column.format(signal.about), 0.0) > 0


def _reason(signal: Signal, weight: float, row: DeviceRow) -> dict[str, Any]:
    told = {name: float(f"{each:.{_DIGITS}g}") if isinstance(each, float) else each
            for name, each in _TELLERS.get(signal.kind, _plain)(signal, row).items()}
    action = _ACTIONS.get(signal.kind) if weight > 0 else None
    return {"code": signal.code, "value": None, "own": None, "peers": None, "weight": round(weight, 4),
            "action": action, **told}


def _sensor(signal: Signal, row: DeviceRow) -> dict[str, Any]:
    name, days = signal.about, row.window
    value, change = row.values.get(f"{name}_mean_{days}d"), row.values.get(f"{name}_mean_change_own")
    peers, stuck = row.fleet.get(f"{name}_mean_{days}d"), row.values.get(f"{name}_stuck_days") or 0.0
    if value is None:
        return {"text_zh": f"{name} 没有读数", "text_en": f"{name} has no readings"}
    own = row.values.get(f"{name}_mean_{row.longest}d")
    usual_zh = "" if own is None else f",该设备平时 {own:.4g}"
    usual_en = "" if own is None else f", usually {own:.4g} here"
    fleet_zh = "" if peers is None else f",同型号 {peers:.4g}"
    fleet_en = "" if peers is None else f", {peers:.4g} in the fleet"
    still_zh = f",已 {stuck:.0f} 天没有变化" if stuck >= 1 else ""
    still_en = f", unchanged for {stuck:.0f} days" if stuck >= 1 else ""
    far = "" if change is None else f"({change:+.1f}σ)"
    return {"value": value, "own": own, "peers": peers,
            "text_zh": f"{name} 近{days}天均值 {value:.4g}{usual_zh}{far}{fleet_zh}{still_zh}",
            "text_en": f"{name}: mean of {days} days {value:.4g}{usual_en}{far}{fleet_en}{still_en}"}


def _error(signal: Signal, row: DeviceRow) -> dict[str, Any]:
    count, month = row.values.get(f"error_{signal.about}_7d", 0.0), row.values.get(f"error_{signal.about}_30d", 0.0)
    own = round(month * 7 / 30, 2)
    return {"value": count, "own": own, "text_zh": f"近7天报错 {signal.about} {count:.0f} 次,近30天 {month:.0f} 次",
            "text_en": f"error {signal.about}: {count:.0f} in 7 days, {month:.0f} in 30"}


def _errors(_signal: Signal, row: DeviceRow) -> dict[str, Any]:
    count, month = row.values.get("errors_7d", 0.0), row.values.get("errors_30d", 0.0)
    return {"value": count, "own": round(month * 7 / 30, 2),
            "text_zh": f"近7天报错 {count:.0f} 次,近30天 {month:.0f} 次",
            "text_en": f"{_many(count, 'error')} in 7 days, {month:.0f} in 30"}


def _component(signal: Signal, row: DeviceRow) -> dict[str, Any]:
    age = row.values.get(f"days_since_service_{signal.about}")
    if age is None:
        return {"text_zh": f"{signal.about} 没有维护记录", "text_en": f"{signal.about} was never serviced on record"}
    return {"value": age, "text_zh": f"{signal.about} 距上次更换或维护 {age:.0f} 天",
            "text_en": f"{signal.about} was serviced {age:.0f} days ago"}


def _service(_signal: Signal, row: DeviceRow) -> dict[str, Any]:
    since, due = row.values.get("days_since_maintenance"), row.values.get("days_to_service")
    if since is None:
        return {"text_zh": "没有维护记录", "text_en": "never serviced on record"}
    due_zh, due_en = ("", "") if due is None else (f",按周期 {due:.0f} 天后维护", f", due in {due:.0f} days")
    return {"value": since, "text_zh": f"距上次维护 {since:.0f} 天{due_zh}",
            "text_en": f"serviced {since:.0f} days ago{due_en}"}


def _failures(_signal: Signal, row: DeviceRow) -> dict[str, Any]:
    count = row.values.get("failures_365d", 0.0)
    return {"value": count, "text_zh": f"近一年故障 {count:.0f} 次", "text_en": f"{_many(count, 'failure')} in a year"}


def _age(_signal: Signal, row: DeviceRow) -> dict[str, Any]:
    age = row.values.get("age_days")
    if age is None:
        return {"text_zh": "安装日期未知", "text_en": "not known when it was installed"}
    return {"value": age, "text_zh": f"已使用 {age / 365.25:.1f} 年", "text_en": f"{age / 365.25:.1f} years old"}


def _template(signal: Signal, row: DeviceRow) -> dict[str, Any]:
    count, line = row.values.get(f"log_template_{signal.about}_7d", 0.0), row.templates.get(signal.about, signal.about)
    return {"value": count, "text_zh": f"近7天日志“{line}”{count:.0f} 条",
            "text_en": f"log line “{line}” {_many(count, 'time')} in 7 days"}


def _log(_signal: Signal, row: DeviceRow) -> dict[str, Any]:
    new, severe = row.values.get("log_new_templates_7d", 0.0), row.values.get("log_severe_7d", 0.0)
    lines, month = row.values.get("log_lines_7d", 0.0), row.values.get("log_lines_30d", 0.0)
    zh = [f"新类型日志 {new:.0f} 条"] * (new > 0) + [f"严重级别日志 {severe:.0f} 条"] * (severe > 0)
    en = [f"{_many(new, 'log line')} of new kinds"] * (new > 0) + [f"{_many(severe, 'severe log line')}"] * (severe > 0)
    if not zh:
        return {"value": lines, "own": round(month * 7 / 30, 2),
                "text_zh": f"近7天日志 {lines:.0f} 条,近30天 {month:.0f} 条",
                "text_en": f"{_many(lines, 'log line')} in 7 days, {month:.0f} in 30"}
    return {"value": new or severe, "text_zh": f"近7天{','.join(zh)}", "text_en": f"{' and '.join(en)} in 7 days"}


def _many(count: float, thing: str) -> str:
    """Return a count with its noun.

    >>> _many(1.0, "error"), _many(3.0, "error")
    ('1 error', '3 errors')
    """
    return f"{count:.0f} {thing}{'' if round(count) == 1 else 's'}"


def _attribute(signal: Signal, row: DeviceRow) -> dict[str, Any]:
    prefix = f"{signal.about}_is_"
    value = next((name.removeprefix(prefix) for name, flag in row.values.items()
                  if name.startswith(prefix) and flag == 1), None)
    said = "其他" if value is None else value
    return {"text_zh": f"{_ATTRIBUTES.get(signal.about, signal.about)} {said}",
            "text_en": f"{signal.about} {'other' if value is None else value}"}


def _plain(signal: Signal, row: DeviceRow) -> dict[str, Any]:
    rows = row.values.get(f"readings_{row.window}d", 0.0)
    return {"value": rows, "text_zh": f"近{row.window}天上报 {rows:.0f} 次",
            "text_en": f"{_many(rows, 'reading')} in {row.window} days: {signal.name_en}"}


_ATTRIBUTES = {"model": "型号", "batch": "批次", "supplier": "供应商", "process": "工艺", "firmware": "固件",
               "site": "网点", "region": "地区"}
_TELLERS = {"sensor": _sensor, "error": _error, "errors": _errors, "component": _component, "service": _service,
            "failures": _failures, "age": _age, "template": _template, "log": _log, "attribute": _attribute}
