"""Promotion, rollback and reconciliation with a real MLflow, interrupted and moved by hand."""

import multiprocessing
import os
import shutil
import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fenzhen.errors import ArtefactError, ExportError, RegistryError
from fenzhen.exports import Champion, Exports
from fenzhen.registry import Registry
from fenzhen.settings import Settings, read_settings
from fenzhen.store import ModeChange
from models.artefact import verify, write_artefact
from training.doors import CHAMPION, Doors, open_doors
from training.promotion import promote, rollback
from training.reconciliation import reconcile, reconcile_all

MODEL = "ticket_category"
FORK = multiprocessing.get_context("fork")
ECHO = """
import mlflow
import pandas as pd

class Echo(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input: pd.DataFrame, params=None) -> pd.DataFrame:
        return model_input

mlflow.models.set_model(Echo())
"""


def check(folder: Path, manifest_sha256: str) -> None:
    """Verify every file, without a scorer."""
    verify(folder, manifest_sha256)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with three registered versions, of which the second failed its gate."""
    folder = tmp_path_factory.mktemp("made")
    registry = Registry(read_settings(folder, {}))
    registry.initialise()
    (folder / "echo.py").write_text(ECHO)
    for number, gate in enumerate(("passed", "failed", "passed"), start=1):
        write_artefact(folder / f"v{number}", {"weights.txt": f"weights {number}"}, {"number": number})
        with registry.run(MODEL) as run:
            registry.register(run, MODEL, folder / f"v{number}", code=folder / "echo.py", tags={"gate": gate})
    return folder


@pytest.fixture
def settings(made: Path, tmp_path: Path) -> Settings:
    """Settings of a workspace of its own; the artefacts stay where they were logged."""
    (tmp_path / ".fenzhen").mkdir()
    shutil.copy(made / ".fenzhen" / "mlflow.db", tmp_path / ".fenzhen" / "mlflow.db")
    return read_settings(tmp_path, {"FENZHEN_LOCK_TIMEOUT_SECONDS": "5"})


@pytest.fixture
def warnings() -> list[str]:
    """What was warned of."""
    return []


@pytest.fixture
def doors(settings: Settings, warnings: list[str]) -> Iterator[Doors]:
    """The doors of that workspace."""
    with open_doors(settings) as opened:
        yield replace(opened, check=check, warn=warnings.append)


def up(doors: Doors, version: int | None = None, force: bool = False) -> Champion:
    """Promote."""
    return promote(doors, MODEL, version, actor="王工", reason="更准", force=force)


def back(doors: Doors, to: int | None = None) -> Champion:
    """Roll back."""
    return rollback(doors, MODEL, to, actor="王工", reason="投诉")


def without_mlflow(doors: Doors) -> Doors:
    """The same doors while MLflow's server is down."""
    down = replace(doors.registry.settings, tracking_uri="http://127.0.0.1:9", registry_uri="http://127.0.0.1:9",
                   lock_timeout_seconds=1)
    return replace(doors, registry=Registry(down))


def steps(doors: Doors) -> list[tuple[str, int | None, int | None]]:
    """The ledger in short."""
    return [(entry.action, entry.from_version, entry.to_version) for entry in doors.store.ledger(MODEL)]


def assert_in_line(doors: Doors, version: int) -> None:
    """Check that ledger, alias and exports agree and the export is whole."""
    champion = doors.exports.champions()[MODEL]
    assert steps(doors)[-1][2] == version
    assert doors.registry.alias(MODEL, CHAMPION) == version
    assert (champion.version, champion.registry_alias) == (version, version)
    check(champion.folder, champion.manifest_sha256)
    assert doors.store.ledger(MODEL)[-1].manifest_sha256 == champion.manifest_sha256


def test_promote_takes_the_challenger(doors: Doors) -> None:
    assert up(doors).version == 3
    assert_in_line(doors, 3)
    entry = doors.store.ledger(MODEL)[0]
    assert (entry.action, entry.from_version, entry.actor, entry.reason) == ("promote", None, "王工", "更准")


def test_promoting_the_champion_again_adds_nothing_to_the_ledger(doors: Doors) -> None:
    first = up(doors, 1)
    assert up(doors, 1) == first
    assert steps(doors) == [("promote", None, 1)]


def test_a_version_that_failed_its_gate_needs_force(doors: Doors) -> None:
    up(doors, 1)
    with pytest.raises(RegistryError, match="failed its gate"):
        up(doors, 2)
    assert_in_line(doors, 1)
    up(doors, 2, force=True)
    assert_in_line(doors, 2)


