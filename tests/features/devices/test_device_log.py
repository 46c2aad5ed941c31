"""Errors and log lines before a moment, and templates as a state that is data."""

import json

import numpy as np
import pandas as pd
import pytest

from features.devices.device_errors import device_errors
from features.devices.device_events import DeviceEvents
from features.devices.device_log import device_log
from features.devices.device_points import clock, device_points
from features.devices.log_templates import UNKNOWN, LogTemplates
from fenzhen.errors import ArtefactError

START = pd.Timestamp("2026-01-01", tz="UTC")
LINES = ["电机温度 85 过高", "电机温度 91.5 过高", "通信中断", "fan 3 speed 0x1F low", "fan 4 speed 0x2A low", ""]


def logged(*days: float, lines: list[str | None], level: str = "info") -> pd.DataFrame:
    at = pd.Series([START + pd.Timedelta(days=day) for day in days]).astype("datetime64[us, UTC]")
    return pd.DataFrame({"device_id": "D", "at": at, "kind": "log", "level": level, "message": lines})


def fitted(events: pd.DataFrame) -> LogTemplates:
    return LogTemplates.fitted(events["message"], clock(events["at"]))


def test_lines_that_differ_in_numbers_are_one_template() -> None:
    templates = fitted(logged(*range(6), lines=list(LINES)))
    numbers = templates.match(pd.Series(LINES)).tolist()
    assert numbers[0] == numbers[1] != numbers[2]
    assert numbers[3] == numbers[4]
    assert templates.match(pd.Series(["电源 掉电 重启", None])).tolist() == [UNKNOWN, UNKNOWN]


def test_templates_written_down_and_read_match_alike() -> None:
    templates = fitted(logged(*range(6), lines=list(LINES)))
    read = LogTemplates.from_facts(json.loads(json.dumps(templates.facts())))
    lines = pd.Series([*LINES, "电机温度 1 过高", "全新 的 一行"])
    assert read.match(lines).tolist() == templates.match(lines).tolist()
    assert read.facts() == templates.facts()


def test_a_forged_state_is_refused() -> None:
    facts = fitted(logged(0, lines=["通信中断"])).facts()
    with pytest.raises(ArtefactError, match="templates"):
        LogTemplates.from_facts({**facts, "first_seen": []})


def test_matching_does_not_change_the_templates() -> None:
    templates = fitted(logged(0, 1, lines=["通信 正常", "通信 中断"]))
    before = json.dumps(templates.facts())
    templates.match(pd.Series(["通信 恢复", "别的 东西"]))
    assert json.dumps(templates.facts()) == before


def test_counts_new_lines_and_rates_look_back_from_the_moment() -> None:
    old = logged(0, lines=["电机温度 1 过高"])
    events = pd.concat([old, logged(38, 39, 40, lines=["电机温度 2 过高", "没有见过 的 行", "电机温度 3 过高"],
                                    level="报警")])
    points = device_points(["D"], [START + pd.Timedelta(days=40)])
    found = device_log(DeviceEvents.of(points, events), points, fitted(old), [0])
    values = {name: float(column[0]) for name, column in found.items()}
    assert (values["log_lines_1d"], values["log_lines_7d"], values["log_lines_30d"]) == (1, 2, 2)
    assert (values["log_new_templates_7d"], values["log_severe_7d"], values["log_template_0_7d"]) == (1, 2, 1)
    assert values["log_template_0_rate_change"] == pytest.approx(np.log2(2 / (7 / 30 + 1)))


def test_errors_are_counted_by_code_and_accelerate_when_they_come_faster() -> None:
    at = pd.Series([START + pd.Timedelta(days=day) for day in (12, 38.5, 39.5, 40)]).astype("datetime64[us, UTC]")
    events = pd.DataFrame({"device_id": "D", "at": at, "kind": "error", "code": ["E1", "E2", "E1", "E1"]})
    points = device_points(["D"], [START + pd.Timedelta(days=40)])
    found = device_errors(DeviceEvents.of(points, events).kind("error"), points, ["E1", "E3"])
    values = {name: float(column[0]) for name, column in found.items()}
    assert (values["errors_1d"], values["errors_7d"], values["errors_30d"]) == (1, 2, 3)
    assert (values["error_E1_30d"], values["error_E3_30d"], values["days_since_error_E1"]) == (2, 0, 0.5)
    assert values["errors_acceleration"] == pytest.approx(2 - 3 * 7 / 30)
