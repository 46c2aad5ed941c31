"""A champion, and how ``champions.json`` says it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Champion:
    """The version of ``model`` that decides since ``since`` (ISO 8601, UTC).

    ``registry_alias`` is the version that MLflow's alias named when last looked at.
    """

    model: str
    version: int
    folder: Path
    manifest_sha256: str
    registry_alias: int | None
    since: str

    @property
    def decision(self) -> tuple[int, str]:
        """What decides: two champions with the same version and bytes answer the same."""
        return self.version, self.manifest_sha256

    @classmethod
    def from_entry(cls, root: Path, model: str, entry: Mapping[str, Any]) -> Self:
        """Read an entry; raises ``KeyError``, ``TypeError`` or ``ValueError`` for one that is none."""
        alias = entry["registry_alias"]
        folder = root / model / str(entry.get("folder", entry["version"]))
        return cls(model, int(entry["version"]), folder, str(entry["manifest_sha256"]),
                   None if alias is None else int(alias), str(entry["since"]))

    def as_entry(self) -> dict[str, Any]:
        """Return the entry; the folder is named within the model's own."""
        return {
            "version": self.version, "manifest_sha256": self.manifest_sha256,
            "registry_alias": self.registry_alias, "since": self.since, "folder": self.folder.name,
        }
