"""Which columns moved: bins, levels, chance, order and advice, on samples whose distribution is known."""

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from training.drift.bins import MISSING, OTHER, bins_of
from training.drift.comparison import COLUMNS, Compared, Drift, Span, drift_of
from training.drift.screen import MOST_ROWS, show_drift

DAY = pd.Timestamp("2026-03-01", tz="UTC")
NUMBERS = st.lists(st.floats(-1e6, 1e6) | st.just(float("nan")) | st.sampled_from([0.0, 1.0]), min_size=1, max_size=80)


def compared(reference: Mapping[str, Any], recent: Mapping[str, Any], **given: Any) -> Compared:
    first, second = ({name: pd.Series(values) for name, values in each.items()} for each in (reference, recent))
    spans = [Span(len(next(iter(each.values()))), DAY) for each in (first, second)]
    return Compared((spans[0], spans[1]), first, second, **given)


def sample(rows: int, seed: int, *, later: float = 0.0, phone: float = 0.5) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    return {"hours": random.normal(later, 1, rows), "channel": np.where(random.random(rows) < phone, "电话", "微信"),
            "length": random.poisson(3, rows), "sure": random.random(rows) < 0.9}


def shown(drift: Drift, width: int = 160) -> str:
    console = Console(file=io.StringIO(), width=width)
    show_drift(drift, console)
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def test_the_same_sample_twice_moves_nothing() -> None:
    found = drift_of("m", compared(sample(200, 1), sample(200, 1)))
    assert [shift.psi for shift in found.shifts] == [0.0] * 4
    assert {shift.level for shift in found.shifts} == {"steady"}
    assert found.advice() == "No need to retrain 不需要重新训练: none of 4 columns moved."


def test_the_column_that_shifted_is_named_first_and_says_to_retrain() -> None:
    found = drift_of("m", compared(sample(500, 1), sample(400, 2, later=1.5)))
    assert (found.shifts[0].name, found.shifts[0].level) == ("hours", "shifted")
    assert {shift.level for shift in found.shifts[1:]} == {"steady"}
    means = found.shifts[0].reference, found.shifts[0].recent
    assert means == (pytest.approx(0, abs=0.2), pytest.approx(1.5, abs=0.2))
    assert "1 of 4 columns shifted (hours); `fenzhen retrain m`" in found.advice()


def test_a_column_that_moved_a_little_asks_to_look_again() -> None:
    found = drift_of("m", compared(sample(2000, 1), sample(2000, 2, phone=0.7)))
    assert (found.shifts[0].name, found.shifts[0].level, found.shifts[0].is_share) == ("channel", "moved", True)
    assert "No need to retrain yet" in found.advice()


@pytest.mark.parametrize(("rows", "others"), [(30, 30), (40, 300), (400, 400)])
def test_samples_of_one_distribution_are_rarely_told_apart(rows: int, others: int) -> None:
    alarms = sum(any(shift.level != "steady" for shift in drift_of(
        "m", compared(sample(rows, 2 * seed), sample(others, 2 * seed + 1))).shifts) for seed in range(100))
    assert alarms <= 10


def test_chance_is_told_where_it_overrules_the_bands() -> None:
    found = drift_of("m", compared(sample(30, 10), sample(30, 11)))
    overruled = [shift for shift in found.shifts if shift.psi >= 0.1]
    assert overruled
    assert all(shift.level == "steady" and "within chance" in shift.note for shift in overruled)


def test_new_values_are_named_and_rare_ones_pooled() -> None:
    reference = ["P1"] * 60 + ["P2"] * 38 + ["R1", "R2"]
    recent = ["P1"] * 50 + ["P2"] * 20 + ["P9"] * 28 + ["R3", "R4"]
    bins = bins_of(pd.Series(reference), pd.Series(recent))
    assert dict(zip(bins.names, bins.counts.T.tolist(), strict=True)) == {
        "P1": [60, 50], "P2": [38, 20], "P9": [0, 28], OTHER: [2, 2]}
    shift, = drift_of("m", compared({"product": reference}, {"product": recent})).shifts
    assert shift.note == "new: P9"
    assert (shift.reference, shift.recent) == (0.0, 0.28)


