"""The labelled rows that a training run works on, with everything that identifies them."""

import hashlib
import json
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.text.near_duplicates import near_duplicate_groups, near_duplicates_of
from fenzhen.errors import TrainingRefused
from fenzhen.known import as_known
from fenzhen.workspace import Workspace
from models.policy import Policy
from models.text.examples import Examples
from models.text.spec import TextLabelSpec
from training.harvest import Harvest, with_harvest
from training.policy import policy_of
from training.provenance import Window

LEAST_ROWS = 20
NOTHING_HARVESTED = Harvest((), ())


@dataclass(frozen=True, eq=False)
class Dataset:
    """Examples as known at ``as_of``, groups of near-identical text, and the hash of what went in."""

    examples: Examples
    groups: NDArray[np.int64]
    as_of: pd.Timestamp
    sha256: str

    def take(self, rows: NDArray[np.int64]) -> "Dataset":
        """Return the rows at these positions."""
        return replace(self, examples=self.examples.take(rows), groups=self.groups[rows])


def load_dataset(
    workspace: Workspace, spec: TextLabelSpec, as_of: pd.Timestamp, harvested: Harvest = NOTHING_HARVESTED,
) -> Dataset:
    """Return what ``spec`` can learn from the workspace, and from a harvest, as of a moment.

    Raises ``TrainingRefused`` for too few rows or classes, ``TableError`` for tables that cannot be read.
    """
    examples = without_twins(known_examples(workspace, spec, as_of, harvested), workspace, spec)
    classes = set(examples.labels)
    if len(examples) < LEAST_ROWS or len(classes) < 2:
        named = ", ".join(sorted(classes)[:5]) or "none"
        raise TrainingRefused(
            f"{spec.name}: got {len(examples)} tickets with text and a known {spec.label} in {len(classes)} classes "
            f"({named}) before {as_of.isoformat()}, expected at least {LEAST_ROWS} tickets in two classes"
        )
    return Dataset(examples, near_duplicate_groups(examples.texts), as_of, _sha256(workspace, spec, as_of, harvested))


def known_examples(
    workspace: Workspace, spec: TextLabelSpec, as_of: pd.Timestamp, harvested: Harvest = NOTHING_HARVESTED,
) -> Examples:
    """Return the labelled tickets as they were known at a moment, with the labels of a harvest of that moment."""
    tables = as_known(workspace.tables(*spec.tables), as_of)
    if harvested.sha256:
        tables["tickets"], _ = with_harvest(
            tables["tickets"], harvested, spec.label, second_level=spec.settings.second_level,
            segmented=workspace.segmented(spec.table))
    return spec.examples(tables, Policy.from_dict(policy_of(workspace)), segmented=workspace.segmented(spec.table))


def without_twins(examples: Examples, workspace: Workspace, spec: TextLabelSpec) -> Examples:
    """Leave out rows whose text has a near-identical twin in the table that the model's settings name."""
    other = spec.settings.exclude_near_duplicates_of
    if not other:
        return examples
    rows = workspace.table(other)
    twins = near_duplicates_of(examples.texts, texts_of(rows))
    kept = examples.take(np.flatnonzero(~twins))
    return replace(kept, left_out={**examples.left_out, "near_duplicate": int(twins.sum())})


def texts_of(tickets: pd.DataFrame) -> list[str]:
    """Return subject and body of each ticket as one text."""
    return (tickets["subject"].fillna("") + " " + tickets["body"].fillna("")).str.strip().tolist()


def window_of(examples: Examples) -> Window:
    """Return the rows and the span of creation times of some examples."""
    times = examples.created_at
    if times is None or times.isna().all():
        return Window(len(examples))
    return Window(len(examples), times.min().isoformat(), times.max().isoformat())


def _sha256(workspace: Workspace, spec: TextLabelSpec, as_of: pd.Timestamp, harvested: Harvest) -> str:
    facts = {"files": workspace.file_hashes(), "model": spec.name, "as_of": as_of.isoformat()}
    if harvested.sha256:
        facts["harvest"] = harvested.sha256
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
