"""``fenzhen harvest`` as a person at a terminal meets it."""

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

from fenzhen.settings import read_settings
from fenzhen.store import Feedback, PredictedField, Prediction, open_store
from training.commands import harvest

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One ticket, corrected."""
    monkeypatch.setenv("COLUMNS", "200")
    (tmp_path / "workspace.toml").write_text('[tables.tickets]\npath = "t.csv"\n[models.ticket_category]\n')
    (tmp_path / "t.csv").write_text("ticket_id,subject,category\nA,打印机卡纸,硬件\n")
    fields = (PredictedField("category", "ok", "硬件", 0.9, "suggest", "ticket_category/1"),)
    with open_store(read_settings(tmp_path, {}).store_url) as store:
        store.write_predictions([Prediction("P", "A", NOON, fields)])
        store.write_feedback([Feedback("category", "corrected", "王工", NOON, "耗材", prediction_id="P")])
    return tmp_path


def _harvest(workspace: Path, *arguments: str) -> str:
    app = typer.Typer()
    app.command()(harvest.command)
    result = CliRunner().invoke(app, [*arguments, "--workspace", str(workspace)])
    assert result.exit_code == 0, result.exception
    return result.output


def test_it_shows_counts_and_writes_the_labels(workspace: Path) -> None:
    output = _harvest(workspace, "--output", str(workspace / "labels.csv"))
    assert "ticket_category" in output
    labels = pd.read_csv(workspace / "labels.csv", dtype=str)
    assert labels.to_dict("records") == [{
        "model": "ticket_category", "ticket_id": "A", "value": "耗材", "verdict": "corrected", "actor": "王工",
        "at": "2026-03-01T12:00:00+00:00", "label": "corrected"}]


def test_before_the_feedback_there_is_nothing(workspace: Path) -> None:
    _harvest(workspace, "--as-of", "2026-03-01", "--output", str(workspace / "labels.csv"))
    assert len(pd.read_csv(workspace / "labels.csv")) == 0
