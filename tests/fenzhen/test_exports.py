"""Champions on disk: published whole, killed anywhere, raced for, pruned, vanished."""

import hashlib
import json
import multiprocessing
import os
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

from fenzhen.errors import ExportError
from fenzhen.exports import Champion, Exports

MODEL = "ticket_category"
FORK = multiprocessing.get_context("fork")


@pytest.fixture
def exports(tmp_path: Path) -> Exports:
    """An exports folder that does not exist yet."""
    return Exports(tmp_path / "exports", keep=3, lock_timeout_seconds=20)


def artefact(exports: Exports, content: object) -> Path:
    """Write a tiny artefact folder beside the exports."""
    folder = exports.root.parent / f"artefact-{content}"
    (folder / "arrays").mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").write_text(json.dumps({"says": str(content)}))
    (folder / "arrays" / "weights.bin").write_bytes(str(content).encode() * 1000)
    return folder


def publish(exports: Exports, version: int, content: object = None) -> Champion:
    """Publish a version whose content is its number."""
    folder = artefact(exports, version if content is None else content)
    return exports.publish(MODEL, version, folder, registry_alias=version)


def assert_whole(exports: Exports, *versions: int) -> Champion:
    """Check that the champion is one of ``versions`` and complete to the last byte."""
    champion = exports.champions()[MODEL]
    exports.verify(champion)
    says = json.loads((champion.folder / "manifest.json").read_text())["says"]
    assert champion.version in versions
    assert (champion.folder / "arrays" / "weights.bin").read_bytes() == says.encode() * 1000
    return champion


def test_a_published_version_is_champion(exports: Exports) -> None:
    published = publish(exports, 17)
    assert exports.champions() == {MODEL: published}
    assert published.folder == exports.root / MODEL / "17"
    manifest = (published.folder / "manifest.json").read_bytes()
    assert published.manifest_sha256 == hashlib.sha256(manifest).hexdigest()
    assert_whole(exports, 17)


def test_champions_json_is_as_documented(exports: Exports) -> None:
    publish(exports, 17)
    content = json.loads((exports.root / "champions.json").read_text())
    entry = content["champions"][MODEL]
    assert content["format"] == 1
    assert (entry["version"], entry["registry_alias"], entry["folder"]) == (17, 17, "17")
    assert sorted(entry) == ["folder", "manifest_sha256", "registry_alias", "since", "version"]


def test_publishing_the_same_again_copies_nothing_and_keeps_since(exports: Exports) -> None:
    first = publish(exports, 1)
    inode = (first.folder / "manifest.json").stat().st_ino
    assert publish(exports, 1) == first
    assert (first.folder / "manifest.json").stat().st_ino == inode


def test_other_bytes_under_the_same_number_never_touch_the_running_folder(exports: Exports) -> None:
    old = publish(exports, 1, "old")
    seen: list[bool] = []
    watching = Exports(exports.root, on_step=lambda _step: seen.append(old.folder.is_dir()))
    new = publish(watching, 1, "new")
    assert seen == [True, True, True]
    assert new.folder != old.folder
    assert exports.kept(MODEL) == [1]
    assert_whole(exports, 1)


def test_a_kept_version_with_a_flipped_byte_is_copied_again(exports: Exports) -> None:
    broken = publish(exports, 1)
    (broken.folder / "arrays" / "weights.bin").write_bytes(b"flipped")
    publish(exports, 1)
    assert_whole(exports, 1)


def test_the_last_versions_are_kept_by_when_they_were_champion(exports: Exports) -> None:
    for version in (1, 2, 3, 1, 4):
        publish(exports, version)
    assert exports.kept(MODEL) == [1, 3, 4]


def test_the_champion_is_never_pruned(exports: Exports) -> None:
    for version in (7, 8, 9, 2):
        publish(exports, version)
    alone = Exports(exports.root, keep=1)
    publish(alone, 3)
    assert alone.kept(MODEL) == [3]
    assert_whole(alone, 3)


def test_models_are_kept_apart(exports: Exports) -> None:
    publish(exports, 1)
    exports.publish("ticket_sentiment", 4, artefact(exports, "other"), registry_alias=4)
    assert {name: champion.version for name, champion in exports.champions().items()} == {
        MODEL: 1, "ticket_sentiment": 4}


def test_kept_folder_finds_versions_and_says_none_for_others(exports: Exports) -> None:
    publish(exports, 1)
    publish(exports, 2)
    assert exports.kept_folder(MODEL, 1) == exports.root / MODEL / "1"
    assert exports.kept_folder(MODEL, 5) is None
    assert exports.kept("nobody") == []


def test_noting_the_alias_changes_nothing_else(exports: Exports) -> None:
    before = publish(exports, 2)
    exports.note_alias(MODEL, 1)
    exports.note_alias("nobody", 1)
    after = exports.champions()[MODEL]
    assert after.registry_alias == 1
    assert (after.version, after.since, after.folder) == (before.version, before.since, before.folder)


