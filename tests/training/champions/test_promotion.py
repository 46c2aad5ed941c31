"""Promotion and rollback with a real MLflow, interrupted at any step."""

import multiprocessing
import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from fenzhen.errors import ArtefactError, ExportError, RegistryError
from fenzhen.exports import Exports
from fenzhen.settings import Settings
from tests.training.registered import (
    MODEL,
    assert_in_line,
    back,
    check,
    steps,
    tag_another_manifest,
    up,
    without_mlflow,
)
from training.champions.doors import CHAMPION, Doors, open_doors
from training.champions.promotion import promote
from training.champions.reconciliation import reconcile

FORK = multiprocessing.get_context("fork")


class Killed(BaseException):
    """Stands for the end of the process between two steps."""


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
    tag_another_manifest(doors, 3)
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
