"""Windows of telemetry, beside DuckDB's own SQL and against leaks."""

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.devices.device_points import DevicePoints, clock
from features.devices.device_telemetry import device_telemetry, sensors_of, telemetry_columns
from fenzhen.errors import TableError
from tests.features.device_worlds import START, daily, fleet

DAY = pd.Timedelta(days=1)
SQL = """
    select p.row, avg(t.volt) as mean, stddev_samp(t.volt) as spread,
           regr_slope(t.volt, epoch_us(t.at) / 86400e6) as slope, min(t.volt) as low, max(t.volt) as high,
           arg_max(t.volt, t.at) filter (where t.volt is not null) as last
    from points p left join telemetry t
      on t.device_id = p.device_id and t.at < p.as_of and t.at >= p.as_of - to_days({days})
    group by p.row order by p.row
"""


def one_device(values: dict[str, list[object]], at: list[pd.Timestamp]) -> tuple[pd.DataFrame, DevicePoints]:
    times = pd.Series(at).astype("datetime64[us, UTC]")
    points = pd.DataFrame({"device_id": ["D"], "as_of": pd.Series([START + 40 * DAY]).astype("datetime64[us, UTC]")})
    return pd.DataFrame({"device_id": "D", "at": times, **values}), DevicePoints.of(points)


def days_before(*days: float) -> list[pd.Timestamp]:
    return [START + (40 - day) * DAY for day in days]


