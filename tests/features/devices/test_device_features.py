"""All features of devices: nothing leaks, devices that nobody knows, one device like a fleet."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.devices.device_features import device_features, feature_columns, known_telemetry
from features.devices.device_points import DevicePoints, device_points
from features.devices.device_vocabulary import DeviceVocabulary
from fenzhen.errors import TableError
from fenzhen.known import as_known
from tests.features.device_worlds import START, daily, fleet

DAY = pd.Timedelta(days=1)


def altered_after(tables: dict[str, pd.DataFrame], as_of: pd.Timestamp, seed: int) -> dict[str, pd.DataFrame]:
    """Return tables in which every cell of a row at or after ``as_of`` is another one, and some rows are gone."""
    random, changed = np.random.default_rng(seed), dict(tables)
    for name in ("telemetry", "device_events"):
        frame = tables[name].copy()
        late = np.flatnonzero((frame["at"] >= as_of).to_numpy())
        for column in frame.columns.drop(["at", "device_id"]):
            frame.loc[frame.index[late], column] = frame[column].to_numpy()[random.integers(0, len(frame), late.size)]
        frame.loc[frame.index[late], "device_id"] = random.choice(["D0", "D1", "新设备"], late.size)
        changed[name] = frame.drop(index=frame.index[late[::3]])
    return changed


@settings(max_examples=15)
@given(seed=st.integers(0, 10_000), day=st.integers(10, 55))
def test_no_cell_known_at_or_after_as_of_changes_a_feature(seed: int, day: int) -> None:
    tables, as_of = fleet(seed % 5, devices=4, readings=150, events=80), START + day * DAY
    vocabulary = DeviceVocabulary.learnt(as_known(tables, as_of))
    points = daily(tables, day, day)
    before = device_features(tables, points, vocabulary)
    after = device_features(altered_after(tables, as_of, seed), points, vocabulary)
    known = device_features(as_known(tables, as_of), points, vocabulary)
    pd.testing.assert_frame_equal(before.frame, after.frame)
    pd.testing.assert_frame_equal(before.frame, known.frame)
    pd.testing.assert_frame_equal(before.reference, after.reference)


def test_daily_means_are_known_at_the_end_of_their_day() -> None:
    days = pd.Series(pd.date_range("2026-01-01", periods=3, tz="UTC")).astype("datetime64[us, UTC]")
    telemetry = known_telemetry(pd.DataFrame({"device_id": "D", "at": days, "volt": [1.0, 2.0, 4.0]}), DAY)
    empty = {"devices": fleet(0)["devices"].iloc[:0], "device_events": fleet(0)["device_events"].iloc[:0]}
    points = device_points(["D"], [pd.Timestamp("2026-01-03", tz="UTC")])
    found = device_features({**empty, "telemetry": telemetry}, points, DeviceVocabulary(sensors=("volt",))).frame
    assert found.iloc[0]["volt_last"] == 2.0
    assert found.iloc[0]["readings_3d"] == 2


def test_an_unknown_device_has_no_readings_no_events_and_no_attributes() -> None:
    tables = fleet(1)
    vocabulary = DeviceVocabulary.learnt(tables)
    points = device_points(["nobody"], [START + 30 * DAY])
    found = device_features(tables, points, vocabulary).frame.iloc[0]
    assert found["readings_30d"] == found["errors_30d"] == 0
    assert found[[name for name in found.index if "_is_" in name or "_mean_" in name]].isna().all()


def test_a_device_is_described_the_same_alone_as_among_its_fleet() -> None:
    tables = fleet(2, devices=12)
    vocabulary = DeviceVocabulary.learnt(tables)
    whole = device_features(tables, daily(tables, 40, 40), vocabulary)
    alone = device_features(tables, device_points(["D3"], [START + 40 * DAY]), vocabulary, whole.reference)
    row = int(np.flatnonzero(daily(tables, 40, 40).frame["device_id"] == "D3")[0])
    np.testing.assert_allclose(alone.frame.to_numpy()[0], whole.frame.to_numpy()[row], rtol=1e-5, atol=1e-5)


def test_clocks_in_another_zone_say_the_same() -> None:
    tables = fleet(3)
    vocabulary = DeviceVocabulary.learnt(tables)
    moved = {name: frame.assign(at=frame["at"].dt.tz_convert("Asia/Shanghai")) if "at" in frame else frame
             for name, frame in tables.items()}
    points = daily(tables, 30, 33)
    shifted = DevicePoints.of(points.frame.assign(as_of=points.frame["as_of"].dt.tz_convert("America/New_York")))
    before, after = device_features(tables, points, vocabulary), device_features(moved, shifted, vocabulary)
    np.testing.assert_array_equal(before.frame.to_numpy(), after.frame.to_numpy())


def test_the_columns_are_those_announced_and_survive_being_written_down() -> None:
    tables = fleet(4)
    vocabulary = DeviceVocabulary.learnt(tables)
    read = DeviceVocabulary.from_facts(vocabulary.facts())
    found = device_features(tables, daily(tables, 30, 31), read).frame
    assert list(found.columns) == feature_columns(vocabulary)
    assert "log_template_0_7d" in found.columns


def test_moments_need_a_zone() -> None:
    with pytest.raises(TableError, match="zone"):
        device_points(["D"], [pd.Timestamp("2026-01-01")])
