"""Reading a churn scorer from a verified folder; what does not fit together is refused."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from features.customers.customer_history import COLUMNS
from fenzhen.errors import ArtefactError, ArtefactOutdated
from models.artefact import MANIFEST, read_json
from models.churn.encoder import ChurnEncoder, CustomerRows
from models.churn.linear_odds import LinearOdds
from models.churn.scorer import ChurnScorer, ChurnWeights, Forest
from models.probability_calibration import ProbabilityCalibration
from models.trees import Trees

__all__ = ["load"]

_TOLERANCE = 1e-6
_FILES = ("encoder.json", "linear.json", "calibration.json", "golden.json")


def load(folder: Path, manifest: Mapping[str, Any]) -> ChurnScorer:
    """Return the scorer of a verified folder.

    Raises ``ArtefactError`` for files that the manifest does not vouch for, for contents that do not fit together and
    if the golden probabilities are not reproduced.
    """
    shares = [float(share) for share in manifest["forests"]]
    texts = [f"trees_{place}.txt" for place in range(len(shares))]
    if missing := sorted({*_FILES, *texts} - set(manifest["files"])):
        raise ArtefactError(f"{folder / MANIFEST}: does not vouch for {', '.join(missing)}")
    encoder = ChurnEncoder.from_facts(read_json(folder, "encoder.json"))
    if strange := sorted(set(encoder.columns) - set(COLUMNS)):
        raise ArtefactOutdated(f"{folder}: got the columns {', '.join(strange)}, which the features do not have")
    forests = tuple(Forest(share, Trees((folder / name).read_text("utf-8"), encoder.names))
                    for share, name in zip(shares, texts, strict=True))
    linear = LinearOdds.from_facts(read_json(folder, "linear.json"), len(encoder.names))
    calibration = ProbabilityCalibration.from_facts(read_json(folder, "calibration.json"))
    limits = {level: float(manifest["limits"][level]) for level in ("high", "medium")}
    scorer = ChurnScorer(manifest, ChurnWeights(encoder, forests, linear), calibration, limits)
    _check_golden(folder, scorer)
    return scorer


def _check_golden(folder: Path, scorer: ChurnScorer) -> None:
    golden = read_json(folder, "golden.json")
    history, numbers = (pd.DataFrame(golden[name], dtype="float64") for name in ("history", "numbers"))
    rows = CustomerRows(history, pd.DataFrame(golden["categories"], dtype=object, index=history.index),
                        numbers.reindex(history.index))
    expected = np.asarray(golden["probabilities"], dtype=np.float64)
    found = scorer.probabilities(rows)
    difference = float(np.abs(found - expected).max()) if found.shape == expected.shape and found.size else np.inf
    if not difference <= _TOLERANCE:
        raise ArtefactOutdated(f"{folder}: golden probabilities differ by {difference:.2g}, expected at most "
                               f"{_TOLERANCE:g}: feature code or LightGBM has changed since training; train again")
