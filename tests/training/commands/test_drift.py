"""``fenzhen drift`` as a person at a terminal meets it: tickets with text, and a cohort of customers."""

import re
import shutil
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from click.testing import Result
from typer.testing import CliRunner

from fenzhen.errors import ExportError, FenzhenError, TrainingRefused, WorkspaceError
from fenzhen.exports import Exports
from fenzhen.simulate import simulate_workspace
from fenzhen.workspace import load_workspace
from models.specs import spec_of
from tests.training.leaving_customers import write_leaving
from training import cli
from training.champions.doors import settings_of
from training.drift.comparison import COLUMNS
from training.drift.windows import trained_until
from training.family import Job, family_of

MODEL = "ticket_category"


def run(workspace: Path, *words: str) -> Result:
    cli._register()
    return CliRunner().invoke(cli.app, ["drift", *words, "--workspace", str(workspace)], env={"COLUMNS": "160"})


def refusal(result: Result) -> FenzhenError:
    assert isinstance(result.exception, FenzhenError), result.output
    return result.exception


def with_champion(folder: Path, model: str, as_of: str) -> Path:
    """Let a workspace have a champion of its own, learnt as of a date, without MLflow."""
    workspace = load_workspace(folder)
    spec = spec_of(model, workspace.model_settings(model))
    learned = family_of(spec).learn(Job(workspace, spec, workspace.moment(as_of), seed=3))
    learned.save(folder / "v1", {"model": model, "field": spec.field, **learned.facts()})
    Exports(settings_of(folder).exports_dir).publish(model, 1, folder / "v1", registry_alias=None)
    return folder


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small made-up company whose category was learnt seven weeks before its last ticket."""
    folder = tmp_path_factory.mktemp("company") / "desk"
    simulate_workspace(folder, 600, 200, date(2026, 7, 1), 3)
    settings = (folder / "workspace.toml").read_text("utf-8")
    settings = settings.replace(f"[models.{MODEL}]", f"[models.{MODEL}]\nstrength = 0.5\nlead_weight = 2.0")
    (folder / "workspace.toml").write_text(settings, "utf-8")
    return with_champion(folder, MODEL, "2026-05-10")


@pytest.fixture(scope="module")
def leaving(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Customers whose leaving was learnt seven weeks before the last fact."""
    return with_champion(write_leaving(tmp_path_factory.mktemp("leaving") / "shop"), "churn", "2025-09-28")


def test_it_shows_every_column_and_says_what_to_do(company: Path, tmp_path: Path) -> None:
    result = run(company, MODEL, "--output", str(tmp_path / "out.csv"))
    assert result.exit_code == 0, result.output
    frame = pd.read_csv(tmp_path / "out.csv", keep_default_na=False)
    assert tuple(frame) == COLUMNS
    assert {"label", "prediction", "confidence", "abstentions", "known_text", "channel", "product", "region",
            "customer_tier", "text_length"} == set(frame["name"])
    assert set(frame["level"]) <= {"steady", "moved", "shifted"}
    assert frame["psi"].is_monotonic_decreasing
    fitted_on = frame["note"].str.contains("the version was fitted on the reference")
    assert set(frame.loc[fitted_on, "name"]) == {"confidence", "abstentions", "known_text"}
    assert "etrain" in result.output.splitlines()[-1]


def test_a_new_channel_is_found_and_named_first(company: Path, tmp_path: Path) -> None:
    folder = tmp_path / "desk"
    shutil.copytree(company, folder)
    tickets = pd.read_csv(folder / "工单导出.csv", dtype=str)
    tickets.loc[tickets["创建时间"] >= "2026/06/01", "渠道"] = "自助机"
    tickets.to_csv(folder / "工单导出.csv", index=False)
    result = run(folder, MODEL, "--since", "2026-06-01", "--output", str(tmp_path / "out.csv"))
    first = pd.read_csv(tmp_path / "out.csv").iloc[0]
    assert (first["name"], first["level"], first["kind"]) == ("channel", "shifted", "input")
    assert "new: 自助机" in first["note"]
    assert (first["reference"], first["recent"] > 0.5) == (0.0, True)
    assert "Retrain 建议重新训练" in result.output


def test_answers_since_a_later_date_are_compared_with_others_that_the_fit_did_not_see(
        company: Path, tmp_path: Path) -> None:
    run(company, MODEL, "--since", "2026-06-10", "--output", str(tmp_path / "out.csv"))
    assert not pd.read_csv(tmp_path / "out.csv")["note"].fillna("").str.contains("fitted on").any()


def test_customers_are_compared_as_of_two_moments(leaving: Path, tmp_path: Path) -> None:
    result = run(leaving, "churn", "--output", str(tmp_path / "out.csv"))
    assert result.exit_code == 0, result.output
    frame = pd.read_csv(tmp_path / "out.csv", keep_default_na=False).set_index("name")
    assert {"probability", "days_since_last", "orders_90d", "customer_tier"} <= set(frame.index)
    assert frame.loc["probability", "kind"] == "answer"
    assert "grows with time" in frame.loc["days_since_first", "note"]
    assert result.output.count("rows as of") == 2


@pytest.mark.parametrize(("words", "expected", "said"), [
    ((MODEL, "--since", "2026-06-30"), TrainingRefused, r"got \d+ tickets in the recent window, from .* at least 30"),
    ((MODEL, "--since", "2026-07-05"), TrainingRefused, "expected a later end"),
    ((MODEL, "--since", "2025-12-18"), TrainingRefused, "tickets before the version was trained"),
    ((MODEL, "--since", "2026-06-01", "--until", "2026-05-01"), TrainingRefused, "expected a later end"),
    ((MODEL, "--until", "tomorrow"), WorkspaceError, "tomorrow"),
    (("ticket_sentiment",), ExportError, "ticket_sentiment has no champion"),
    (("weather",), WorkspaceError, "got the model 'weather'"),
], ids=["few recent", "nothing recent", "few before", "wrong order", "no date", "no champion", "no model"])
def test_what_cannot_be_compared_is_refused_in_words(
        company: Path, words: tuple[str, ...], expected: type[FenzhenError], said: str) -> None:
    error = refusal(run(company, *words))
    assert isinstance(error, expected)
    assert pd.Series([str(error)]).str.contains(said).all(), error


def test_tickets_without_times_are_refused(company: Path, tmp_path: Path) -> None:
    folder = tmp_path / "desk"
    shutil.copytree(company, folder)
    settings = (folder / "workspace.toml").read_text("utf-8")
    (folder / "workspace.toml").write_text(re.sub(r"^created_at = .*$", "", settings, flags=re.MULTILINE), "utf-8")
    assert "no ticket has one" in str(refusal(run(folder, MODEL)))


@pytest.mark.parametrize("manifest", [{}, {"trained_until": None},
                                      {"trained_until": "2026-01-01T00:00:00+00:00", "timeless": True}])
def test_a_version_fitted_without_times_is_refused(manifest: dict[str, Any]) -> None:
    with pytest.raises(TrainingRefused, match="fitted on rows without times, expected some"):
        trained_until(SimpleNamespace(model="m", manifest=manifest))
