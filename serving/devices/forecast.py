"""``POST /v1/devices/forecast``: the risk of one device from a window of telemetry and events sent along."""

import time
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, Self

import pandas as pd
from pydantic import BaseModel, Field, FiniteFloat, model_validator

from features.devices.device_features import known_telemetry
from features.devices.device_telemetry import WINDOWS
from fenzhen.errors import TableError
from fenzhen.known import FUTURE
from serving.body import invalid, json_path
from serving.devices.forecaster import Loaded
from serving.problems import MOST_ERRORS, FieldError
from serving.schemas import Id, Name, StrictRequest, Time, Word

__all__ = ["ForecastAnswer", "ForecastRequest", "forecast"]

MOST_READINGS = 50_000
MOST_EVENTS = 5_000
MOST_SENSORS = 200
FEW_READINGS = 7
WINDOW = pd.Timedelta(days=WINDOWS[-1])

Message = Annotated[str, Field(max_length=2_000)]


class WindowDevice(StrictRequest):
    """What is known of the device; whatever is left out counts as unknown. 设备信息。"""

    id: Id | None = Field(default=None, description="The device's id. 设备编号。", examples=["SN-20934"])
    model: Word | None = Field(default=None, description="Model of the device. 型号。")
    batch: Word | None = Field(default=None, description="Batch. 批次。")
    supplier: Word | None = Field(default=None, description="Supplier. 供应商。")
    firmware: Word | None = Field(default=None, description="Firmware. 固件版本。")
    site: Word | None = Field(default=None, description="Site. 网点。")
    region: Word | None = Field(default=None, description="Region. 区域。")
    installed_at: Time | None = Field(default=None, description="Installed when. 安装时间。")


class Reading(StrictRequest):
    """Measurements of one moment. 一次遥测。"""

    at: Time = Field(description="When, ISO 8601 with offset. 时间。", examples=["2026-11-20T00:00:00+08:00"])
    values: dict[Name, FiniteFloat | None] = Field(
        max_length=MOST_SENSORS, description="Sensor and number; null for none. 传感器读数。",
        examples=[{"vibration": 0.42, "pressure": 101.2}])


class WindowEvent(StrictRequest):
    """Something that happened to the device. 设备事件。"""

    at: Time = Field(description="When, ISO 8601 with offset. 时间。")
    kind: Literal["log", "error", "maintenance", "failure"] = Field(description="What kind. 类型。")
    code: Word | None = Field(default=None, description="Error code. 代码。")
    component: Word | None = Field(default=None, description="Component. 部件。")
    level: Word | None = Field(default=None, description="Level. 级别。")
    message: Message | None = Field(default=None, description="Text of a log line. 日志内容。")


class ForecastRequest(StrictRequest):
    """A window of one device; the newest thirty days count. 单台设备的时间窗口。"""

    device: WindowDevice = WindowDevice()
    telemetry: list[Reading] = Field(default_factory=list, max_length=MOST_READINGS,
                                     description="Readings in any order, at most 50,000. 遥测。")
    events: list[WindowEvent] = Field(default_factory=list, max_length=MOST_EVENTS,
                                      description="Events in any order, at most 5,000. 事件。")
    as_of: Time | None = Field(default=None, description="Forecast from when; just after the last reading when left "
                                                         "out. 预测起点。")

    @model_validator(mode="after")
    def _has_a_time(self) -> Self:
        if not (self.telemetry or self.events or self.as_of):
            raise ValueError("expected telemetry, events or as_of: a window has a time")
        if len({name for each in self.telemetry for name in each.values}) > MOST_SENSORS:
            raise ValueError(f"expected at most {MOST_SENSORS} sensors in a window")
        return self


class ForecastRisk(BaseModel):
    """The risk of a component within a horizon. 风险。"""

    component: str
    horizon_days: int
    probability: Annotated[float, Field(ge=0, le=1)]
    risk_level: Literal["high", "medium", "low"]


class ForecastAnswer(BaseModel):
    """The risks of a device by component and horizon. 预测结果。"""

    device_id: str | None
    as_of: Annotated[datetime, Field(description="Forecast from when, in whole seconds. 预测起点。")]
    risks: list[ForecastRisk]
    warnings: Annotated[list[str], Field(
        description="few_readings | readings_outside_window | unknown_sensor:NAME | missing_sensor:NAME | "
                    "unknown_device (no device of this id is scored or has alerts; only what was sent counts) | "
                    "unknown_model:NAME (training had no device of this model). 提醒。")]
    model: str
    latency_ms: float


