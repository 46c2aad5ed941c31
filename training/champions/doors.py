"""The three doors that every decision about champions goes through, and what is done at each.

Registry (MLflow), exports (champions on disk) and store (the ledger) must agree on which version
decides; :mod:`training.champions.promotion` changes it, :mod:`training.champions.reconciliation` brings them into line.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from fenzhen.errors import ArtefactError
from fenzhen.exports import Exports
from fenzhen.registry import Registry
from fenzhen.settings import Settings, read_settings
from fenzhen.store import Action, LedgerEntry, Store, open_store
from fenzhen.workspace import load_workspace

CHAMPION = "champion"


def check_artefact(folder: Path, manifest_sha256: str) -> None:
    """Load the scorer, which verifies every file and the golden outputs; raises :class:`ArtefactError`."""
    from models.artefact import load_scorer

    load_scorer(folder, expected_manifest_sha256=manifest_sha256)


def warn_on_stderr(message: str) -> None:
    """Tell the person at the terminal, whatever goes to stdout."""
    sys.stderr.write(f"fenzhen: warning: {message}\n")


@dataclass(frozen=True)
class Doors:
    """The three places that must agree, and how to check an artefact and how to warn."""

    registry: Registry
    exports: Exports
    store: Store
    check: Callable[[Path, str], None]
    warn: Callable[[str], None]


def settings_of(workspace: Path) -> Settings:
    """Return the settings of a workspace; a folder that is none raises ``WorkspaceError``, and nothing is created."""
    if not (workspace / "workspace.toml").is_file():
        load_workspace(workspace)
    return read_settings(workspace)


@contextmanager
def open_doors(settings: Settings) -> Iterator[Doors]:
    """Open registry, exports and store of a workspace; MLflow is not asked before it is needed."""
    seconds = settings.lock_timeout_seconds
    with open_store(settings.store_url, lock_timeout_seconds=seconds) as store:
        exports = Exports(settings.exports_dir, settings.exports_keep, lock_timeout_seconds=seconds)
        yield Doors(Registry(settings), exports, store, check_artefact, warn_on_stderr)


def stage(doors: Doors, model: str, version: int, scratch: Path) -> tuple[Path, str]:
    """Download a version and verify it against its tag; return the folder and the manifest's hash."""
    sha256 = doors.registry.version_tags(model, version).get("manifest_sha256")
    if not sha256:
        raise ArtefactError(f"version {version} of {model} has no tag manifest_sha256: Fenzhen did not register it")
    folder = doors.registry.download(model, version, scratch)
    doors.check(folder, sha256)
    return folder, sha256


def record(doors: Doors, action: Action, model: str, last: LedgerEntry | None, version: int | None,
           actor: str, reason: str, sha256: str | None) -> None:
    """Append a decision to the ledger; ``last`` is the model's entry before it, None for the first."""
    before = last.to_version if last is not None else None
    doors.store.record(LedgerEntry(datetime.now(UTC), actor, action, model, before, version, reason, sha256))


def last_entry(doors: Doors, model: str) -> LedgerEntry | None:
    """Return the model's newest ledger entry, None where there is none."""
    entries = doors.store.ledger(model)
    return entries[-1] if entries else None


def decided(entry: LedgerEntry) -> tuple[int, str]:
    """Return version and manifest hash that decide since an entry; 0 and "" where it names none."""
    return entry.to_version or 0, entry.manifest_sha256 or ""
