"""Reading a text-label scorer from a verified folder; what does not fit together is refused."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from features.text.segment import Segmenter
from features.text.term_matrix import Lead
from fenzhen.errors import ArtefactError, ArtefactOutdated
from models.artefact import MANIFEST, read_array, read_json
from models.calibration import Calibrator
from models.text.fingerprints import FINGERPRINTS
from models.text.linear_text import LinearText
from models.text.scorer import TextLabelScorer
from models.text.second_level import SecondLevel

__all__ = ["load"]

_TOLERANCE = 1e-6
_ARRAYS = ("keys.npy", "norm_weights.npy", "weights.npy", "intercept.npy")
_FILES = (*_ARRAYS, FINGERPRINTS, "calibration.json", "golden.json", "user_words.txt")
_SECOND_FILES = (*(f"second_{name}" for name in _ARRAYS), "second_level.json")


def load(folder: Path, manifest: Mapping[str, Any]) -> TextLabelScorer:
    """Return the scorer of a verified folder.

    Raises ``ArtefactError`` for a file that the manifest does not vouch for, for contents that do not fit together,
    and if the golden outputs are not reproduced; a forged folder may raise anything else too (``load_scorer``
    turns that into an ``ArtefactError``).
    """
    _check_manifest(folder, manifest)
    classes, lead = tuple(manifest["classes"]), Lead(**manifest["lead"])
    linear = LinearText.read(folder, "", len(classes), lead)
    scorer = TextLabelScorer(
        manifest, classes, linear, Calibrator.from_facts(read_json(folder, "calibration.json"), len(classes)),
        manifest["thresholds"], Segmenter(manifest["segmenter"]["engine"], folder / "user_words.txt"),
        SecondLevel.read(folder, linear.vocabulary, lead) if manifest["second_level"] else None,
        read_array(folder, FINGERPRINTS, np.uint64, (None,)),
    )
    _check_golden(folder, scorer)
    return scorer


def _check_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    needed = {*_FILES, *(_SECOND_FILES if manifest["second_level"] else ())}
    if missing := sorted(needed - set(manifest["files"])):
        raise ArtefactError(f"{folder / MANIFEST}: does not vouch for {', '.join(missing)}")
    classes, thresholds, lead = manifest["classes"], manifest["thresholds"], manifest["lead"]
    faults = {
        "model and field": all(_is_name(manifest.get(key)) for key in ("model", "field")),
        "classes": isinstance(classes, list) and all(map(_is_name, classes)) and len(set(classes)) == len(classes) > 1,
        "thresholds": isinstance(thresholds, dict) and all(map(_are_limits, thresholds.values())),
        "lead": isinstance(lead, dict) and all(map(_is_number, lead.values())) and lead["weight"] > 0,
    }
    if wrong := [name for name, sound in faults.items() if not sound]:
        raise ArtefactError(f"{folder / MANIFEST}: got unusable {', '.join(wrong)}")


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and bool(np.isfinite(value))


def _are_limits(found: Any) -> bool:
    return isinstance(found, dict) and all(value is None or _is_number(value) for value in found.values())


def _check_golden(folder: Path, scorer: TextLabelScorer) -> None:
    golden = read_json(folder, "golden.json")
    subjects, bodies = zip(*golden["tickets"], strict=True)
    found, _ = scorer.probabilities(subjects, bodies)
    expected = np.asarray(golden["probabilities"], dtype=np.float64)
    difference = float(np.abs(found - expected).max()) if found.shape == expected.shape else np.inf
    if not difference <= _TOLERANCE:
        raise ArtefactOutdated(
            f"{folder}: golden probabilities differ by {difference:.2g}, expected at most {_TOLERANCE:g}: segmentation "
            "or feature code has changed since training; train again"
        )