def forecast(loaded: Loaded, asked: ForecastRequest, now: datetime, *, known: bool = True) -> ForecastAnswer:
    """Return the risks of a window; ``known`` says whether the device is.

    A 422 for a window without any time and for times more than a day after ``now``: one wrong clock would move the
    forecast to where nothing is known, and nothing known looks like little risk.
    """
    started = time.perf_counter()
    if errors := _yet_to_come(asked, now + FUTURE):
        raise invalid(errors)
    telemetry, events = _telemetry(asked.telemetry), _events(asked.events)
    device = {name: value for name, value in asked.device.model_dump(exclude={"id"}).items() if value is not None}
    if asked.device.installed_at is not None:
        device["installed_at"] = pd.Timestamp(asked.device.installed_at)
    as_of = None if asked.as_of is None else pd.Timestamp(asked.as_of).tz_convert("UTC")
    try:
        found = loaded.scorer.forecast(telemetry, events, device, as_of)
    except TableError as error:
        raise invalid([FieldError("$", "no_time", str(error))]) from None
    rows = found.to_dict("records")
    return ForecastAnswer(
        device_id=asked.device.id, as_of=rows[0]["as_of"].ceil("s").to_pydatetime(), model=loaded.label,
        risks=[ForecastRisk(**{name: row[name] for name in ForecastRisk.model_fields}) for row in rows],
        warnings=[*([] if known else ["unknown_device"]), *_unknown_model(asked.device.model, loaded.scorer),
                  *_warnings(known_telemetry(telemetry, loaded.scorer.settings.telemetry_known_after),
                             loaded.scorer.vocabulary.sensors, rows[0]["as_of"])],
        latency_ms=round((time.perf_counter() - started) * 1000, 2),
    )


def _unknown_model(model: str | None, scorer: Any) -> list[str]:
    return [f"unknown_model:{model}"] if model and scorer.known_models and model not in scorer.known_models else []


def _yet_to_come(asked: ForecastRequest, latest: datetime) -> list[FieldError]:
    places: list[tuple[tuple[str | int, ...], datetime]] = [
        *((("telemetry", place, "at"), each.at) for place, each in enumerate(asked.telemetry)),
        *((("events", place, "at"), each.at) for place, each in enumerate(asked.events)),
        *([(("as_of",), asked.as_of)] if asked.as_of is not None else []),
    ]
    found = [FieldError(json_path(place), "future", "expected a time that is past") for place, at in places
             if at > latest]
    return found[:MOST_ERRORS]


def _telemetry(readings: Sequence[Reading]) -> pd.DataFrame:
    """Return ``at`` and a column a sensor, NaN where a reading has none."""
    sensors = dict.fromkeys(name for each in readings for name in each.values if name not in ("at", "device_id"))
    columns: dict[str, Any] = {"at": _times([each.at for each in readings])}
    for name in sensors:
        columns[name] = pd.Series([each.values.get(name) for each in readings], dtype="float64")
    return pd.DataFrame(columns)


def _events(events: Sequence[WindowEvent]) -> pd.DataFrame | None:
    if not events:
        return None
    names = ("kind", "code", "component", "level", "message")
    texts = {name: pd.Series([getattr(each, name) for each in events], dtype="str") for name in names}
    return pd.DataFrame({"at": _times([each.at for each in events]), **texts})


def _times(moments: Sequence[datetime]) -> pd.Series:
    return pd.Series(pd.to_datetime(list(moments), utc=True)).astype("datetime64[us, UTC]")


def _warnings(telemetry: pd.DataFrame, known: Sequence[str], as_of: pd.Timestamp) -> list[str]:
    """Return what weakens a forecast, judged by the readings of the window that counts, by when they were known."""
    inside = telemetry[(telemetry["at"] < as_of) & (telemetry["at"] >= as_of - WINDOW)]
    sent = [str(name) for name in telemetry.columns if name != "at" and inside[name].notna().any()]
    unknown, missing = [name for name in sent if name not in known], [name for name in known if name not in sent]
    few = ["few_readings"] if len(inside.dropna(how="all", subset=sent or None)) < FEW_READINGS else []
    outside = ["readings_outside_window"] if len(inside) < len(telemetry) else []
    return [*few, *outside, *(f"unknown_sensor:{name}" for name in unknown),
            *(f"missing_sensor:{name}" for name in missing)]
