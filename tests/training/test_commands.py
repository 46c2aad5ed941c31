"""Train, retrain, predict, evaluate, backtest and doctor, as a person at a terminal meets them."""

import importlib
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from fenzhen.errors import FenzhenError, TableError, TrainingRefused, WorkspaceError
from fenzhen.exports import Exports
from fenzhen.registry import Registry
from fenzhen.settings import read_settings
from fenzhen.simulate import simulate_workspace
from models import artefact

MODEL = "ticket_category"
COMMANDS = ("train", "retrain", "predict", "evaluate", "backtest", "doctor", "export", "promote")

Fenzhen = Callable[..., Result]


def run(workspace: Path, *words: str) -> Result:
    app = typer.Typer()
    for name in COMMANDS:
        app.command(name)(importlib.import_module(f"training.commands.{name}").command)
    return CliRunner().invoke(app, [*words, "--workspace", str(workspace)], env={"COLUMNS": "200"})


def refusal(result: Result) -> FenzhenError:
    assert isinstance(result.exception, FenzhenError), result.output
    return result.exception


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small made-up company whose category has a champion."""
    folder = tmp_path_factory.mktemp("company") / "desk"
    simulate_workspace(folder, 500, 200, date(2026, 7, 1), 3)
    result = run(folder, "train", MODEL, "--as-of", "2026-07-01", "--promote", "force")
    assert result.exit_code == 0, result.output
    return folder


@pytest.fixture
def tiny(tmp_path: Path) -> Callable[[str], Path]:
    """A workspace of a few rows of CSV text."""
    def make(rows: str) -> Path:
        (tmp_path / "workspace.toml").write_text('[tables.tickets]\npath = "tickets.csv"\n[models.ticket_category]\n')
        (tmp_path / "tickets.csv").write_text(f"ticket_id,subject,category\n{rows}")
        return tmp_path
    return make


def test_predict_gives_one_row_a_row_in_order_with_ranks_always_filled(company: Path, tmp_path: Path) -> None:
    source = pd.read_csv(company / "工单导出.csv", dtype=str).head(30).drop(columns="一级分类")
    source.loc[3, ["标题", "问题描述"]] = ""
    source.to_csv(tmp_path / "new.csv", index=False)
    result = run(company, "predict", MODEL, "--input", str(tmp_path / "new.csv"), "--output", str(tmp_path / "out.csv"),
                 "--top-k", "2")
    assert result.exit_code == 0, result.output
    found = pd.read_csv(tmp_path / "out.csv", dtype=str, keep_default_na=False)
    assert list(found) == ["ticket_id", "prediction", "confidence", "decision", "rank_1", "rank_2", "confidence_1",
                           "confidence_2"]
    assert list(found["ticket_id"]) == list(source["工单编号"])
    assert (found[["rank_1", "rank_2"]] != "").all().all()
    assert (found.loc[3, "prediction"], found.loc[3, "decision"]) == ("", "abstain")


def test_predict_writes_parquet_by_suffix(company: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    run(company, "predict", MODEL, "--input", str(company / "工单导出.csv"), "--output", str(out))
    assert len(pd.read_parquet(out)) == len(pd.read_csv(company / "工单导出.csv", dtype=str))


def test_predict_without_a_champion_says_how_to_get_one(company: Path, tmp_path: Path) -> None:
    result = run(company, "predict", "ticket_sentiment", "--input", str(company / "工单导出.csv"), "--output",
                 str(tmp_path / "out.csv"))
    assert "fenzhen train ticket_sentiment" in str(refusal(result))
    assert not (tmp_path / "out.csv").exists()


def test_predict_of_a_file_that_is_not_there_is_refused(company: Path, tmp_path: Path) -> None:
    result = run(company, "predict", MODEL, "--input", str(tmp_path / "none.csv"), "--output", str(tmp_path / "o.csv"))
    assert "none.csv" in str(refusal(result))


def test_evaluate_leaves_out_what_the_version_was_fitted_on(company: Path) -> None:
    assert "was fitted on" in str(refusal(run(company, "evaluate", MODEL)))


def test_evaluate_judges_on_new_labelled_rows(company: Path, tmp_path: Path) -> None:
    simulate_workspace(tmp_path / "later", 300, 100, date(2026, 10, 1), 4)
    result = run(company, "evaluate", MODEL, "--input", str(tmp_path / "later" / "工单导出.csv"))
    assert result.exit_code == 0, result.output
    assert "rows it was not fitted on" in result.output


def test_backtest_answers_what_follows_each_date(company: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    result = run(company, "backtest", MODEL, "--as-of", "2026-05-15", "--as-of", "2026-06-10", "--until", "2026-06-25",
                 "--output", str(out))
    assert result.exit_code == 0, result.output
    found = pd.read_csv(out, dtype=str, keep_default_na=False)
    assert {"ticket_id", "prediction", "confidence", "decision", "rank_3", "outcome"} <= set(found)
    assert found["ticket_id"].is_unique
    assert "top_1" in result.output


def test_doctor_shows_the_champion(company: Path) -> None:
    result = run(company, "doctor")
    assert result.exit_code == 0, result.output
    assert MODEL in result.output


def test_doctor_shows_a_broken_artefact_and_exits_with_1(company: Path, tmp_path: Path) -> None:
    shutil.copytree(company, tmp_path / "desk")
    champion = Exports(tmp_path / "desk/.fenzhen/exports").champions()[MODEL]
    largest = max(champion.folder.iterdir(), key=lambda path: path.stat().st_size)
    content = bytearray(largest.read_bytes())
    content[len(content) // 2] ^= 1
    largest.chmod(0o644)
    largest.write_bytes(content)
    result = run(tmp_path / "desk", "doctor")
    assert (result.exit_code, largest.name in result.output) == (1, True), result.output


def test_after_a_new_schema_retrain_promotes_by_the_baselines_and_says_so(
    company: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    shutil.copytree(company, tmp_path / "desk")
    monkeypatch.setattr(artefact, "FEATURE_SCHEMA", artefact.FEATURE_SCHEMA + 1)
    result = run(tmp_path / "desk", "retrain", MODEL, "--as-of", "2026-07-01")
    assert result.exit_code == 0, result.output
    assert f"The champion {MODEL}/1 cannot answer any more" in " ".join(result.output.split())
    assert Exports(tmp_path / "desk/.fenzhen/exports").champions()[MODEL].version > 1


def test_a_damaged_champion_is_neither_beaten_unseen_nor_in_the_way(company: Path, tmp_path: Path) -> None:
    shutil.copytree(company, tmp_path / "desk")
    exports = Exports(tmp_path / "desk/.fenzhen/exports")
    damaged = exports.champions()[MODEL].folder / "golden.json"
    damaged.chmod(0o644)
    damaged.write_text(damaged.read_text() + " ")
    result = run(tmp_path / "desk", "train", MODEL, "--as-of", "2026-07-01", "--promote", "auto")
    assert f"The champion {MODEL}/1 cannot be read" in " ".join(result.output.split())
    assert exports.champions()[MODEL].version == 1
    assert run(tmp_path / "desk", "promote", MODEL, "--force").exit_code == 0
    assert exports.champions()[MODEL].version > 1


def test_retrain_goes_on_after_a_model_that_cannot_be_trained(company: Path, tmp_path: Path) -> None:
    folder = tmp_path / "desk"
    shutil.copytree(company, folder, ignore=shutil.ignore_patterns(".fenzhen"))
    result = run(folder, "retrain", "ticket_nothing", "ticket_sentiment", "--as-of", "2026-07-01")
    assert (result.exit_code, "ticket_nothing" in result.output) == (1, True), result.output
    assert Registry(read_settings(folder, {})).versions("ticket_sentiment") == [1]
    assert (folder / ".fenzhen/exports/policy.json").exists()


def test_promote_brings_the_policy_too(company: Path) -> None:
    (company / ".fenzhen/exports/policy.json").unlink()
    assert run(company, "promote", MODEL, "--version", "1", "--force").exit_code == 0
    assert Exports(company / ".fenzhen/exports").policy()["rules"]


@pytest.mark.parametrize(("rows", "expected"), [
    ("1,打印机卡纸,硬件\n2,网络不通,网络\n", TrainingRefused),
    ("".join(f"{number},打印机卡纸第{number}次,硬件\n" for number in range(300)), TrainingRefused),
    ("", FenzhenError),
    ("1,打印机卡纸,硬件\n1,网络不通,网络\n", TableError),
], ids=["two rows", "one class", "no row", "duplicate ids"])
def test_what_cannot_be_learnt_from_is_refused_in_words(
    rows: str, expected: type[FenzhenError], tiny: Callable[[str], Path],
) -> None:
    folder = tiny(rows)
    assert isinstance(refusal(run(folder, "train", MODEL)), expected)
    assert not (folder / ".fenzhen/exports/champions.json").exists()


def test_a_missing_label_column_is_named(tiny: Callable[[str], Path]) -> None:
    folder = tiny("1,打印机卡纸,硬件\n")
    (folder / "tickets.csv").write_text("ticket_id,subject\n1,打印机卡纸\n")
    assert "category" in str(refusal(run(folder, "train", MODEL)))


def test_a_table_that_does_not_exist_is_named(company: Path, tmp_path: Path) -> None:
    result = run(company, "predict", MODEL, "--table", "letters", "--input", str(company / "工单导出.csv"), "--output",
                 str(tmp_path / "out.csv"))
    assert "letters" in str(refusal(result))


def test_a_date_that_is_none_is_refused(company: Path) -> None:
    assert "yesterday" in str(refusal(run(company, "train", MODEL, "--as-of", "yesterday")))


def test_a_date_to_come_is_not_learnt_from(company: Path) -> None:
    found = refusal(run(company, "train", MODEL, "--as-of", "2199-01-01"))
    assert "got as_of 2198-12-31T16:00:00+00:00, expected no moment to come" in str(found)
    assert "learnt as if it never did" in str(found)


def test_a_folder_that_is_no_workspace_is_refused(tmp_path: Path) -> None:
    assert isinstance(refusal(run(tmp_path, "train", MODEL)), WorkspaceError)
    assert not list(tmp_path.iterdir())
