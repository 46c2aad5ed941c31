import json

import numpy as np
import pandas as pd
import pytest

from tests.training.made_up import CLASSES, made_up_evaluation, made_up_provenance
from training.champions.gate import GateLimits, Rival, gate
from training.evaluation.confusion_pairs import confusion_pairs
from training.evaluation.report import bad_cases, per_class, slices, write_report

PHONE = "13800138000"


@pytest.fixture(scope="module")
def evaluation():
    return made_up_evaluation()


@pytest.fixture
def rows() -> pd.DataFrame:
    return pd.DataFrame({
        "channel": pd.Series(["电话", "微信"] * 100), "product": pd.Series([None] * 200, dtype="str"),
        "created_at": pd.Timestamp("2026-01-01", tz="UTC") + pd.to_timedelta(np.arange(200) % 60, unit="D"),
    })


def test_every_file_is_written_and_named(tmp_path, evaluation, rows) -> None:
    verdict = gate(evaluation.labels, CLASSES, evaluation.probabilities, evaluation.groups, champion=None,
                   baselines=[Rival("majority", CLASSES, np.ones((200, 4)))], limits=GateLimits(rounds=20))
    written = write_report(tmp_path / "new", evaluation, made_up_provenance(), texts=[f"联系 {PHONE}"] * 200, rows=rows,
                           gate=verdict)
    assert {"metrics.json", "per_class.csv", "confusion_pairs.csv", "slices.csv", "bad_cases.csv", "model_card.md",
            "reliability.png", "risk_coverage.png"} <= set(written)
    assert all(path.stat().st_size > 0 for path in written.values())
    assert not [path for path in written.values() if PHONE.encode() in path.read_bytes()]


def test_metrics_are_json_without_nan(tmp_path, evaluation) -> None:
    written = write_report(tmp_path, evaluation, made_up_provenance())
    content = json.loads(written["metrics.json"].read_text("utf-8"), parse_constant=pytest.fail)
    assert content["metrics"]["accuracy"] == evaluation.accuracy.estimate
    assert content["provenance"]["dataset_sha256"] == "ab" * 32
    assert content["gate"] is None


def test_tables_open_in_a_spreadsheet_as_chinese(tmp_path, evaluation) -> None:
    written = write_report(tmp_path, evaluation, made_up_provenance())
    assert written["per_class.csv"].read_bytes().startswith("\ufeff".encode())
    assert set(pd.read_csv(written["per_class.csv"])["value"]) == set(CLASSES)


def test_confusion_pairs_are_the_wrong_rows_most_frequent_first(evaluation) -> None:
    pairs = confusion_pairs(evaluation)
    assert pairs["rows"].sum() == (~evaluation.correct).sum()
    assert pairs["rows"].is_monotonic_decreasing
    assert (pairs["true"] != pairs["predicted"]).all()


def test_per_class_has_every_class_most_frequent_first(evaluation) -> None:
    table = per_class(evaluation)
    assert set(table["value"]) == set(CLASSES)
    assert table["support"].is_monotonic_decreasing


def test_slices_are_by_the_columns_that_hold_something(evaluation, rows) -> None:
    found = slices(evaluation, rows, ["卡纸"] * 150 + ["打印机又一次卡纸了,请来人"] * 50)
    assert set(found["dimension"]) == {"channel", "month", "length"}
    assert found[found["dimension"] == "length"].set_index("value")["rows"].to_dict() == {"0–9": 150, "10–29": 50}


def test_small_slices_are_left_out_and_nothing_gives_an_empty_table(evaluation, rows) -> None:
    rows["channel"] = ["电话"] * 195 + ["微信"] * 5
    assert slices(evaluation, rows[["channel"]], None)["value"].tolist() == ["电话"]
    assert list(slices(evaluation, None, None).columns)[:3] == ["dimension", "value", "rows"]


def test_slices_of_other_rows_are_refused(evaluation, rows) -> None:
    with pytest.raises(ValueError, match="expected 200"):
        slices(evaluation, rows.head(10), None)


def test_bad_cases_are_wrong_rows_masked_most_confident_first(evaluation) -> None:
    found = bad_cases(evaluation, [f"请回电{PHONE},订单号:20240501123456"] * 200, [f"T-{i}" for i in range(200)])
    assert (found["label"] != found["predicted"]).all()
    assert found["confidence"].is_monotonic_decreasing
    assert not found["text"].str.contains(PHONE).any()
    assert found["text"].str.contains("«手机号»").all()
    assert found["id"].str.startswith("T-").all()


def test_a_text_is_never_run_as_a_formula(evaluation) -> None:
    assert bad_cases(evaluation, ["=cmd|calc"] * 200)["text"].str.startswith("'=").all()