def test_a_missing_value_is_a_value_and_a_missing_label_is_not() -> None:
    reference, recent = ["a"] * 40 + ["b"] * 40 + [""] * 5, ["a"] * 20 + ["b"] * 20 + [None] * 45
    as_input, = drift_of("m", compared({"x": reference}, {"x": recent})).shifts
    assert as_input.level == "shifted"
    assert as_input.note.startswith(MISSING)
    as_label, = drift_of("m", compared({"x": reference}, {"x": recent}, kinds={"x": "label"})).shifts
    assert (as_label.psi, as_label.kind) == (pytest.approx(0, abs=1e-9), "label")


def test_the_share_of_missing_numbers_is_told() -> None:
    numbers = np.arange(100.0)
    shift, = drift_of("m", compared({"x": numbers}, {"x": np.where(numbers % 2 == 0, np.nan, numbers)})).shifts
    assert (shift.level, shift.note) == ("shifted", f"{MISSING} 0.0% → 50.0%")


@given(NUMBERS, NUMBERS)
def test_every_number_falls_into_one_bin(reference: list[float], recent: list[float]) -> None:
    bins = bins_of(pd.Series(reference, dtype=float), pd.Series(recent, dtype=float))
    assert bins.rows == (len(reference), len(recent))
    assert len(set(bins.names)) == len(bins.names)


@pytest.mark.parametrize("share", [0.02, 0.5, 0.98])
def test_flags_of_any_frequency_are_told_apart(share: float) -> None:
    reference = (np.arange(1000) < share * 1000).astype(float)
    shift, = drift_of("m", compared({"x": reference}, {"x": 1 - reference if share != 0.5 else reference * 0})).shifts
    assert shift.level == "shifted"


def test_deciles_of_the_reference_are_the_bins() -> None:
    bins = bins_of(pd.Series(np.arange(1000.0)), pd.Series(np.arange(500.0)))
    assert bins.counts.tolist() == [[100] * 10, [100] * 5 + [0] * 5]
    assert [name[:2] for name in bins.names] == [f"{place:02}" for place in (1, 3, 5, 7, 9, 11, 13, 15, 17, 19)]


def test_what_cannot_be_compared_says_why() -> None:
    ids = [f"D{number}" for number in range(60)]
    columns = {"device_id": ids, "region": ["华东"] * 60, "label": ["a"] * 20 + [""] * 40}
    found = drift_of("m", compared(columns, columns, kinds={"label": "label"}))
    assert found.shifts == ()
    assert found.left_out == {"device_id": "every value is rare", "region": "one value",
                              "label": "20 and 20 known, 30 needed"}
    assert "Not compared: device_id (every value is rare); region (one value); label (20 and" in shown(found)


def test_what_differs_by_itself_is_shown_and_decides_nothing() -> None:
    found = drift_of("m", compared(sample(500, 1), sample(400, 2, later=1.5), by_itself={"hours": "grows with time"}))
    assert (found.shifts[0].level, found.shifts[0].note) == ("shifted", "grows with time")
    assert found.advice() == "No need to retrain 不需要重新训练: none of 3 columns moved."


def test_the_frame_has_the_columns_of_the_contract_sorted() -> None:
    frame = drift_of("m", compared(sample(500, 1), sample(400, 2, later=0.4, phone=0.9))).frame()
    assert list(frame) == list(COLUMNS) == ["name", "kind", "psi", "expected_by_chance", "level", "reference", "recent",
                                            "note"]
    assert frame["psi"].is_monotonic_decreasing
    assert frame["expected_by_chance"].tolist()[0] == pytest.approx(1 / 500 + 1 / 400, abs=1e-6)


def test_the_screen_names_levels_in_both_languages_and_says_what_is_left() -> None:
    same = np.arange(60.0)
    many = {f"column_{number}": same for number in range(MOST_ROWS + 3)}
    text = shown(drift_of("m", compared({**many, "confidence": same}, {**many, "confidence": same + 99})))
    for words in ("confidence 把握度", "shifted 明显变化", "4 more columns", "Retrain 建议重新训练"):
        assert words in text


def test_the_note_is_read_on_a_narrow_screen() -> None:
    found = drift_of("m", compared(sample(500, 1), sample(400, 2, later=1.5), by_itself={"hours": "grows"}))
    assert "grows" in shown(found, 80)
