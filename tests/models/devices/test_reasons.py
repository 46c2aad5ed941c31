"""Reasons of a device's risk say something, in words that read well."""

import numpy as np
import pytest

from models.devices.reasons import DeviceRow, reasons_of
from models.devices.signals import Signal

KINDS = [("log", ""), ("errors", ""), ("error", "B02"), ("failures", ""), ("template", "4")]
SIGNALS = tuple(Signal(kind, about, (number,)) for number, (kind, about) in enumerate(KINDS))
AGE = Signal("age", "", (9,))


def told(signals: tuple[Signal, ...], values: dict[str, float], weight: float = 0.5, **asked: bool) -> list[dict]:
    row = DeviceRow({"age_days": 730.5, **values}, {}, 3, 30, {"4": "温度过高"})
    return reasons_of(signals, np.full(len(signals), weight), row, **asked)


@pytest.mark.parametrize("signal", SIGNALS)
def test_that_nothing_was_counted_is_no_reason_for_a_risk_and_the_next_one_is_told(signal: Signal) -> None:
    assert [each["code"] for each in told((signal, AGE), {"log_new_templates_7d": 0.0})] == ["age"]


def test_that_nothing_was_counted_may_lower_a_risk() -> None:
    reason, = told((SIGNALS[1],), {"errors_7d": 0.0}, weight=-0.5, protective=True)
    assert reason["text_zh"] == "近7天报错 0 次,近30天 0 次"


@pytest.mark.parametrize(("values", "zh", "en"), [
    ({"log_new_templates_7d": 2.0}, "近7天新类型日志 2 条", "2 log lines of new kinds in 7 days"),
    ({"log_severe_7d": 1.0}, "近7天严重级别日志 1 条", "1 severe log line in 7 days"),
    ({"log_new_templates_7d": 1.0, "log_severe_7d": 3.0}, "近7天新类型日志 1 条,严重级别日志 3 条",
     "1 log line of new kinds and 3 severe log lines in 7 days"),
    ({}, "近7天日志 5 条,近30天 9 条", "5 log lines in 7 days, 9 in 30"),
])
def test_of_the_log_is_told_what_there_is(values: dict[str, float], zh: str, en: str) -> None:
    reason, = told((SIGNALS[0],), {"log_lines_7d": 5.0, "log_lines_30d": 9.0, **values})
    assert (reason["text_zh"], reason["text_en"]) == (zh, en)


def test_one_is_not_told_as_many() -> None:
    counts = {"errors_7d": 1.0, "errors_30d": 1.0, "failures_365d": 1.0, "log_template_4_7d": 1.0}
    assert [each["text_en"] for each in told((SIGNALS[1], SIGNALS[4], SIGNALS[3]), counts)] == [
        "1 error in 7 days, 1 in 30", "log line “温度过高” 1 time in 7 days", "1 failure in a year"]


def test_numbers_have_as_many_digits_as_mean_something() -> None:
    row = DeviceRow({"heat_mean_3d": 2.718281828459045, "heat_mean_30d": 1234.5678912}, {"heat_mean_3d": 1 / 3}, 3, 30,
                    {})
    reason, = reasons_of((Signal("sensor", "heat", (0,)),), np.array([0.5]), row)
    assert (reason["value"], reason["own"], reason["peers"]) == (2.71828, 1234.57, 0.333333)
