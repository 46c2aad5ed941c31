"""Reading a priority scorer from a verified folder; what does not fit together is refused."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from features.priority.state import KeptFacts
from features.text.segment import Segmenter
from fenzhen.errors import ArtefactError, ArtefactOutdated
from models.artefact import MANIFEST, read_array, read_json
from models.calibration import Calibrator
from models.priority.model import PriorityModel
from models.priority.scorer import PriorityScorer

__all__ = ["load"]

_TOLERANCE = 1e-6
_FILES = ("space.json", "keys.npy", "weights.npy", "intercept.npy", "calibration.json", "golden.json", "user_words.txt",
          "decision.json", "history_tickets.npy", "history_filed_at.npy", "history_seen.npy")
_WORD_FILES = ("words_keys.npy", "words_norm_weights.npy", "words_weights.npy", "words_intercept.npy")


def load(folder: Path, manifest: Mapping[str, Any]) -> PriorityScorer:
    """Return the scorer of a verified folder.

    Raises ``ArtefactError`` for a file that the manifest does not vouch for, for contents that do not fit together,
    and if the golden outputs are not reproduced; a forged folder may raise anything else too (``load_scorer``
    turns that into an ``ArtefactError``).
    """
    needed = {*_FILES, *(_WORD_FILES if manifest["lead"] is not None else ())}
    if missing := sorted(needed - set(manifest["files"])):
        raise ArtefactError(f"{folder / MANIFEST}: does not vouch for {', '.join(missing)}")
    priority = PriorityModel.read(folder, manifest["lead"])
    classes = len(priority.space.order)
    order = priority.space.order
    if tuple(manifest["classes"]) != order or set(manifest["thresholds"]) - set(order):
        raise ArtefactError(f"{folder / MANIFEST}: got the classes {manifest['classes']}, expected {order}")
    decision = read_json(folder, "decision.json")
    shares, temper = np.asarray(decision["shares"], dtype=np.float64), float(decision["temper"])
    if shares.shape != (classes,) or not (np.isfinite(shares).all() and shares.min() >= 0 and 0 <= temper <= 1):
        raise ArtefactError(f"{folder}: got unusable shares {decision['shares']} or temper {temper}")
    scorer = PriorityScorer(
        manifest, priority, Calibrator.from_facts(read_json(folder, "calibration.json"), classes), shares, temper,
        manifest["thresholds"], Segmenter(manifest["segmenter"]["engine"], folder / "user_words.txt"),
        _history(folder, len(priority.space.keys), classes))
    _check_golden(folder, scorer)
    return scorer


def _history(folder: Path, keys: int, classes: int) -> KeptFacts:
    tickets = read_array(folder, "history_tickets.npy", np.uint64, (None, 1 + keys))
    filed_at = read_array(folder, "history_filed_at.npy", np.int64, (len(tickets),))
    seen = read_array(folder, "history_seen.npy", np.int64, (None, 3))
    fits = not len(seen) or (seen[:, :2].min() >= 0 and seen[:, 0].max() < len(tickets) and seen[:, 1].max() < classes)
    if not fits:
        raise ArtefactError(f"{folder}: the history tells of tickets or levels that there are not")
    return KeptFacts(tickets, filed_at, seen)


def _check_golden(folder: Path, scorer: PriorityScorer) -> None:
    expected = np.asarray(read_json(folder, "golden.json")["probabilities"], dtype=np.float64)
    found = scorer.golden()
    difference = float(np.abs(found - expected).max()) if found.shape == expected.shape else np.inf
    if not difference <= _TOLERANCE:
        raise ArtefactOutdated(f"{folder}: golden probabilities differ by {difference:.2g}, expected at most "
                               f"{_TOLERANCE:g}: feature code has changed since training; train again")
