"""Forecasts of a window sent along: clocks that run ahead, and what is said of the readings that count."""

from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from fenzhen.exports import Champion
from serving.devices.forecast import ForecastAnswer, ForecastRequest, forecast
from serving.devices.forecaster import Loaded
from serving.problems import ProblemError

NOW = datetime.fromisoformat("2026-06-10T00:00:00+00:00")


class Daily:
    """A device model of daily means of one sensor, each known a day after its time."""

    vocabulary = SimpleNamespace(sensors=("pressure",))
    known_models = frozenset({"M1"})
    settings = SimpleNamespace(telemetry_known_after=pd.Timedelta(days=1))

    def forecast(self, telemetry: pd.DataFrame, _events: Any, _device: Any, as_of: Any) -> pd.DataFrame:
        """Return one risk, as of the moment asked or of when the newest reading was known."""
        moment = as_of if as_of is not None else telemetry["at"].max() + pd.Timedelta(days=1)
        return pd.DataFrame([{"as_of": moment, "component": "any", "horizon_days": 7, "probability": 0.1,
                              "risk_level": "low"}])


def reading(days_ago: float, sensor: str = "pressure") -> dict[str, Any]:
    return {"at": (NOW - timedelta(days=days_ago)).isoformat(), "values": {sensor: 1.0}}


def answered(*, known: bool = True, **body: Any) -> ForecastAnswer:
    loaded = Loaded(Champion("device_failure", 1, Path("."), "0" * 64, None, "2026-06-01"), Daily())
    return forecast(loaded, ForecastRequest.model_validate(body), NOW, known=known)


def test_a_device_or_model_that_is_unknown_is_told() -> None:
    telemetry = [reading(day) for day in range(9)]
    assert answered(telemetry=telemetry, device={"id": "D1", "model": "M1"}).warnings == []
    assert answered(telemetry=telemetry, device={"id": "D404", "model": "M9"}, known=False).warnings == [
        "unknown_device", "unknown_model:M9"]


def test_times_are_told_in_whole_seconds_and_none_before_what_counted() -> None:
    latest = {**reading(1), "at": "2026-06-08T12:00:00.25+00:00"}
    assert answered(telemetry=[latest]).as_of == datetime.fromisoformat("2026-06-09T12:00:01+00:00")
    assert answered(as_of="2026-06-08T12:00:00+08:00").as_of == datetime.fromisoformat("2026-06-08T04:00:00+00:00")


@pytest.mark.parametrize(("body", "path"), [
    ({"telemetry": [reading(1), reading(-1.1)]}, "$.telemetry[1].at"),
    ({"events": [{"at": "2126-06-10T00:00:00+08:00", "kind": "error"}]}, "$.events[0].at"),
    ({"telemetry": [reading(-1.1)], "as_of": NOW.isoformat()}, "$.telemetry[0].at"),
    ({"telemetry": [reading(1)], "as_of": "2026-06-11T00:00:01+00:00"}, "$.as_of"),
], ids=["reading", "event", "reading although as_of is given", "as_of"])
def test_a_time_more_than_a_day_ahead_is_refused_with_its_place(body: dict[str, Any], path: str) -> None:
    with pytest.raises(ProblemError) as caught:
        answered(**body)
    assert caught.value.status == 422
    assert [(each.path, each.code) for each in caught.value.errors] == [(path, "future")]


def test_a_clock_that_runs_a_day_ahead_is_borne() -> None:
    assert answered(telemetry=[reading(day) for day in range(-1, 9)]).warnings == []


def test_readings_count_by_when_they_were_known() -> None:
    telemetry = [reading(day) for day in range(7)]
    assert answered(telemetry=telemetry).warnings == []
    assert answered(telemetry=telemetry, as_of=NOW.isoformat()).warnings == ["few_readings", "readings_outside_window"]


def test_readings_outside_the_window_are_told_and_are_neither_counted_nor_missed() -> None:
    old = [reading(day) for day in range(40, 60)]
    assert answered(telemetry=[*old, reading(1, "vibration")]).warnings == [
        "few_readings", "readings_outside_window", "unknown_sensor:vibration", "missing_sensor:pressure"]
