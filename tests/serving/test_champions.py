"""From exported champions to what is served."""

import json
import logging
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fenzhen.exports import Champion, Exports
from serving.champions import Snapshot, next_snapshot, vanished
from tests.serving.fakes import flip_byte, load_keyword_scorer

Release = Callable[..., Champion]


def step(previous: Snapshot, exports: Exports) -> Snapshot:
    return next_snapshot(previous, exports, load_keyword_scorer)


def test_without_an_exports_folder_nothing_is_served_and_the_reason_is_told(exports: Exports) -> None:
    found = step(Snapshot(), exports)
    assert not found.served
    assert "does not exist" in str(found.problem)


def test_a_champion_is_served_under_its_field(snapshot: Snapshot) -> None:
    assert snapshot.served["category"].label == "ticket_category/1"
    assert snapshot.problem is None


def test_a_version_that_runs_is_not_loaded_again(snapshot: Snapshot, exports: Exports) -> None:
    def never(_: Path, __: str) -> Any:
        raise AssertionError("loaded again")

    again = next_snapshot(snapshot, exports, never)
    assert again.served["category"].scorer is snapshot.served["category"].scorer


def test_a_new_version_replaces_the_old_and_the_old_snapshot_stays_whole(
    snapshot: Snapshot, exports: Exports, release: Release
) -> None:
    release(2)
    assert step(snapshot, exports).served["category"].label == "ticket_category/2"
    assert snapshot.served["category"].label == "ticket_category/1"


def test_two_fields_are_served_side_by_side(snapshot: Snapshot, exports: Exports, release: Release) -> None:
    release(1, model="ticket_sentiment", field="sentiment")
    assert sorted(step(snapshot, exports).served) == ["category", "sentiment"]


@pytest.mark.parametrize("name", ["data.bin", "manifest.json"])
def test_a_flipped_byte_is_refused_and_the_running_version_stays(
    snapshot: Snapshot, exports: Exports, release: Release, name: str
) -> None:
    flip_byte(release(2).folder / name)
    found = step(snapshot, exports)
    assert found.served["category"].label == "ticket_category/1"
    assert (found.refused[0].model, found.refused[0].version) == ("ticket_category", 2)
    assert "sha256" in found.refused[0].reason


def test_a_missing_folder_is_refused(snapshot: Snapshot, exports: Exports, release: Release) -> None:
    shutil.rmtree(release(2).folder)
    found = step(snapshot, exports)
    assert found.served["category"].label == "ticket_category/1"
    assert "No such file" in found.refused[0].reason


def test_an_unforeseen_error_while_loading_is_a_refusal_too(exports: Exports, release: Release) -> None:
    release(1)

    def broken(_: Path, __: str) -> Any:
        raise MemoryError

    assert next_snapshot(Snapshot(), exports, broken).refused[0].reason == "MemoryError while reading"


def test_a_refusal_is_logged_once(
    snapshot: Snapshot, exports: Exports, release: Release, caplog: pytest.LogCaptureFixture
) -> None:
    flip_byte(release(2).folder / "data.bin")
    with caplog.at_level(logging.ERROR):
        first = step(snapshot, exports)
        second = step(first, exports)
    assert [record.message for record in caplog.records] == ["champion refused"]
    assert second.refused == first.refused


def test_a_repaired_artefact_is_served_at_the_next_try(snapshot: Snapshot, exports: Exports, release: Release) -> None:
    data = release(2).folder / "data.bin"
    flip_byte(data)
    found = step(snapshot, exports)
    flip_byte(data)
    again = step(found, exports)
    assert again.served["category"].label == "ticket_category/2"
    assert not again.refused


def test_a_model_of_another_family_is_refused(exports: Exports, release: Release) -> None:
    release(1, model="churn", field="churn", family="risk")
    found = step(Snapshot(), exports)
    assert not found.served
    assert "family 'risk'" in found.refused[0].reason


def test_a_second_model_for_one_field_is_refused(snapshot: Snapshot, exports: Exports, release: Release) -> None:
    release(1, model="ticket_other", field="category")
    found = step(snapshot, exports)
    assert found.served["category"].label == "ticket_category/1"
    assert "answered by ticket_category/1 already" in found.refused[0].reason


def test_a_folder_that_vanishes_changes_nothing_but_the_problem(snapshot: Snapshot, exports: Exports) -> None:
    shutil.rmtree(exports.root)
    found = step(snapshot, exports)
    assert found.served == snapshot.served
    assert "does not exist" in str(found.problem)


def test_a_volume_that_is_unmounted_looks_empty_and_empties_nothing(snapshot: Snapshot, exports: Exports) -> None:
    shutil.rmtree(exports.root)
    exports.root.mkdir()
    found = step(snapshot, exports)
    assert found.served == snapshot.served
    assert "champions.json" in str(found.problem)


def test_champions_json_that_is_no_json_changes_nothing_but_the_problem(snapshot: Snapshot, exports: Exports) -> None:
    (exports.root / "champions.json").write_text("{", encoding="utf-8")
    found = step(snapshot, exports)
    assert found.served == snapshot.served
    assert "not JSON" in str(found.problem)


def test_a_champion_that_is_named_no_longer_is_dropped(snapshot: Snapshot, exports: Exports) -> None:
    (exports.root / "champions.json").write_text(json.dumps({"format": 1, "champions": {}}), encoding="utf-8")
    assert not step(snapshot, exports).served


def test_the_missing_folder_of_a_running_version_is_told(snapshot: Snapshot) -> None:
    assert vanished(snapshot) is None
    shutil.rmtree(snapshot.served["category"].champion.folder)
    assert "ticket_category/1 is gone" in str(vanished(snapshot))


def test_the_policy_in_memory_outlives_its_file(snapshot: Snapshot, exports: Exports) -> None:
    rows = [{"field": "category", "value": "硬件故障"}]
    exports.write_policy({"taxonomy": rows})
    before = step(snapshot, exports)
    (exports.root / "policy.json").unlink()
    assert step(before, exports).taxonomy == before.taxonomy == tuple(rows)


def test_what_is_unreadable_goes_before_what_is_gone() -> None:
    both = Snapshot(unreadable="a", gone="b")
    assert (both.problem, replace(both, unreadable=None).problem) == ("a", "b")
