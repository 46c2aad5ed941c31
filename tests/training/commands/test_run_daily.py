"""``fenzhen run-daily`` and the scoring of cohorts, over a made-up family that scores and follows up."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from filelock import FileLock
from typer.testing import CliRunner

from fenzhen.errors import StoreBusy, TrainingRefused
from fenzhen.settings import read_settings
from fenzhen.store import Store, open_store
from training.champions.doors import Doors
from training.cohort_scores import score_cohort, store_cohort
from training.commands import run_daily as command_module
from training.family import FollowUp, ScoreAsk, Scored

TICKETS = ("ticket_id,customer_id,created_at,subject,category\nT-1,C1,2026-11-01 09:00:00,打印机卡纸,硬件\n"
           "T-2,C2,2026-11-30 09:00:00,连不上网,网络\n")
TABLES = ('[tables.tickets]\npath = "tickets.csv"\n[tables.customers]\npath = "customers.csv"\n'
          '[models.churn]\nhorizon_days = 90\n')
SPEC = SimpleNamespace(name="churn", table="customers", tables=("customers", "tickets"), family="churn")
AS_OF = pd.Timestamp("2026-11-15", tz="UTC")


@dataclass
class MadeUpFamily:
    """Scores two customers; what it is told to raise, it raises."""

    broken: Exception | None = None
    asked: list[ScoreAsk] = field(default_factory=list)
    followed: list[datetime] = field(default_factory=list)

    def score(self, ask: ScoreAsk) -> Scored:
        self.asked.append(ask)
        if self.broken is not None:
            raise self.broken
        frame = pd.DataFrame({"customer_id": ["C1", "C2"], "as_of": ask.as_of, "horizon_days": 90,
                              "probability": [0.9, 0.1], "risk_level": ["high", "low"]})
        return Scored(frame, ({"reasons": [], "attributes": {"name": name}} for name in ("甲", "乙")))

    def follow_up(self, ask: FollowUp) -> str:
        run = ask.store.newest_scores("churn")
        self.followed += [] if run is None else [run.run.as_of]
        return "1 alert opened"


@pytest.fixture
def family(monkeypatch: pytest.MonkeyPatch) -> MadeUpFamily:
    """The family of the model ``churn``, whose version 3 is the champion."""
    found = MadeUpFamily()
    champion = SimpleNamespace(version=3, folder=Path(), manifest_sha256="")
    for module in ("training.cohort_scores", "training.daily"):
        monkeypatch.setattr(f"{module}.spec_of", lambda *_: SPEC)
        monkeypatch.setattr(f"{module}.family_of", lambda _: found)
    monkeypatch.setattr("training.cohort_scores.load_version", lambda *_: "scorer")
    monkeypatch.setattr("models.artefact.load_scorer", lambda *_: "scorer")
    monkeypatch.setattr("fenzhen.exports.Exports.champions", lambda _: {"churn": champion})
    monkeypatch.setattr("fenzhen.exports.Exports.champion", lambda *_: champion)
    monkeypatch.setattr("training.daily.export_all", lambda *_, **__: (["churn: version 3"], []))
    return found


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace of two tickets and two customers."""
    (tmp_path / "workspace.toml").write_text(TABLES, encoding="utf-8")
    (tmp_path / "tickets.csv").write_text(TICKETS, encoding="utf-8")
    (tmp_path / "customers.csv").write_text("customer_id,name\nC1,甲\nC2,乙\n", encoding="utf-8")
    return tmp_path


@pytest.fixture
def store(workspace: Path) -> Iterator[Store]:
    """The workspace's store."""
    with open_store(read_settings(workspace, {}).store_url) as opened:
        yield opened


def daily(workspace: Path, *words: str) -> Any:
    import typer

    app = typer.Typer()
    app.command()(command_module.command)
    return CliRunner().invoke(app, ["--workspace", str(workspace), *words])