@pytest.mark.parametrize("seed", [1, 2])
def test_windows_agree_with_sql_in_duckdb(seed: int) -> None:
    tables = fleet(seed)
    points = daily(tables)
    found = device_telemetry(tables["telemetry"], points, ["volt"])
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.register("telemetry", tables["telemetry"])
        connection.register("points", points.frame.assign(row=range(len(points))))
        for days in (3, 7, 30):
            expected = connection.execute(SQL.format(days=days)).df()
            for name in ("mean", "spread", "slope", "low", "high"):
                theirs = expected[name].to_numpy(dtype=float)
                np.testing.assert_allclose(found[f"volt_{name}_{days}d"], theirs, rtol=2e-4, atol=2e-3, err_msg=name)
            if days == 30:
                np.testing.assert_allclose(found["volt_last"], expected["last"].to_numpy(dtype=float), rtol=1e-5)


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), day=st.integers(6, 55))
def test_readings_at_and_after_as_of_change_nothing(seed: int, day: int) -> None:
    tables = fleet(seed % 7, devices=3, readings=120)
    as_of = START + day * DAY
    telemetry, points = tables["telemetry"], daily(tables, day, day)
    altered, late = telemetry.copy(), (telemetry["at"] >= as_of).to_numpy()
    random = np.random.default_rng(seed)
    altered.loc[late, ["volt", "heat"]] = random.normal(0, 1e9, (late.sum(), 2))
    altered = pd.concat([altered[~late], altered[late].iloc[random.permutation(late.sum())[: late.sum() // 2]]])
    added = pd.DataFrame({"device_id": "D0", "at": [as_of], "volt": [1e12], "heat": [np.nan]})
    altered = pd.concat([altered, added.astype({"at": telemetry["at"].dtype})])
    before, after = (device_telemetry(each, points, ["volt", "heat"]) for each in (telemetry, altered))
    pd.testing.assert_frame_equal(before, after)


def test_later_points_change_nothing_about_earlier_ones() -> None:
    tables = fleet(3)
    whole = device_telemetry(tables["telemetry"], daily(tables), ["volt"])
    alone = device_telemetry(tables["telemetry"], daily(tables, 20, 20), ["volt"])
    rows = (daily(tables).frame["as_of"] == START + 20 * DAY).to_numpy()
    np.testing.assert_allclose(whole[rows].to_numpy(), alone.to_numpy(), rtol=1e-5, atol=1e-5)


def test_rows_out_of_order_and_repeats_of_a_moment_count_once_the_last_one_wins() -> None:
    telemetry, points = one_device({"volt": [1.0, 5.0, 9.0, 7.0]}, days_before(1, 2, 1, 2.5))
    found = device_telemetry(telemetry, points, ["volt"]).iloc[0]
    assert (found["readings_3d"], found["volt_mean_3d"], found["volt_last"]) == (3, 7.0, 9.0)


def test_a_constant_sensor_is_stuck_since_its_value_last_changed() -> None:
    telemetry, points = one_device({"volt": [3.0, 2.0, 2.0, 2.0]}, days_before(9, 8, 5, 1))
    found = device_telemetry(telemetry, points, ["volt"]).iloc[0]
    assert found["volt_stuck_days"] == pytest.approx(7)
    assert found["volt_silent_days"] == pytest.approx(1)


def test_a_sensor_that_is_missing_or_text_has_no_readings() -> None:
    telemetry, points = one_device({"volt": ["坏", None, "停机"], "heat": [1.0, 2.0, 3.0]}, days_before(3, 2, 1))
    found = device_telemetry(telemetry, points, ["volt", "heat", "unknown"]).iloc[0]
    assert np.isnan(found["volt_mean_30d"])
    assert (found["volt_missing_share"], found["unknown_missing_share"], found["heat_missing_share"]) == (1, 1, 0)


@pytest.mark.parametrize("absurd", [np.inf, -np.inf, 1e308, -1e100])
def test_what_no_sensor_measures_is_no_reading(absurd: float) -> None:
    telemetry, points = one_device({"volt": [absurd, 2.0, 3.0]}, days_before(3, 2, 1))
    found = device_telemetry(telemetry, points, ["volt"]).iloc[0]
    assert (found["volt_high_30d"], found["volt_missing_share"]) == (3.0, pytest.approx(1 / 3))


def test_one_reading_has_a_mean_but_neither_spread_nor_slope() -> None:
    telemetry, points = one_device({"volt": [4.0]}, days_before(1))
    found = device_telemetry(telemetry, points, ["volt"]).iloc[0]
    assert found["volt_mean_3d"] == found["volt_low_30d"] == 4.0
    assert found[["volt_spread_3d", "volt_slope_3d", "volt_mean_change_own"]].isna().all()


def test_a_device_without_telemetry_has_counts_of_zero_and_nothing_else() -> None:
    telemetry, points = one_device({"volt": []}, [])
    found = device_telemetry(telemetry, points, ["volt"]).iloc[0]
    assert found["readings_30d"] == 0
    assert found["volt_missing_share"] == 1
    assert found.drop(["readings_3d", "readings_7d", "readings_30d", "volt_missing_share"]).isna().all()


def test_readings_before_a_repair_leave_the_windows_but_stay_in_the_own_baseline() -> None:
    telemetry, points = one_device({"volt": [10.0, 11.0, 12.0, 90.0, 10.0]}, days_before(20, 15, 10, 2, 1))
    repaired = clock(pd.Series(days_before(1.5)).astype("datetime64[us, UTC]"))
    found = device_telemetry(telemetry, points, ["volt"], repaired=repaired).iloc[0]
    assert (found["volt_mean_3d"], found["volt_high_30d"]) == (10.0, 10.0)
    assert found["volt_mean_change_own"] == pytest.approx(-1.0)


def test_one_absurd_reading_spoils_only_the_windows_that_hold_it() -> None:
    telemetry, points = one_device({"volt": [1e15, 5.0, 5.1, 4.9]}, days_before(20, 2, 1.5, 1))
    found = device_telemetry(telemetry, points, ["volt"]).iloc[0]
    assert found["volt_spread_3d"] == pytest.approx(0.1, rel=1e-4)


def test_a_table_of_strings_without_numbers_has_no_sensors() -> None:
    telemetry, _ = one_device({"note": ["好"], "volt": [1]}, days_before(1))
    assert sensors_of(telemetry) == ("volt",)


def test_columns_are_those_announced() -> None:
    tables = fleet(0, devices=2, readings=20)
    found = device_telemetry(tables["telemetry"], daily(tables, 30, 31), ["volt", "heat"], (1, 5))
    assert list(found.columns) == telemetry_columns(["volt", "heat"], (1, 5))
    assert set(map(str, found.dtypes)) == {"float32"}


def test_windows_have_to_rise() -> None:
    tables = fleet(0, devices=2, readings=20)
    with pytest.raises(TableError, match="rising"):
        device_telemetry(tables["telemetry"], daily(tables, 30, 31), ["volt"], (7, 3))
