"""A registered version on disk: a folder of data files and a manifest that vouches for each.

Files are JSON (``*.json``), text and NumPy arrays (``*.npy``, never pickled). ``manifest.json`` names the format, the
feature schema, the family that can read the folder, and the SHA-256 of every other file; its own SHA-256 names the
version wherever it is copied.
"""

import hashlib
import importlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fenzhen.errors import ArtefactError, ArtefactOutdated

__all__ = [
    "FEATURE_SCHEMA", "FORMAT", "MANIFEST", "load_scorer", "manifest_sha256", "read_array", "read_json", "verify",
    "write_artefact",
]

FORMAT = 1
"""Version of the folder's layout."""
FEATURE_SCHEMA = 1
"""Version of the feature code; an artefact of another one is refused, since its weights would mean something else."""
MANIFEST = "manifest.json"
_LOADERS = {"churn": "models.churn.artefact", "device_failure": "models.devices.artefact",
            "priority": "models.priority.artefact", "routing": "models.routing.artefact",
            "text_label": "models.text.artefact"}
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


def write_artefact(folder: Path, files: Mapping[str, Any], manifest: Mapping[str, Any]) -> str:
    """Write the files (arrays, text or what JSON can say, by suffix) and the manifest; return the manifest's SHA-256.

    The folder is created; the same content gives the same bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        _write(folder / name, content)
    hashes = {name: _sha256(folder / name) for name in sorted(files)}
    complete = {"format": FORMAT, "feature_schema": FEATURE_SCHEMA, **manifest, "files": hashes}
    _write(folder / MANIFEST, complete)
    return manifest_sha256(folder)


def manifest_sha256(folder: Path) -> str:
    """Return the SHA-256 of the folder's manifest; ``ArtefactError`` where there is none."""
    return _sha256(folder / MANIFEST)


def verify(folder: Path, expected_sha256: str | None = None) -> dict[str, Any]:
    """Return the manifest after checking it and every file it names; ``ArtefactError`` says what does not match."""
    found = manifest_sha256(folder)
    if expected_sha256 is not None and found != expected_sha256:
        raise ArtefactError(f"{folder / MANIFEST}: got SHA-256 {found}, expected {expected_sha256}")
    manifest: dict[str, Any] = read_json(folder, MANIFEST)
    _check_outline(folder, manifest)
    for name, expected in manifest["files"].items():
        if (got := _sha256(folder / name)) != expected:
            raise ArtefactError(f"{folder / name}: got SHA-256 {got}, expected {expected}")
    return manifest


def load_scorer(folder: Path, expected_manifest_sha256: str | None = None) -> Any:
    """Return the scorer of a verified folder, after it has reproduced its golden outputs.

    Raises ``ArtefactError`` for anything that does not match; nothing in the folder is ever executed.
    """
    manifest = verify(folder, expected_manifest_sha256)
    family = manifest.get("family")
    if not isinstance(family, str) or family not in _LOADERS:
        raise ArtefactError(f"{folder}: got family {family!r}, expected one of {sorted(_LOADERS)}")
    try:
        return importlib.import_module(_LOADERS[family]).load(folder, manifest)
    except ArtefactError:
        raise
    except Exception as error:  # whatever a forged folder makes NumPy, JSON or the segmenter stumble over
        raise ArtefactError(f"{folder}: cannot be read as a {family} model: {error!r}") from error


def read_json(folder: Path, name: str) -> Any:
    """Return a JSON file's content; ``ArtefactError`` where it is missing or not JSON."""
    try:
        return json.loads((folder / name).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ArtefactError(f"{folder / name} cannot be read: {error}") from error


def read_array(folder: Path, name: str, kind: type[np.generic], shape: tuple[int | None, ...]) -> NDArray[Any]:
    """Return an array, mapped into memory and shared between the processes that read it.

    Raises ``ArtefactError`` for another ``kind`` or ``shape`` (None: any length) and for numbers that are not finite.
    """
    mapped = np.lib.format.open_memmap(folder / name, mode="r")
    array: NDArray[Any] = np.asarray(mapped)  # a plain view: indexing a memmap is slower
    fits = len(array.shape) == len(shape) and all(
        wanted in (None, length) for wanted, length in zip(shape, array.shape, strict=True)
    )
    if array.dtype != kind or not fits:
        raise ArtefactError(
            f"{folder / name}: got {array.dtype} of shape {array.shape}, expected {kind.__name__} of shape {shape}"
        )
    if not np.isfinite(array).all():
        raise ArtefactError(f"{folder / name}: got numbers that are not finite")
    return array


def _check_outline(folder: Path, manifest: Any) -> None:
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), dict):
        raise ArtefactError(f"{folder / MANIFEST}: names no files")
    for key, expected in (("format", FORMAT), ("feature_schema", FEATURE_SCHEMA)):
        if (got := manifest.get(key)) != expected:
            older = isinstance(got, int) and got < expected
            raise (ArtefactOutdated if older else ArtefactError)(
                f"{folder}: got {key} {got!r}, expected {expected}; {'train again' if older else 'update Fenzhen'}")
    if strange := [name for name in manifest["files"] if not _PLAIN_NAME.fullmatch(name)]:
        raise ArtefactError(f"{folder / MANIFEST}: got the file {strange[0]!r}, expected names within the folder")


def _write(path: Path, content: Any) -> None:
    if path.suffix == ".npy":
        np.save(path, content, allow_pickle=False)
    elif path.suffix == ".json":
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    else:
        path.write_text(content, encoding="utf-8")


def _sha256(path: Path) -> str:
    if not path.is_file():  # opening a pipe would wait for ever
        raise ArtefactError(f"{path} cannot be read: there is no such file")
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ArtefactError(f"{path} cannot be read: {error.strerror}") from error
