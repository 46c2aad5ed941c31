"""MLflow's alias, the ledger and the exports, moved apart by hand and brought into line."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from fenzhen.errors import ArtefactError
from fenzhen.registry import Registry
from fenzhen.settings import Settings, read_settings
from fenzhen.store import ModeChange
from tests.training.registered import MODEL, assert_in_line, check, steps, tag_another_manifest, up
from training.champions.doors import CHAMPION, Doors, open_doors
from training.champions.reconciliation import reconcile, reconcile_all


def test_changes_of_modes_are_no_models_to_reconcile(doors: Doors) -> None:
    doors.store.set_mode(ModeChange("category", "*", "off", "王工", "投诉", datetime.now(UTC)))
    up(doors, 1)
    champions, failures = reconcile_all(doors)
    assert [champion.model for champion in champions] == [MODEL]
    assert failures == []


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
    tag_another_manifest(doors, 2)
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


def test_a_store_that_was_lost_starts_again_from_the_alias(doors: Doors, settings: Settings) -> None:
    up(doors, 1)
    lost = replace(settings, store_url=f"sqlite:///{settings.state_dir / 'fresh.db'}")
    with open_doors(lost) as opened:
        again = replace(opened, check=check, warn=lambda _message: None)
        reconcile(again, MODEL)
        assert_in_line(again, 1)
        assert steps(again) == [("external", None, 1)]
