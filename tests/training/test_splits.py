import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fenzhen.errors import TrainingRefused
from training.splits import Split, median_label_delay, split

DAY = pd.Timedelta(days=1)


def days(count: int, start: str = "2026-01-01") -> pd.DatetimeIndex:
    return pd.date_range(start, periods=count, freq="D", tz="UTC")


def parts(found: Split) -> list[np.ndarray]:
    return [found.train, found.validation, found.test, found.left_out]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 60), min_size=8, max_size=60), st.integers(0, 25), st.integers(0, 5))
def test_every_row_is_in_one_part_and_no_older_label_reaches_into_a_newer_part(
    offsets: list[int], delay: int, seed: int
) -> None:
    times = pd.Series(pd.Timestamp("2026-01-01", tz="UTC") + pd.to_timedelta(offsets, unit="D"))
    found = split(times, None, np.arange(len(offsets)), label_delay=delay * DAY, seed=seed)
    assert sorted(np.concatenate(parts(found)).tolist()) == list(range(len(offsets)))
    assert min(found.train.size, found.validation.size, found.test.size) > 0
    if found.regime == "time":
        assert times[found.train].max() + found.gap < times[found.validation].min()
        assert times[found.validation].max() + found.gap < times[found.test].min()


def test_shares_are_those_asked_for() -> None:
    found = split(days(1000), None, None)
    assert found.sizes == {"train": 700, "validation": 150, "test": 150, "left_out": 0}
    assert found.boundaries["test"] == days(1000)[850]


def test_a_row_at_a_boundary_is_in_the_newer_part() -> None:
    times = days(10)[[0, 1, 2, 3, 4, 5, 9, 9, 9, 9]]
    found = split(times, None, None, fractions=(0.7, 0.2, 0.1))
    assert found.test.tolist() == [6, 7, 8, 9]


def test_under_three_units_there_are_two_windows_and_entities() -> None:
    customers = np.array([f"C{i % 20}" for i in range(250)])
    found = split(days(250), customers, None, horizon=100 * DAY)
    assert found.regime == "time_and_entity"
    assert not set(customers[found.train]) & set(customers[found.validation])
    assert max(found.train.max(), found.validation.max()) + 100 < found.test.min()


def test_exactly_three_units_are_enough_for_time() -> None:
    assert split(days(301), np.arange(301), None, horizon=100 * DAY).regime == "time"
    assert split(days(300), np.arange(300), None, horizon=100 * DAY).regime == "time_and_entity"


def test_under_two_units_entities_decide() -> None:
    customers = np.array([f"C{i % 20}" for i in range(150)])
    found = split(days(150), customers, None, horizon=100 * DAY)
    assert found.regime == "entity"
    assert not set(customers[found.train]) & set(customers[found.test])


def test_without_times_groups_stay_whole_and_classes_spread_evenly() -> None:
    random = np.random.default_rng(0)
    groups, labels = random.integers(0, 700, 1000), random.choice(["纸", "墨", "屏"], 1000, p=[0.7, 0.2, 0.1])
    found = split(None, None, groups, labels=labels)
    assert found.regime == "text_group"
    assert not set(groups[found.train]) & set(groups[found.test])
    for label in ("纸", "墨", "屏"):
        assert (labels[found.test] == label).mean() == pytest.approx((labels == label).mean(), abs=0.05)


def test_a_class_with_a_single_group_is_learnt_and_one_with_three_is_everywhere() -> None:
    labels = ["少"] + ["三"] * 3 + ["多"] * 40
    for seed in range(5):
        found = split(None, None, None, labels=labels, seed=seed)
        assert 0 in found.train
        assert all({1, 2, 3} & set(part.tolist()) for part in parts(found)[:3])


def test_the_seed_decides_and_equal_seeds_agree() -> None:
    labels = ["a", "b"] * 50
    first, again, other = (split(None, None, None, labels=labels, seed=seed) for seed in (1, 1, 2))
    assert first.test.tolist() == again.test.tolist() != other.test.tolist()


def test_rows_without_a_time_are_left_out_where_time_decides() -> None:
    times = pd.Series(days(50)).where(np.arange(50) % 10 != 3)
    assert split(times, None, None).left_out.tolist() == [3, 13, 23, 33, 43]


def test_missing_entities_are_entities_of_their_own() -> None:
    assert split(None, [None] * 10, None).regime == "entity"


def test_equal_times_fall_back_to_groups() -> None:
    assert split(days(1)[[0] * 9], None, None).regime == "text_group"


def test_a_train_window_with_one_class_falls_back_to_groups() -> None:
    assert split(days(20), None, None, labels=["旧"] * 15 + ["新"] * 5).regime == "text_group"


def test_two_rows_are_refused() -> None:
    with pytest.raises(TrainingRefused, match="got 2 labelled row"):
        split(None, None, None, labels=["a", "b"])


def test_one_class_is_refused_by_name() -> None:
    with pytest.raises(TrainingRefused, match="one class, '硬件', in 10 rows"):
        split(days(10), None, None, labels=["硬件"] * 10)


def test_one_group_of_duplicates_is_refused() -> None:
    with pytest.raises(TrainingRefused, match=r"10 row\(s\) in 1 group"):
        split(None, None, [7] * 10)


def test_unequal_columns_are_refused() -> None:
    with pytest.raises(ValueError, match="expected one length"):
        split(days(5), None, [1, 2])


def test_label_delay_is_capped_and_ignores_open_tickets() -> None:
    created = pd.Series(days(3))
    resolved = pd.Series([created[0] + 90 * DAY, pd.NaT, created[2] + 90 * DAY])
    assert median_label_delay(created, resolved) == 14 * DAY
    assert median_label_delay(created, pd.Series([pd.NaT] * 3, dtype=created.dtype)) == 0 * DAY
    assert median_label_delay(created, created - DAY) == 0 * DAY
