from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import typer
from typer.testing import CliRunner

from fenzhen.errors import WorkspaceError
from training.commands import simulate

app = typer.Typer()
app.command("simulate")(simulate.command)
SMALL = ["--tickets", "12", "--days", "30"]


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_it_writes_a_workspace_and_says_that_the_data_are_made_up(tmp_path: Path):
    output = run(str(tmp_path / "demo"), *SMALL, "--until", "2026-01-01", "--seed", "7")
    assert "数据为虚构" in output
    assert "12 tickets in the 30 days before 2026-01-01, seed 7" in output
    assert (tmp_path / "demo" / "workspace.toml").exists()


def test_the_history_ends_today_unless_told_otherwise(tmp_path: Path):
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
    assert f"before {today}" in run(str(tmp_path), *SMALL)


def test_the_folder_is_demo_by_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    run(*SMALL)
    assert (tmp_path / "demo" / "workspace.toml").exists()


def test_a_folder_with_other_data_is_refused(tmp_path: Path):
    (tmp_path / "客户.csv").write_text("real")
    with pytest.raises(WorkspaceError, match=r"already holds 客户\.csv"):
        run(str(tmp_path), *SMALL)


@pytest.mark.parametrize("wrong", [["--tickets", "0"], ["--until", "tomorrow"], ["--days", "x"]])
def test_wrong_values_are_usage_errors(wrong: list[str], tmp_path: Path):
    assert CliRunner().invoke(app, [str(tmp_path), *wrong]).exit_code == 2
