"""Champions on disk, published so that a process killed anywhere leaves a complete one.

::

    exports/
    ├── champions.json          which version of each model decides, with the sha256 of its manifest
    ├── policy.json             taxonomy, rules and time zone of the workspace
    └── <model>/<version>/      artefact folders, the last ``keep`` of each model

A folder is copied aside, flushed to disk and renamed before ``champions.json``, replaced as a whole,
names it. Writers exclude one another with a file lock; readers never wait.
"""

import contextlib
import json
import os
import re
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fenzhen.errors import ExportError
from fenzhen.exports.champion import Champion
from fenzhen.exports.files import (
    Stamp,
    file_stamp,
    flush,
    flush_tree,
    manifest_sha256,
    read_json,
    replace_file,
    translated,
    tree_hashes,
)

FORMAT = 1
STAGING = ".staging"


class Exports:
    """Champions under the folder ``root``, with the last ``keep`` versions of each model."""

    def __init__(self, root: Path, keep: int = 5, *, lock_timeout_seconds: float = 30,
                 on_step: Callable[[str], None] = lambda _step: None) -> None:
        from filelock import FileLock

        self.root = root
        self.keep = keep
        self._timeout = lock_timeout_seconds
        self._on_step = on_step
        self._lock = FileLock(root / ".lock", timeout=lock_timeout_seconds)

    def champions(self) -> dict[str, Champion]:
        """Return the champions by model; raises :class:`ExportError` if the folder is gone or unreadable."""
        if not self.root.is_dir():
            raise ExportError(f"the folder of champions {self.root} does not exist; `fenzhen export` creates it again")
        return self._read()

    def champion(self, model: str) -> Champion | None:
        """Return the champion of ``model``; None without one, and where the folder does not exist."""
        return self._read().get(model)

    def verify(self, champion: Champion) -> None:
        """Raise :class:`ExportError` unless the manifest on disk has the hash that ``champions.json`` says."""
        found = manifest_sha256(champion.folder)
        if found != champion.manifest_sha256:
            raise ExportError(
                f"{champion.folder}/manifest.json has sha256 {found[:12]}…, "
                f"expected {champion.manifest_sha256[:12]}… as in champions.json"
            )

    def kept(self, model: str) -> list[int]:
        """Return the versions of ``model`` on disk, oldest number first."""
        return sorted({_version_of(folder) for folder in self._folders(model)})

    def kept_folder(self, model: str, version: int) -> Path | None:
        """Return the folder of a kept version: the champion's own where it is that, else the newest."""
        champion = self.champion(model)
        if champion is not None and champion.version == version and champion.folder.is_dir():
            return champion.folder
        matching = [folder for folder in self._folders(model) if _version_of(folder) == version]
        return max(matching, key=lambda folder: folder.stat().st_mtime_ns, default=None)

    def publish(self, model: str, version: int, artefact: Path, *, registry_alias: int | None) -> Champion:
        """Copy ``artefact`` in as ``version`` of ``model`` and make it champion.

        A version that is there already with the same bytes is not copied again.
        """
        with self.locked(), translated(f"publish version {version} of {model} in {self.root}"):
            _require_name(model)
            sha256 = manifest_sha256(artefact)
            folder = self._place(model, version, artefact)
            champion = Champion(model, version, folder, sha256, registry_alias, _now())
            return self._enthrone(champion)

    def note_alias(self, model: str, registry_alias: int | None) -> None:
        """Remember which version MLflow's alias names, without a change of champion."""
        with self.locked(), translated(f"write {self.root}/champions.json"):
            champions = self._read()
            if model in champions and champions[model].registry_alias != registry_alias:
                self._write({**champions, model: replace(champions[model], registry_alias=registry_alias)})

    def write_policy(self, policy: Mapping[str, Any]) -> None:
        """Replace ``policy.json``, unless it says the same already."""
        text = json.dumps(policy, ensure_ascii=False, indent=1, sort_keys=True)
        with self.locked(), translated(f"write {self.root}/policy.json"):
            path = self.root / "policy.json"
            if not path.is_file() or path.read_text(encoding="utf-8") != text:
                replace_file(path, text)

    def policy(self) -> dict[str, Any]:
        """Return what ``policy.json`` says, empty before the first export."""
        return read_json(self.root / "policy.json")

    def stamp(self) -> tuple[Stamp | None, ...]:
        """Return a value that changes whenever champions or policy change; cheap enough for every second."""
        return tuple(file_stamp(self.root / name) for name in ("champions.json", "policy.json"))

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Exclude other writers; may be entered again by the one who holds it."""
        from filelock import Timeout

        with translated(f"write to the folder of champions {self.root}"):
            try:
                self.root.mkdir(parents=True, exist_ok=True)
                self._lock.acquire()
            except Timeout as error:
                raise ExportError(
                    f"another process has been changing champions in {self.root} for {self._timeout:g} s; "
                    "wait for it to end and run the command again"
                ) from error
        try:
            yield
        finally:
            self._lock.release()

    def _place(self, model: str, version: int, artefact: Path) -> Path:
        """Bring the artefact in under a name that no champion uses, and return the folder."""
        wanted = tree_hashes(artefact)
        for folder in self._folders(model):
            if _version_of(folder) == version and tree_hashes(folder) == wanted:
                return folder
        self._clear_staging()
        staged = self.root / STAGING / uuid.uuid4().hex
        shutil.copytree(artefact, staged)
        flush_tree(staged)
        self._on_step("staged")
        target = _free_name(self.root / model, version)
        target.parent.mkdir(exist_ok=True)
        staged.rename(target)
        flush(target.parent)
        self._on_step("placed")
        return target

    def _enthrone(self, champion: Champion) -> Champion:
        previous = self._read().get(champion.model)
        if previous is not None and previous.decision == champion.decision:
            champion = replace(champion, since=previous.since)
        os.utime(champion.folder)
        self._write({**self._read(), champion.model: champion})
        self._on_step("named")
        self._prune(champion)
        return champion

    def _prune(self, champion: Champion) -> None:
        """Delete all but the last ``keep`` versions, by when they were champion; never the champion."""
        others = [folder for folder in self._folders(champion.model) if folder != champion.folder]
        others.sort(key=lambda folder: (folder.stat().st_mtime_ns, _version_of(folder)), reverse=True)
        twins = [folder for folder in others if _version_of(folder) == champion.version]
        rest = [folder for folder in others if folder not in twins]
        for folder in twins + rest[max(self.keep, 1) - 1:]:
            self._remove(folder)
        self._clear_staging()

    def _remove(self, folder: Path) -> None:
        """Rename away first, so that no half-deleted version is ever seen as kept."""
        doomed = self.root / STAGING / uuid.uuid4().hex
        doomed.parent.mkdir(exist_ok=True)
        folder.rename(doomed)
        shutil.rmtree(doomed)

    def _clear_staging(self) -> None:
        shutil.rmtree(self.root / STAGING, ignore_errors=True)

    def _folders(self, model: str) -> list[Path]:
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            return [path for path in (self.root / model).iterdir() if _VERSION.fullmatch(path.name) and path.is_dir()]
        return []

    def _read(self) -> dict[str, Champion]:
        path = self.root / "champions.json"
        content = read_json(path)
        if content.get("format", FORMAT) != FORMAT:
            raise ExportError(f"{path} has format {content['format']!r}, expected {FORMAT}: another Fenzhen wrote it")
        try:
            entries = content.get("champions", {}).items()
            return {name: Champion.from_entry(self.root, name, entry) for name, entry in entries}
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise ExportError(f"{path} is not a list of champions ({error!r}); remove it and run `fenzhen export`") \
                from error

    def _write(self, champions: Mapping[str, Champion]) -> None:
        entries = {name: champion.as_entry() for name, champion in sorted(champions.items())}
        replace_file(self.root / "champions.json", json.dumps({"format": FORMAT, "champions": entries}, indent=1))


_VERSION = re.compile(r"(\d+)(?:-\d+)?")


def _require_name(model: str) -> None:
    if not re.fullmatch(r"\w[\w.-]*", model):
        raise ExportError(f"got the model name {model!r}, expected letters, digits, '_', '-' and '.'")


def _version_of(folder: Path) -> int:
    return int(folder.name.partition("-")[0])


def _free_name(model_folder: Path, version: int) -> Path:
    """Return ``<version>``, or ``<version>-2`` and so on where that is taken by other bytes."""
    target, count = model_folder / str(version), 1
    while target.exists():
        count += 1
        target = model_folder / f"{version}-{count}"
    return target


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
