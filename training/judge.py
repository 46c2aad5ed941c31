"""Fit on the older rows, judge on the newest: evaluation, baselines and champion on rows that none was fitted on."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fenzhen.errors import TrainingRefused
from models.artefact import load_scorer
from models.examples import Examples
from models.fingerprints import seen_by
from models.fit_text_label import Folds
from models.specs import Spec
from training.baselines import text_baselines
from training.dataset import Dataset
from training.evaluate import Evaluation, evaluate
from training.folds import NO_TIME, group_folds
from training.gate import GateLimits, GateResult, Rival, gate
from training.splits import Split, median_label_delay, split

FOLDS = 3
ENOUGH_TO_CALIBRATE = 300
STRONG = "linear"

Probabilities = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Judgement:
    """What the newest rows (``split.test``) said of ``spec`` in its chosen configuration."""

    spec: Spec
    split: Split
    evaluation: Evaluation
    gate: GateResult


@dataclass(frozen=True, eq=False)
class Judge:
    """How one dataset is judged; ``champion`` is the folder of the champion to beat, if any.

    The configuration is chosen, and the judged scorer calibrated, on rows older than the judged ones.
    """

    spec: Spec
    dataset: Dataset
    user_words: Path | None
    champion: Path | None
    seed: int
    advance: Callable[[], None]

    def judge(self) -> Judgement:
        """Split, choose, fit on the older rows, and compare on the newest with baselines and champion."""
        parts = self.split()
        rows = np.sort(np.concatenate([parts.train, parts.validation]))
        older, test = self.dataset.take(rows), self.dataset.take(parts.test)
        folds = self._older_folds(parts, older, rows)
        spec = self.spec.tuned(older.examples, folds, self.user_words, self.seed, self.advance)
        scorer = spec.fit(older.examples, folds, self.user_words, self.seed, self.advance)
        probabilities = self.probabilities(scorer, test.examples)
        baselines = self._baselines(older.examples, test.examples, scorer.classes)
        evaluation = evaluate(
            test.examples.labels, probabilities, scorer.classes, test.groups, thresholds=scorer.thresholds,
            baselines={rival.name: rival.probabilities for rival in baselines}, seed=self.seed,
        )
        verdict = gate(
            test.examples.labels, scorer.classes, probabilities, test.groups, champion=self._champion(test.examples),
            baselines=baselines, limits=GateLimits(ece=spec.settings.maximum_calibration_error), seed=self.seed,
        )
        return Judgement(spec, parts, evaluation, verdict)

    def tuned(self) -> Spec:
        """Return the spec with the configuration that :meth:`judge` would choose, without judging."""
        parts = self.split()
        rows = np.sort(np.concatenate([parts.train, parts.validation]))
        older = self.dataset.take(rows)
        folds = self._older_folds(parts, older, rows)
        return self.spec.tuned(older.examples, folds, self.user_words, self.seed, self.advance)

    def split(self) -> Split:
        """Return the split by time, or by group of near-identical text where there is no time."""
        examples = self.dataset.examples
        delay = NO_TIME
        if examples.created_at is not None and examples.resolved_at is not None:
            delay = median_label_delay(examples.created_at, examples.resolved_at)
        return split(
            examples.created_at, None, self.dataset.groups, label_delay=delay, labels=examples.labels, seed=self.seed
        )

    def _older_folds(self, parts: Split, older: Dataset, rows: NDArray[np.int64]) -> Folds:
        """Hold out the validation rows from the still older ones; where they are few, go round by group of text."""
        if len(parts.validation) < ENOUGH_TO_CALIBRATE:
            return out_of_fold(older, self.seed)
        return [(np.searchsorted(rows, parts.train), np.searchsorted(rows, parts.validation))]

    def refit(self, spec: Spec) -> Any:
        """Return a scorer of ``spec`` fitted on all rows, calibrated out of fold."""
        folds = out_of_fold(self.dataset, self.seed)
        return spec.fit(self.dataset.examples, folds, self.user_words, self.seed, self.advance)

    def probabilities(self, scorer: Any, examples: Examples) -> Probabilities:
        """Return a scorer's probabilities of the examples, over its own classes."""
        found: Probabilities = scorer.probabilities(
            examples.subjects, examples.bodies, segmented=examples.segmented
        )[0]
        return found

    def _baselines(self, train: Examples, test: Examples, classes: tuple[str, ...]) -> list[Rival]:
        found = []
        for baseline in text_baselines(classes):
            known = np.isin(train.labels, classes)
            texts = [text for text, kept in zip(train.texts, known, strict=True) if kept]
            baseline.fit(texts, list(train.labels[known]), seed=self.seed)
            strong = baseline.name == STRONG
            found.append(Rival(baseline.name, classes, baseline.probabilities(test.texts), strong=strong))
            self.advance()
        return found

    def _champion(self, test: Examples) -> Rival | None:
        if self.champion is None:
            return None
        scorer = load_scorer(self.champion)
        return Rival(
            "champion", scorer.classes, self.probabilities(scorer, test), ~seen_by(scorer.fingerprints, test.texts)
        )


def out_of_fold(dataset: Dataset, seed: int) -> Folds:
    """Return folds by group of near-identical text; none where the groups are too few."""
    try:
        fold = group_folds(dataset.groups, dataset.examples.labels, FOLDS, seed)
    except TrainingRefused:
        return []
    return [(np.flatnonzero(fold != part), np.flatnonzero(fold == part)) for part in range(int(fold.max()) + 1)]


def latest(times: pd.Series | None) -> str | None:
    """Return the newest moment as ISO 8601, None where there are no times."""
    return None if times is None or times.isna().all() else times.max().isoformat()
