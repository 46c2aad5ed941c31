"""Two horizons from the command line: files hold both, the store holds the first in full and tells the other."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from fenzhen.store import AlertFilter, Store, open_store
from fenzhen.workspace import Workspace
from tests.training.device_fleet import write_fleet
from training import cli
from training.champions.doors import settings_of

DEVICES, PARTS = 20, 3
AS_OF = "2026-04-01"
SETTINGS = "horizons_days = [3, 7]\n[models.device_failure.alerts]\nopen_from = 0.00001\n"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A fleet with the champion that it taught."""
    found = write_fleet(tmp_path_factory.mktemp("horizons"), SETTINGS, devices=DEVICES, days=90)
    fenzhen(found, "train", "device_failure", "--promote", "force")
    return found


@pytest.fixture
def store(workspace: Workspace) -> Iterator[Store]:
    """The workspace's store."""
    with open_store(settings_of(workspace.folder).store_url) as opened:
        yield opened


def fenzhen(workspace: Workspace, *words: str) -> str:
    """Return what a command says that goes well."""
    cli._register()
    done = CliRunner().invoke(cli.app, [*words, "--workspace", str(workspace.folder), "--as-of", AS_OF])
    assert done.exit_code == 0, done.output
    return done.output


def assert_first_horizon_stored(store: Store, rows: pd.DataFrame) -> None:
    run = store.newest_scores("device_failure")
    assert run is not None
    assert (run.run.horizon_days, run.row_count) == (3, DEVICES * PARTS)
    expected = rows[rows["horizon_days"] == 3].set_index(["device_id", "component"])["probability"]
    stored = {(each.entity, each.component): each.probability for each in store.run_scores(run.id)}
    assert stored == pytest.approx(expected.to_dict(), abs=1e-6)
    later = rows[(rows["horizon_days"] == 7) & (rows["device_id"] == "D000")].set_index("component")["probability"]
    told = store.score_details(run.id, ["D000"])["D000", "any"]["horizons"]
    assert {each["component"]: each["probability"] for each in told} == pytest.approx(later.to_dict(), abs=1e-6)
    assert {each["horizon_days"] for each in told} == {7}


def test_both_horizons_are_scored_into_the_file_and_the_first_into_the_store(
    workspace: Workspace, store: Store, tmp_path: Path,
) -> None:
    output = tmp_path / "scores.csv"
    told = fenzhen(workspace, "score", "device_failure", "--store", "--output", str(output))
    rows = pd.read_csv(output)
    assert rows.groupby("horizon_days").size().to_dict() == {3: DEVICES * PARTS, 7: DEVICES * PARTS}
    assert f"{DEVICES * PARTS} scores of device_failure version 1 as of 2026-04-01T00:00:00+08:00 stored" in told
    assert f"{DEVICES} devices scored as of 2026-04-01T00:00:00+08:00: " in told
    assert_first_horizon_stored(store, rows)


def test_a_days_work_keeps_the_first_horizon_and_makes_its_alerts(
    workspace: Workspace, store: Store, tmp_path: Path,
) -> None:
    fenzhen(workspace, "score", "device_failure", "--no-store", "--output", str(tmp_path / "scores.csv"))
    told = fenzhen(workspace, "run-daily")
    assert "score: device_failure version 1: 20 devices scored as of 2026-04-01T00:00:00+08:00: " in told
    assert "alerts: device_failure: 20 opened" in told
    assert_first_horizon_stored(store, pd.read_csv(tmp_path / "scores.csv"))
    assert {each.horizon_days for each in store.alerts(AlertFilter())} == {3}
