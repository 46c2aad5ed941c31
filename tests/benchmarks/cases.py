"""Which rows are learnt from and which are scored, once: the ready workspaces over the shared data, cut into parts."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.text.near_duplicates import near_duplicate_groups
from fenzhen.workspace import Workspace, load_workspace
from models.policy import Policy
from models.specs import Spec, spec_of
from models.text.examples import Examples
from training.folds import group_folds
from training.text.dataset import Dataset, known_examples, load_dataset, without_twins

__all__ = ["CASES", "PROJECT", "Case", "Part", "raw_messages", "shared_data"]

PROJECT = Path(__file__).resolve().parents[2]
WORKSPACES = PROJECT / "training" / "workspaces"
QUICK_ROWS, QUICK_TEST_ROWS, QUICK_FOLDS = 300, 100, 2

Part = tuple[Dataset, Examples]
"""Rows to learn from, rows to score."""


@dataclass(frozen=True)
class Case:
    """A label of a data set under one way of splitting; ``how`` says which. No row is scored in two parts."""

    name: str
    how: str
    spec: Spec
    parts: tuple[Part, ...]


def shared_data() -> Path:
    """Return the folder of public data beside the project, which may be absent."""
    return PROJECT.parent / "shared" / "data"


def hotline(quick: bool, seed: int) -> Iterator[Case]:
    """Yield all 8,262 segmented messages by five folds of whole near-duplicate groups."""
    workspace, spec = _opened("hotline", "ticket_category")
    spec = replace(spec, settings=replace(spec.settings, exclude_near_duplicates_of=""))
    dataset = _dataset(workspace, spec, quick, seed)
    folds = QUICK_FOLDS if quick else 5
    yield Case("hotline category", f"{folds}-fold by near-duplicate group", spec, _folded(dataset, folds, seed, folds))


def raw(quick: bool, seed: int) -> Iterator[Case]:
    """Yield the 457 messages as written, after training on the segmented ones that are none of their twins."""
    workspace, spec = _opened("hotline", "ticket_category")
    test = _shown(_labelled(workspace, spec, "raw"), QUICK_TEST_ROWS, quick, seed)
    train = _dataset(workspace, spec, quick, seed)
    yield Case("hotline raw category", "trained without the twins of labelled_raw", spec, ((train, test),))


def reviews(quick: bool, seed: int) -> Iterator[Case]:
    """Yield category and sentiment, with a fifth of the groups and with a fifth of the rows to score."""
    for field in ("category", "sentiment"):
        workspace, spec = _opened("reviews", f"ticket_{field}")
        dataset = _dataset(workspace, spec, quick, seed)
        yield Case(f"reviews {field}", "80/20 by near-duplicate group", spec, _folded(dataset, 5, seed, 1))
        yield Case(f"reviews {field}", "80/20 by row, at random", spec, (_random_fifth(dataset, seed),))


def titles(quick: bool, seed: int) -> Iterator[Case]:
    """Yield the 45,000 titles to learn from and the 10,000 of the file kept apart."""
    workspace, spec = _opened("titles", "ticket_category")
    test = _shown(_labelled(workspace, spec, "dev"), QUICK_TEST_ROWS, quick, seed)
    yield Case("titles category", "train to dev", spec, ((_dataset(workspace, spec, quick, seed), test),))


CASES: dict[str, Callable[[bool, int], Iterator[Case]]] = {
    "hotline": hotline, "raw": raw, "reviews": reviews, "titles": titles,
}


def raw_messages() -> tuple[list[str], list[str]]:
    """Return subjects and bodies of the 4,326 unlabelled hotline messages, as written."""
    frame = pd.read_csv(shared_data() / "hotline" / "messages.csv.gz", dtype=str).fillna("")
    return frame["留言主题"].tolist(), frame["留言详情"].tolist()


def _opened(folder: str, model: str) -> tuple[Workspace, Spec]:
    workspace = load_workspace(WORKSPACES / folder)
    return workspace, spec_of(model, workspace.model_settings(model))


def _dataset(workspace: Workspace, spec: Spec, quick: bool, seed: int) -> Dataset:
    as_of = pd.Timestamp.now("UTC")
    if not quick:
        return load_dataset(workspace, spec, as_of)
    examples = _shown(known_examples(workspace, spec, as_of), QUICK_ROWS, quick, seed)
    kept = without_twins(examples, workspace, spec)
    return Dataset(kept, near_duplicate_groups(kept.texts), as_of, "")


def _labelled(workspace: Workspace, spec: Spec, table: str) -> Examples:
    return spec.examples({spec.table: workspace.table(table)}, Policy.from_dict({}), segmented=False, merge=False)


def _shown(examples: Examples, rows: int, quick: bool, seed: int) -> Examples:
    return examples.take(_sample(examples.labels, rows, seed)) if quick else examples


def _sample(labels: NDArray[np.object_], rows: int, seed: int) -> NDArray[np.int64]:
    """Return a seeded share of the rows, the same number of every class."""
    order = np.random.default_rng(seed).permutation(len(labels))
    classes = np.unique(labels)
    each = [order[labels[order] == name][: max(rows // len(classes), 1)] for name in classes]
    return np.sort(np.concatenate(each))


def _folded(dataset: Dataset, folds: int, seed: int, scored: int) -> tuple[Part, ...]:
    fold = group_folds(dataset.groups, dataset.examples.labels, folds, seed)
    return tuple(_part(dataset, fold == number) for number in range(scored))


def _random_fifth(dataset: Dataset, seed: int) -> Part:
    chosen = np.zeros(len(dataset.examples), dtype=bool)
    chosen[np.random.default_rng(seed).permutation(len(chosen))[: len(chosen) // 5]] = True
    return _part(dataset, chosen)


def _part(dataset: Dataset, scored: NDArray[np.bool_]) -> Part:
    return dataset.take(np.flatnonzero(~scored)), dataset.examples.take(np.flatnonzero(scored))
