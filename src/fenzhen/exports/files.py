"""Files that are either old or new, never half: hashes, stamps, replacement and flushing."""

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fenzhen.errors import ExportError

Stamp = tuple[int, int, int]


def manifest_sha256(folder: Path) -> str:
    """Return the sha256 of ``folder/manifest.json``; raises :class:`ExportError` if it cannot be read."""
    try:
        return hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()
    except OSError as error:
        raise ExportError(f"{folder} has no readable manifest.json: {error.strerror}") from error


def tree_hashes(folder: Path) -> dict[str, str]:
    """Return the sha256 of every file of ``folder`` by its relative path."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): _sha256(path) for path in files}


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def file_stamp(path: Path) -> Stamp | None:
    """Return what changes whenever a file is replaced, None while it is absent."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino, status.st_size


def read_json(path: Path) -> dict[str, Any]:
    """Return a JSON object, empty if the file is absent; raises :class:`ExportError` for anything else."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise ExportError(f"cannot read {path}: {error.strerror}") from error
    except ValueError as error:
        raise ExportError(f"{path} is not JSON ({error}); remove it and run `fenzhen export`") from error
    if not isinstance(content, dict):
        raise ExportError(f"{path} holds {type(content).__name__}, expected an object; remove it and export again")
    return content


def replace_file(path: Path, text: str) -> None:
    """Write a file so that a reader sees the old or the new one, whole."""
    fresh = path.with_name(f".{path.name}.new")
    with fresh.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(fresh, path)
    flush(path.parent)


def flush_tree(folder: Path) -> None:
    """Flush a folder with all it holds to disk."""
    for path in (folder, *folder.rglob("*")):
        flush(path)


def flush(path: Path) -> None:
    """Flush one file or one folder's names to disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def translated(doing: str) -> Iterator[None]:
    """Turn what the file system refuses into :class:`ExportError`."""
    try:
        yield
    except (OSError, shutil.Error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ExportError(f"cannot {doing}: {reason}") from error
