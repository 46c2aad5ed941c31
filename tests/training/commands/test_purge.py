"""``fenzhen purge``: old predictions go only when asked for, what people said stays."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from fenzhen.settings import read_settings
from fenzhen.store import Store, open_store
from tests.fenzhen.store.made_up import made_feedback, made_prediction
from training.commands import purge


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace with a prediction of 40 days ago, which was corrected, and one of now."""
    (tmp_path / "workspace.toml").write_text("", encoding="utf-8")
    now = datetime.now(UTC)
    with _store(tmp_path) as store:
        store.write_predictions([made_prediction(1, at=now - timedelta(days=40)), made_prediction(2, at=now)])
        store.write_feedback([made_feedback()])
    return tmp_path


def _store(workspace: Path) -> Store:
    return open_store(read_settings(workspace, {}).store_url)


def _purge(workspace: Path, *arguments: str) -> Result:
    app = typer.Typer()
    app.command()(purge.command)
    return CliRunner().invoke(app, [*arguments, "--workspace", str(workspace)])


def _left(workspace: Path) -> list[bool]:
    with _store(workspace) as store:
        return [store.prediction(f"P00000{number}") is not None for number in (1, 2)]


def test_predictions_older_than_the_kept_days_go(workspace: Path) -> None:
    result = _purge(workspace, "--keep-days", "30")
    assert result.output == "deleted 1 predictions, 0 idempotency answers and 0 sessions\n"
    assert _left(workspace) == [False, True]
    with _store(workspace) as store:
        assert len(store.feedback_of("P000001")) == 1


def test_without_days_predictions_stay(workspace: Path) -> None:
    assert _purge(workspace).exit_code == 0
    assert _left(workspace) == [True, True]


def test_no_days_are_a_usage_error(workspace: Path) -> None:
    assert _purge(workspace, "--keep-days", "0").exit_code == 2
    assert _left(workspace) == [True, True]
