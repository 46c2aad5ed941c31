import numpy as np
import pytest

from fenzhen.simulate.history import History
from fenzhen.simulate.telemetry import Readings, draw_readings

DAY = np.timedelta64(1, "D")


@pytest.fixture(scope="module")
def readings(history: History) -> Readings:
    return draw_readings(history.fleet, history.company.until, history.loyalty.left, 1)


def test_readings_are_in_order_and_within_the_span(readings: Readings, history: History):
    keys = np.lexsort((readings.at, readings.device))
    assert (keys == np.arange(len(keys))).all()
    assert readings.at.min() >= np.datetime64(history.start)
    assert readings.at.max() < np.datetime64(history.company.until)
    assert 35_000 < len(readings.at) < 150_000


def test_a_kind_without_a_sensor_does_not_measure_it(readings: Readings, history: History):
    printers = [row for row, device in enumerate(history.fleet.devices) if device.product.kind == "打印机"]
    assert np.isnan(readings.values["pressure"][np.isin(readings.device, printers)]).all()
    assert np.isnan(readings.values["vibration"]).mean() == pytest.approx(0.01, abs=0.005)


def test_vibration_rises_before_a_motor_fails(readings: Readings, history: History):
    row = {device.device_id: number for number, device in enumerate(history.fleet.devices)}
    rises = []
    for each in history.fleet.breakdowns:
        if each.component.name == "电机" and each.lead_days:
            own = readings.device == row[each.device.device_id]
            before = (np.datetime64(each.failed_at, "s") - readings.at[own]) / DAY
            values = readings.values["vibration"][own]
            last, usual = values[(before > 0) & (before < 2)], values[(before > 40) & (before < 80)]
            if np.isfinite(last).any() and np.isfinite(usual).any():
                rises.append(np.nanmean(last) - np.nanmean(usual))
    assert len(rises) > 15
    assert np.median(rises) > 0.4


def test_healthy_units_have_episodes_too(readings: Readings, history: History):
    healthy = {device.device_id for device in history.fleet.devices} - {
        each.device.device_id for each in history.fleet.breakdowns}
    rows = [row for row, device in enumerate(history.fleet.devices) if device.device_id in healthy]
    peaks = [np.nanmax(values) - np.nanmedian(values) for row in rows
             if len(values := readings.values["vibration"][readings.device == row]) > 200]
    assert 0.02 < np.mean(np.array(peaks) > 0.75) < 0.3


def test_there_are_gaps_stuck_sensors_and_denser_units(readings: Readings):
    same = readings.device[1:] == readings.device[:-1]
    gaps = np.diff(readings.at)[same] / DAY
    assert (gaps > 3).sum() > 30
    assert (gaps < 0.5).sum() > 500
    stuck = (np.diff(readings.values["temperature"]) == 0)[same]
    runs = np.convolve(stuck, np.ones(8), "valid") == 8
    assert runs.any()


def test_the_same_seed_measures_the_same(readings: Readings, history: History):
    again = draw_readings(history.fleet, history.company.until, history.loyalty.left, 1)
    assert (again.at == readings.at).all()
    assert np.array_equal(again.values["current"], readings.values["current"], equal_nan=True)
