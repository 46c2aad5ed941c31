"""Stand-ins for a fitted model where a test is about the service and not about texts."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from fenzhen.errors import ArtefactError
from fenzhen.exports import Champion, Exports


class KeywordScorer:
    """Counts each class's keyword; raises for the subject ``故障注入`` to show what happens when scoring fails."""

    def __init__(self, manifest: dict[str, Any]) -> None:
        self.manifest = manifest
        self.model = manifest["model"]
        self.field = manifest["field"]
        self.classes = tuple(manifest["classes"])
        self.thresholds = {value: {"auto": 0.95, "suggest": 0.5} for value in self.classes}

    def probabilities(
        self, subjects: Sequence[str | None], bodies: Sequence[str | None]
    ) -> tuple[np.ndarray, list[tuple[str, ...]]]:
        if "故障注入" in subjects:
            raise ValueError(f"cannot score {subjects[0]}")
        texts = [f"{subject or ''}{body or ''}" for subject, body in zip(subjects, bodies, strict=True)]
        counts = np.array([[0.01 + text.count(value[:2]) for value in self.classes] for text in texts], np.float32)
        warnings: list[tuple[str, ...]] = [() if text.strip() else ("empty_text",) for text in texts]
        return counts / counts.sum(axis=1, keepdims=True), warnings

    second_field = ""

    def second_level(self, subject: str | None, body: str | None, value: str) -> None:
        """Return nothing: there is one level."""

    def explain(self, subject: str | None, body: str | None, value: str, limit: int = 5) -> list[dict[str, Any]]:
        for name, text in (("subject", subject), ("body", body)):
            start = (text or "").find(value[:2])
            if start >= 0:
                return [{"code": "text", "field": name, "start": start, "end": start + 2, "weight": 1.0}][:limit]
        return []


def load_keyword_scorer(folder: Path, expected_manifest_sha256: str | None = None) -> KeywordScorer:
    """Verify as the real one does: the manifest against the champion, the data against the manifest."""
    try:
        raw = (folder / "manifest.json").read_bytes()
        data = (folder / "data.bin").read_bytes()
    except OSError as error:
        raise ArtefactError(f"{folder} is not readable: {error.strerror}") from error
    if expected_manifest_sha256 and hashlib.sha256(raw).hexdigest() != expected_manifest_sha256:
        raise ArtefactError("manifest.json has another sha256 than champions.json says")
    manifest: dict[str, Any] = json.loads(raw)
    if hashlib.sha256(data).hexdigest() != manifest["files"]["data.bin"]:
        raise ArtefactError("data.bin has another sha256 than manifest.json says")
    return KeywordScorer(manifest)


def publish(
    exports: Exports, version: int, scratch: Path, *, model: str = "ticket_category", field: str = "category",
    family: str = "text_label",
) -> Champion:
    """Publish an artefact that :func:`load_keyword_scorer` reads."""
    folder = scratch / f"{model}-{version}"
    folder.mkdir(parents=True)
    data = f"{model} {version}".encode()
    manifest = {
        "family": family, "model": model, "field": field, "classes": ["硬件故障", "软件问题", "网络问题"],
        "files": {"data.bin": hashlib.sha256(data).hexdigest()}, "trained_until": "2026-11-01T00:00:00+00:00",
        "evaluated_until": "2026-11-20T00:00:00+00:00", "metrics": {"accuracy": 0.9},
    }
    (folder / "data.bin").write_bytes(data)
    (folder / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")
    return exports.publish(model, version, folder, registry_alias=version)


def flip_byte(path: Path) -> None:
    """Change one bit of a file in place."""
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)
