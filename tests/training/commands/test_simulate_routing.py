"""``fenzhen simulate-routing``: from a workspace to a table of both courses."""

import shutil
from pathlib import Path

import pandas as pd
import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from fenzhen.errors import FenzhenError
from tests.training.past_company import past_tables
from training.commands import simulate_routing

TOML = "time_zone = 'Asia/Shanghai'\n" + "".join(
    f"[tables.{name}]\npath = '{name}.csv'\n" for name in ("tickets", "ticket_events", "assignees", "customers"))


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four weeks of a company that misroutes three tickets of ten."""
    folder = tmp_path_factory.mktemp("past")
    (folder / "workspace.toml").write_text(TOML, encoding="utf-8")
    for name, frame in past_tables().items():
        frame.dropna(axis=1, how="all").to_csv(folder / f"{name}.csv", index=False)
    return folder


def run(workspace: Path, *arguments: str) -> Result:
    app = typer.Typer()
    app.command()(simulate_routing.command)
    return CliRunner().invoke(app, [*arguments, "--workspace", str(workspace)], env={"COLUMNS": "120"})


def test_both_courses_are_shown_and_written(workspace: Path, tmp_path: Path) -> None:
    result = run(workspace, "--from", "2026-03-16", "--until", "2026-03-30", "--output", str(tmp_path / "found.csv"))
    assert result.exit_code == 0, result.exception
    assert "reassignments avoided: " in result.output
    assert "80 solved tickets created from 2026-03-16 00:00 until 2026-03-30 00:00, 4 people, 2 groups" in result.output
    found = pd.read_csv(tmp_path / "found.csv").set_index(["measure", "priority"])
    assert found.columns.tolist() == ["really", "policy", "difference"]
    assert found.loc["reassignments"]["policy"].iloc[0] == 0
    assert found.loc[("right at first, share", "紧急"), "policy"] == 1
    assert "hands it on after 4.5 hours" in result.output
    assert {"紧急", "低"} <= set(found.index.get_level_values("priority"))


def test_a_customer_s_fixed_person_is_a_rule_of_the_replay_too(workspace: Path, tmp_path: Path) -> None:
    folder = tmp_path / "fixed"
    shutil.copytree(workspace, folder)
    frame = pd.DataFrame({"customer_id": [f"C{number}" for number in range(20)], "keeper": "b1"})
    frame.to_csv(folder / "customers.csv", index=False)
    (folder / "workspace.toml").write_text(
        TOML + "[models.assignee]\nfixed_owner = 'keeper'\n", encoding="utf-8")
    found = {}
    for each in (workspace, folder):
        run(each, "--from", "2026-03-16", "--until", "2026-03-30", "--output", str(tmp_path / "found.csv"))
        found[each] = pd.read_csv(tmp_path / "found.csv").set_index(["measure"])["policy"]
    assert found[workspace].loc["reassignments"] == 0
    assert found[folder].loc["reassignments"] > 10


def test_the_policy_is_what_the_options_say(workspace: Path) -> None:
    result = run(workspace, "--method", "greedy", "--no-skills", "--capacity", "3", "--vip-weight", "5", "--vip-tier",
                 "金牌", "--interval", "60", "--priority", "低", "--priority", "紧急")
    assert "policy: greedy every 60 minutes, skills ignored, capacity 3, 金牌 weigh 5" in result.output


@pytest.mark.parametrize(("arguments", "message"), [
    (("--from", "2020-01-01", "--until", "2020-02-01"), "no solved ticket was created"),
    (("--from", "2026-03-20", "--until", "2026-03-10"), "expected one that ends after it begins"),
    (("--from", "spring",), "expected a date"),
])
def test_a_period_without_tickets_is_refused(workspace: Path, arguments: tuple[str, ...], message: str) -> None:
    result = run(workspace, *arguments)
    assert isinstance(result.exception, FenzhenError)
    assert message in str(result.exception)