def test_changes_of_modes_are_no_models_to_reconcile(doors: Doors) -> None:
    doors.store.set_mode(ModeChange("category", "*", "off", "王工", "投诉", datetime.now(UTC)))
    up(doors, 1)
    champions, failures = reconcile_all(doors)
    assert [champion.model for champion in champions] == [MODEL]
    assert failures == []


def test_an_unknown_model_or_version_is_refused(doors: Doors) -> None:
    with pytest.raises(RegistryError, match="no challenger"):
        promote(doors, "nobody", actor="me", reason="")
    with pytest.raises(RegistryError, match="version 9"):
        up(doors, 9)
    assert steps(doors) == []


def test_a_version_with_a_flipped_byte_is_refused_and_the_champion_stays(doors: Doors) -> None:
    up(doors, 1)
    with doors.registry.mlflow("locate") as client:
        location = Path(client.get_model_version_download_uri(MODEL, "3"))
    weights = location / "artifacts" / "artefact" / "weights.txt"
    whole = weights.read_text()
    weights.write_text("Weights 3")
    try:
        with pytest.raises(ArtefactError, match=r"weights\.txt"):
            up(doors, 3)
    finally:
        weights.write_text(whole)
    assert_in_line(doors, 1)


def test_a_version_with_another_manifest_than_its_tag_is_refused(doors: Doors) -> None:
    up(doors, 1)
    doors.registry.set_version_tags(MODEL, 3, {"manifest_sha256": "0" * 64})
    with pytest.raises(ArtefactError, match="expected 0000"):
        up(doors, 3)
    assert_in_line(doors, 1)


def test_rollback_goes_one_champion_back_each_time(doors: Doors) -> None:
    for version in (1, 2, 3):
        up(doors, version, force=True)
    assert back(doors).version == 2
    assert_in_line(doors, 2)
    assert back(doors).version == 1
    assert_in_line(doors, 1)
    with pytest.raises(ExportError, match="no earlier champion"):
        back(doors)


def test_rollback_to_a_named_version(doors: Doors) -> None:
    for version in (1, 2, 3):
        up(doors, version, force=True)
    assert back(doors, 1).version == 1
    assert_in_line(doors, 1)
    with pytest.raises(ExportError, match="is the champion already"):
        back(doors, 1)


def test_rollback_to_a_version_that_never_was_champion_is_refused(doors: Doors) -> None:
    up(doors, 1)
    with pytest.raises(ExportError, match="was never champion"):
        back(doors, 2)


def test_rollback_works_with_mlflow_down_and_the_next_export_brings_it_into_line(
    doors: Doors, warnings: list[str]
) -> None:
    up(doors, 1)
    up(doors, 3)
    assert back(without_mlflow(doors)).version == 1
    assert doors.exports.champions()[MODEL].version == 1
    assert "brings MLflow into line" in warnings[0]
    assert doors.registry.alias(MODEL, CHAMPION) == 3
    reconcile(doors, MODEL)
    assert_in_line(doors, 1)
    assert steps(doors)[-1] == ("rollback", 3, 1)
    assert len(warnings) == 1


def test_rollback_to_a_pruned_version_needs_mlflow(doors: Doors) -> None:
    narrow = replace(doors, exports=Exports(doors.exports.root, keep=1))
    up(narrow, 1)
    up(narrow, 3)
    with pytest.raises(ExportError, match=r"not among the kept exports \[3\], and cannot"):
        back(without_mlflow(narrow))
    assert back(narrow).version == 1
    assert_in_line(narrow, 1)


def test_a_broken_kept_version_is_fetched_again(doors: Doors) -> None:
    kept = up(doors, 1)
    up(doors, 3)
    (kept.folder / "weights.txt").write_text("flipped")
    assert back(doors).version == 1
    assert_in_line(doors, 1)


def test_an_alias_moved_by_hand_is_adopted_loudly(doors: Doors, warnings: list[str]) -> None:
    up(doors, 1)
    doors.registry.set_alias(MODEL, CHAMPION, 2)
    reconcile(doors, MODEL)
    assert_in_line(doors, 2)
    assert steps(doors)[-1] == ("external", 1, 2)
    assert "moved by hand" in warnings[0]
    reconcile(doors, MODEL)
    assert len(warnings) == len(steps(doors)) - 1 == 1


def test_an_alias_set_by_hand_before_any_promotion_is_adopted(doors: Doors) -> None:
    doors.registry.set_alias(MODEL, CHAMPION, 3)
    assert [champion.version for champion in reconcile_all(doors)[0]] == [3]
    assert steps(doors) == [("external", None, 3)]


def test_a_move_by_hand_is_in_the_ledger_before_the_promotion_that_covers_it(doors: Doors) -> None:
    up(doors, 1)
    doors.registry.set_alias(MODEL, CHAMPION, 2)
    up(doors, 3)
    assert steps(doors) == [("promote", None, 1), ("external", 1, 2), ("promote", 2, 3)]