def test_a_manifest_with_other_bytes_does_not_verify(exports: Exports) -> None:
    champion = publish(exports, 1)
    (champion.folder / "manifest.json").write_text("{}")
    with pytest.raises(ExportError, match=r"as in champions\.json"):
        exports.verify(champion)


def test_an_artefact_without_a_manifest_is_refused_and_the_champion_stays(exports: Exports) -> None:
    publish(exports, 1)
    empty = exports.root.parent / "empty"
    empty.mkdir()
    with pytest.raises(ExportError, match=r"no readable manifest\.json"):
        exports.publish(MODEL, 2, empty, registry_alias=2)
    assert_whole(exports, 1)
    assert exports.kept(MODEL) == [1]


@pytest.mark.parametrize("model", ["..", "a/b", ""])
def test_a_model_name_that_leaves_the_folder_is_refused(exports: Exports, model: str) -> None:
    with pytest.raises(ExportError, match="model name"):
        exports.publish(model, 1, artefact(exports, 1), registry_alias=1)


def test_the_stamp_changes_with_champions_and_policy_only(exports: Exports) -> None:
    stamps = [exports.stamp()]
    publish(exports, 1)
    stamps.append(exports.stamp())
    exports.write_policy({"time_zone": "Asia/Shanghai"})
    stamps.append(exports.stamp())
    assert len(set(stamps)) == 3
    exports.write_policy({"time_zone": "Asia/Shanghai"})
    assert exports.stamp() == stamps[-1]


def test_the_policy_comes_back(exports: Exports) -> None:
    assert exports.policy() == {}
    exports.write_policy({"taxonomy": [{"value": "硬件故障", "active": None}]})
    assert exports.policy() == {"taxonomy": [{"value": "硬件故障", "active": None}]}


def test_a_folder_that_vanished_is_an_export_error_and_comes_back(exports: Exports) -> None:
    publish(exports, 1)
    shutil.rmtree(exports.root)
    with pytest.raises(ExportError, match="fenzhen export"):
        exports.champions()
    assert exports.champion(MODEL) is None
    assert exports.stamp() == (None, None)
    publish(exports, 2)
    assert_whole(exports, 2)


@pytest.mark.parametrize("content", ["not json", "[]", '{"champions": {"m": {"version": 1}}}', '{"format": 9}',
                                     '{"champions": 3}'])
def test_a_broken_champions_json_is_an_export_error(exports: Exports, content: str) -> None:
    publish(exports, 1)
    (exports.root / "champions.json").write_text(content)
    with pytest.raises(ExportError, match=r"champions\.json"):
        exports.champions()


def test_a_file_in_the_place_of_the_folder_is_an_export_error(tmp_path: Path) -> None:
    (tmp_path / "exports").write_text("a file")
    exports = Exports(tmp_path / "exports")
    with pytest.raises(ExportError, match="cannot write"):
        publish(exports, 1)


def _publish_and_die(root: Path, version: int, at_step: str) -> None:
    def die(step: str) -> None:
        if step == at_step:
            os.kill(os.getpid(), signal.SIGKILL)

    publish(Exports(root, keep=3, on_step=die), version)


@pytest.mark.parametrize(("step", "champion"), [("staged", 1), ("placed", 1), ("named", 2)])
def test_a_publisher_killed_anywhere_leaves_a_whole_champion(exports: Exports, step: str, champion: int) -> None:
    publish(exports, 1)
    process = FORK.Process(target=_publish_and_die, args=(exports.root, 2, step))
    process.start()
    process.join(30)
    assert process.exitcode == -signal.SIGKILL
    assert_whole(exports, champion)
    publish(exports, 2)
    publish(exports, 3)
    assert_whole(exports, 3)
    assert not list((exports.root / ".staging").glob("*"))


def _publish_many(root: Path, versions: range, barrier: Any) -> None:
    exports = Exports(root, keep=3, lock_timeout_seconds=60)
    barrier.wait(30)
    for version in versions:
        publish(exports, version)


def test_two_publishers_and_a_reader_never_see_half_a_champion(exports: Exports) -> None:
    publish(exports, 1)
    barrier = FORK.Barrier(3)
    ranges = (range(2, 12), range(102, 112))
    writers = [FORK.Process(target=_publish_many, args=(exports.root, versions, barrier)) for versions in ranges]
    for writer in writers:
        writer.start()
    barrier.wait(30)
    while any(writer.is_alive() for writer in writers):
        assert MODEL in exports.champions()
    for writer in writers:
        writer.join(30)
    assert [writer.exitcode for writer in writers] == [0, 0]
    assert_whole(exports, 11, 111)
    assert len(exports.kept(MODEL)) == 3


def test_a_second_publisher_gives_up_after_its_timeout(exports: Exports) -> None:
    other = Exports(exports.root, lock_timeout_seconds=0.1)
    with exports.locked(), pytest.raises(ExportError, match="another process"):
        publish(other, 1)
