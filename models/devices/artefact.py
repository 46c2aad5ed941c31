"""Reading a device scorer from a verified folder; what does not fit together is refused."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from features.devices.device_features import feature_columns
from features.devices.device_vocabulary import DeviceVocabulary
from fenzhen.errors import ArtefactError, ArtefactOutdated
from models.artefact import MANIFEST, read_json
from models.devices.past_failures import PastFailures
from models.devices.risk import HorizonRisk
from models.devices.scorer import DeviceScorer
from models.devices.settings import DeviceSettings
from models.devices.signals import signals_of

__all__ = ["load"]

_TOLERANCE = 1e-6
_FILES = ("vocabulary.json", "past_failures.json", "reference.json", "risks.json", "golden.json")


def load(folder: Path, manifest: Mapping[str, Any]) -> DeviceScorer:
    """Return the scorer of a verified folder.

    Raises ``ArtefactError`` for files that the manifest does not vouch for, for contents that do not fit together and
    if the golden outputs are not reproduced.
    """
    if missing := sorted(set(_FILES) - set(manifest["files"])):
        raise ArtefactError(f"{folder / MANIFEST}: does not vouch for {', '.join(missing)}")
    vocabulary = DeviceVocabulary.from_facts(read_json(folder, "vocabulary.json"))
    columns = feature_columns(vocabulary)
    risks = [HorizonRisk.read(folder, facts, columns) for facts in read_json(folder, "risks.json")]
    scorer = DeviceScorer(
        manifest, DeviceSettings.from_dict(str(manifest["model"]), manifest["settings"]), vocabulary,
        _reference(read_json(folder, "reference.json")), {risk.horizon_days: risk for risk in risks},
        {int(horizon): {str(name): float(value) for name, value in found.items()}
         for horizon, found in manifest["thresholds"].items()},
        PastFailures.from_facts(read_json(folder, "past_failures.json"), signals_of(columns, vocabulary)))
    _check_golden(folder, scorer)
    return scorer


def _reference(facts: Mapping[str, Any]) -> pd.DataFrame:
    frame = pd.DataFrame(facts)
    frame["as_of"] = pd.to_datetime(frame["as_of"], utc=True, format="ISO8601").dt.as_unit("us")
    numbers = [name for name in frame.columns if name not in ("group", "as_of")]
    frame[numbers] = frame[numbers].astype("float64")
    return frame.set_index(["group", "as_of"]).sort_index()


def _check_golden(folder: Path, scorer: DeviceScorer) -> None:
    expected = np.asarray(read_json(folder, "golden.json"), dtype=np.float64)
    found = np.asarray(scorer.golden())
    difference = float(np.abs(found - expected).max()) if found.shape == expected.shape else np.inf
    if not difference <= _TOLERANCE:
        raise ArtefactOutdated(f"{folder}: golden probabilities differ by {difference:.2g}, expected at most "
                               f"{_TOLERANCE:g}: feature code has changed since training; train again")