def test_an_alias_moved_by_hand_to_a_broken_version_is_refused(doors: Doors) -> None:
    up(doors, 1)
    doors.registry.set_version_tags(MODEL, 2, {"manifest_sha256": "0" * 64})
    doors.registry.set_alias(MODEL, CHAMPION, 2)
    champions, failures = reconcile_all(doors)
    assert champions == []
    assert [type(failure) for failure in failures] == [ArtefactError]
    assert doors.exports.champions()[MODEL].version == 1
    assert steps(doors) == [("promote", None, 1)]


def test_an_alias_deleted_by_hand_leaves_the_exported_champion(doors: Doors, warnings: list[str]) -> None:
    up(doors, 1)
    with doors.registry.mlflow("delete", writing=True) as client:
        client.delete_registered_model_alias(MODEL, CHAMPION)
    for _ in range(2):
        kept = reconcile(doors, MODEL)
        assert kept is not None
        assert kept.version == 1
    assert doors.registry.alias(MODEL, CHAMPION) is None
    assert steps(doors)[1:] == [("retire", 1, 1)]
    assert "deleted by hand" in warnings[0]
    up(doors, 1)
    assert_in_line(doors, 1)


def test_an_exports_folder_that_vanished_comes_back(doors: Doors) -> None:
    up(doors, 1)
    up(doors, 3)
    shutil.rmtree(doors.exports.root)
    reconcile(doors, MODEL)
    assert_in_line(doors, 3)
    assert steps(doors)[-1] == ("promote", 1, 3)


def test_an_exported_champion_with_a_flipped_byte_is_exported_again(doors: Doors, warnings: list[str]) -> None:
    champion = up(doors, 1)
    (champion.folder / "weights.txt").write_text("flipped")
    reconcile(doors, MODEL)
    assert_in_line(doors, 1)
    assert "exporting it again" in warnings[0]


def test_another_mlflow_is_not_taken_for_a_deleted_alias(doors: Doors, tmp_path: Path) -> None:
    up(doors, 1)
    other = Registry(read_settings(tmp_path / "other", {}))
    other.initialise()
    champions, failures = reconcile_all(replace(doors, registry=other))
    assert champions == []
    assert "does not know ticket_category, whose version 1 decides" in str(failures[0])
    assert_in_line(doors, 1)
    assert steps(doors) == [("promote", None, 1)]


def test_without_any_champion_there_is_nothing_to_do(doors: Doors, warnings: list[str]) -> None:
    assert reconcile_all(doors) == ([], [])
    assert (steps(doors), warnings) == ([], [])


class Killed(BaseException):
    """Stands for the end of the process between two steps."""


@pytest.mark.parametrize("last_step", ["ledger", "alias"])
def test_a_promotion_broken_off_is_completed_by_the_next_export(
    doors: Doors, monkeypatch: pytest.MonkeyPatch, warnings: list[str], last_step: str
) -> None:
    up(doors, 1)
    victim, method = (doors.registry, "set_alias") if last_step == "ledger" else (doors.exports, "publish")

    def die(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(victim, method, die)
        with pytest.raises(Killed):
            up(doors, 3)
    assert doors.exports.champions()[MODEL].version == 1
    reconcile(doors, MODEL)
    assert_in_line(doors, 3)
    assert steps(doors) == [("promote", None, 1), ("promote", 1, 3)]
    assert warnings == []


def _promote_and_die(settings: Settings, at_step: str) -> None:
    def die(step: str) -> None:
        if step == at_step:
            os.kill(os.getpid(), signal.SIGKILL)

    with open_doors(settings) as doors:
        up(replace(doors, check=check, exports=Exports(settings.exports_dir, on_step=die)), 3)


@pytest.mark.parametrize("step", ["staged", "placed", "named"])
def test_a_promotion_killed_while_publishing_is_completed_by_the_next_export(
    settings: Settings, step: str, warnings: list[str]
) -> None:
    process = FORK.Process(target=_promote_and_die, args=(settings, step))
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    with open_doors(settings) as opened:
        doors = replace(opened, check=check, warn=warnings.append)
        reconcile(doors, MODEL)
        assert_in_line(doors, 3)
    assert warnings == []


def test_a_store_that_was_lost_starts_again_from_the_alias(doors: Doors, settings: Settings) -> None:
    up(doors, 1)
    lost = replace(settings, store_url=f"sqlite:///{settings.state_dir / 'fresh.db'}")
    with open_doors(lost) as opened:
        again = replace(opened, check=check, warn=lambda _message: None)
        reconcile(again, MODEL)
        assert_in_line(again, 1)
        assert steps(again) == [("external", None, 1)]
