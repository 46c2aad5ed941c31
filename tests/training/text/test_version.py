"""A version on labelled rows: those it was fitted on are left out, and counted."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from rich.console import Console

from fenzhen.errors import TrainingRefused
from fenzhen.workspace import Workspace, load_workspace
from models.specs import spec_of
from tests.models.made_up import simulated, simulated_scorer
from training.text.version import evaluate_version


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A workspace without taxonomy and rules."""
    (tmp_path / "workspace.toml").write_text("[models.ticket_category]\n", encoding="utf-8")
    return load_workspace(tmp_path)


def rows(count: int, seed: int) -> pd.DataFrame:
    found = simulated(count, seed)
    return pd.DataFrame({"ticket_id": found.ids, "subject": found.subjects, "body": found.bodies,
                         "category": found.labels})


def judged(workspace: Workspace, frame: pd.DataFrame) -> Any:
    spec: Any = spec_of("ticket_category", {})
    return evaluate_version(workspace, spec, simulated_scorer(), frame, False)


def test_only_rows_that_are_new_to_it_are_judged(workspace: Workspace) -> None:
    known, new = rows(1_500, 1).head(20), rows(60, 6)
    found = judged(workspace, pd.concat([known, new], ignore_index=True))
    assert found.seen >= 20
    assert len(found.evaluation.labels) == 80 - found.seen
    console = Console(record=True, width=120)
    found.show(console)
    assert f"{found.seen} rows left out: the version was fitted on them" in console.export_text()


def test_rows_that_it_knows_all_of_are_refused(workspace: Workspace) -> None:
    with pytest.raises(TrainingRefused, match="expected at least one that it was not"):
        judged(workspace, rows(1_500, 1).head(10))


def test_rows_without_labels_are_refused(workspace: Workspace) -> None:
    with pytest.raises(TrainingRefused, match="got 0 labelled rows"):
        judged(workspace, rows(5, 6).assign(category=None))
