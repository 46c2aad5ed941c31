"""The champion as a rival: named by model and version, and never absent because it cannot be read."""

from pathlib import Path

import pytest

from models import artefact
from models.artefact import write_artefact
from tests.models.made_up import IDENTITY, simulated_scorer
from tests.training.registered import crowned
from training.champions.champion_to_beat import UnreadChampion, champion_to_beat


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    simulated_scorer().save(tmp_path / "saved", IDENTITY)
    return tmp_path / "saved"


def test_there_is_none_yet() -> None:
    assert champion_to_beat(None, lambda name, _scorer: name) is None


def test_a_champion_is_named_by_model_and_version(folder: Path) -> None:
    champion = crowned(folder, "ticket_category", 7)
    found = champion_to_beat(champion, lambda name, scorer: (name, len(scorer.classes) > 1))
    assert found == ("ticket_category/7", True)


def test_one_of_an_older_schema_is_outdated(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artefact, "FEATURE_SCHEMA", artefact.FEATURE_SCHEMA + 1)
    found = champion_to_beat(crowned(folder, "m", 3), lambda name, _scorer: name)
    assert isinstance(found, UnreadChampion)
    assert (found.name, found.outdated) == ("m/3", True)
    assert "got feature_schema 1, expected 2" in found.why


def test_one_of_a_newer_schema_is_not_outdated(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artefact, "FEATURE_SCHEMA", artefact.FEATURE_SCHEMA - 1)
    found = champion_to_beat(crowned(folder, "m", 3), lambda name, _scorer: name)
    assert isinstance(found, UnreadChampion)
    assert not found.outdated


def test_a_damaged_or_missing_one_is_unread_but_not_outdated(folder: Path, tmp_path: Path) -> None:
    champion = crowned(folder, "m", 3)
    with (folder / "golden.json").open("a") as file:
        file.write(" ")
    damaged = champion_to_beat(champion, lambda name, _scorer: name)
    folder.rename(tmp_path / "elsewhere")
    missing = champion_to_beat(champion, lambda name, _scorer: name)
    for found in (damaged, missing):
        assert isinstance(found, UnreadChampion)
        assert not found.outdated


def test_another_manifest_than_the_exports_name_is_no_champion(folder: Path) -> None:
    champion = crowned(folder, "m", 3)
    write_artefact(folder, {"weights.txt": ""}, {"family": "text_label"})
    assert isinstance(champion_to_beat(champion, lambda name, _scorer: name), UnreadChampion)