def test_a_day_ingests_scores_follows_up_and_exports_and_may_be_repeated(
    workspace: Path, store: Store, family: MadeUpFamily,
) -> None:
    first, second = daily(workspace, "--as-of", "2026-11-15"), daily(workspace, "--as-of", "2026-11-15")
    assert first.exit_code == second.exit_code == 0, first.output
    steps = [line.partition(":")[0] for line in first.output.splitlines() if line.strip()]
    assert steps == ["ingest", "score", "alerts", "export"]
    assert "tickets: 2 inserted, 0 already there" in first.output
    assert "tickets: 0 inserted, 2 already there" in second.output
    assert "churn version 3: 2 customers scored as of 2026-11-15T00:00:00+08:00: high 1, medium 0, low 1" in \
        second.output
    run = store.newest_scores("churn")
    assert run is not None
    assert (run.run.version, run.row_count) == (3, 2)
    assert family.followed == [run.run.as_of, run.run.as_of]


def test_without_a_date_it_is_midnight_of_today_where_the_workspace_is(workspace: Path, family: MadeUpFamily) -> None:
    assert daily(workspace).exit_code == 0
    assert family.asked[0].as_of.tz_convert("Asia/Shanghai").time().isoformat() == "00:00:00"


@pytest.mark.parametrize("broken", [TrainingRefused("no customer is known"), ZeroDivisionError("division by zero")])
def test_a_broken_step_does_not_hide_the_others(workspace: Path, family: MadeUpFamily, broken: Exception,
                                                caplog: pytest.LogCaptureFixture) -> None:
    family.broken = broken
    (workspace / "tickets.csv").unlink()
    done = daily(workspace)
    assert done.exit_code == 1
    assert "ingest failed: " in done.output
    assert f"score failed: {broken}" in done.output
    assert "export: churn: version 3" in done.output
    logged = [record.exc_info[0] for record in caplog.records if record.name == "training.daily" and record.exc_info]
    assert logged == ([] if isinstance(broken, TrainingRefused) else [ZeroDivisionError])


def test_scores_that_are_not_there_are_not_followed_up(workspace: Path, family: MadeUpFamily) -> None:
    assert daily(workspace, "--as-of", "2026-11-15").exit_code == 0
    family.broken = TrainingRefused("no customer is known")
    done = daily(workspace, "--as-of", "2026-11-16")
    assert "alerts" not in done.output
    assert len(family.followed) == 1


def test_a_workspace_without_tickets_has_nothing_to_ingest(workspace: Path, family: MadeUpFamily) -> None:
    (workspace / "workspace.toml").write_text('[tables.customers]\npath = "customers.csv"\n', encoding="utf-8")
    done = daily(workspace)
    assert done.exit_code == 0, done.output
    assert "ingest" not in done.output
    assert len(family.asked) == 1


@pytest.mark.usefixtures("family")
def test_a_second_day_beside_the_first_is_refused(workspace: Path) -> None:
    state = read_settings(workspace, {}).state_dir
    state.mkdir()
    with FileLock(state / command_module.LOCK):
        done = daily(workspace)
    assert isinstance(done.exception, StoreBusy)
    assert "another `fenzhen run-daily` is at work" in str(done.exception)


def test_scores_say_what_they_know_and_give_the_frame_back(workspace: Path, store: Store, family: MadeUpFamily) -> None:
    from fenzhen.exports import Exports
    from fenzhen.workspace import load_workspace

    settings = read_settings(workspace, {})
    doors = Doors(None, Exports(settings.exports_dir), store, lambda *_: None, print)  # type: ignore[arg-type]
    cohort = score_cohort(load_workspace(workspace), doors, "churn", AS_OF, workspace)
    assert list(cohort.frame["customer_id"]) == ["C1", "C2"]
    assert store.newest_scores("churn") is None
    run = store_cohort(doors, cohort)
    assert cohort.run.data_until == datetime(2026, 11, 1, 1, tzinfo=UTC)
    assert family.asked[0].store is store
    assert store.scores(run.id, ["C2"])["C2", ""].name == "乙"


def test_a_day_before_anything_was_trained_says_so_and_fails_nothing(workspace: Path) -> None:
    for _ in range(2):
        told = daily(workspace)
        assert told.exit_code == 0, told.output
        assert "no model of customers or devices has a champion yet: `fenzhen train MODEL" in told.output
        assert "nothing was trained in this workspace yet" in told.output
