"""Steps that tests of promotion and reconciliation share, over the versions of ``conftest.made``."""

from dataclasses import replace
from pathlib import Path

from fenzhen.exports import Champion
from fenzhen.registry import Registry
from models.artefact import manifest_sha256, verify
from training.champions.doors import CHAMPION, Doors
from training.champions.promotion import promote, rollback

MODEL = "ticket_category"


def check(folder: Path, manifest_sha256: str) -> None:
    """Verify every file, without a scorer."""
    verify(folder, manifest_sha256)


def crowned(folder: Path, model: str, version: int = 1) -> Champion:
    """An artefact's folder as the champion that exports would name."""
    return Champion(model, version, folder, manifest_sha256(folder), version, "2026-01-01T00:00:00Z")


def up(doors: Doors, version: int | None = None, force: bool = False) -> Champion:
    """Promote."""
    return promote(doors, MODEL, version, actor="王工", reason="更准", force=force)


def tag_another_manifest(doors: Doors, version: int) -> None:
    """Let MLflow say that a version's manifest is another one."""
    with doors.registry.mlflow("tag", writing=True) as client:
        client.set_model_version_tag(MODEL, str(version), "manifest_sha256", "0" * 64)


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
