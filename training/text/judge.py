"""Fit on the older rows, judge on the newest: evaluation, baselines and champion on rows that none was fitted on."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fenzhen.errors import TrainingRefused
from fenzhen.exports import Champion
from models.text.examples import Examples
from models.text.fingerprints import seen_by
from models.text.fit import Folds
from models.text.spec import TextLabelSpec
from models.thresholds import Thresholds
from training.champions.champion_to_beat import champion_to_beat
from training.champions.gate import GateLimits, Rival, gate
from training.champions.gate_rules import GateResult
from training.evaluation.evaluate import Evaluation, evaluate
from training.evaluation.second_level import Below, SecondLevelScore, second_level_score, values_below
from training.folds import group_folds
from training.splits import NO_TIME, Split, median_label_delay, split
from training.text.baselines import text_baselines
from training.text.dataset import Dataset

FEW_LABELS = 500
FOLDS = 3
MANY = 50_000
ENOUGH_TO_CALIBRATE = 1_000
STRONG = "linear"

Probabilities = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Judgement:
    """What the judged rows (``split.test``, in the evaluation's order) said of ``spec`` in its configuration."""

    spec: TextLabelSpec
    split: Split
    evaluation: Evaluation
    gate: GateResult


@dataclass(frozen=True, eq=False)
class Judge:
    """How one dataset is judged; ``champion`` is the version to beat, if any.

    The configuration is chosen, and the judged scorer calibrated, on rows older than the judged ones.
    """

    spec: TextLabelSpec
    dataset: Dataset
    user_words: Path | None
    champion: Champion | None
    seed: int
    advance: Callable[[], None]

    def judge(self) -> Judgement:
        """Choose a configuration, fit on older rows, and compare on newer ones with baselines and champion.

        A dataset of fewer than ``FEW_LABELS`` rows is judged whole, out of fold, since a test of its own would be
        too small to say anything.
        """
        parts = self.split() if len(self.dataset.examples) >= FEW_LABELS else _whole(len(self.dataset.examples))
        spec = self._tuned(parts)
        found = [self._round(spec, parts, fitted, judged) for fitted, judged in self._rounds(parts)]
        judged = self.dataset.take(np.concatenate([each.judged for each in found]))
        classes, labels = found[0].classes, judged.examples.labels
        probabilities = np.concatenate([each.probabilities for each in found])
        names = found[0].baselines
        baselines = {name: np.concatenate([each.baselines[name] for each in found]) for name in names}
        evaluation = evaluate(
            labels, probabilities, classes, judged.groups, baselines=baselines, seed=self.seed,
            thresholds=found[0].thresholds if len(found) == 1 else None,
        )
        evaluation = replace(evaluation, second_level=_second_level(judged.examples, evaluation, found))
        rivals = [Rival(name, classes, theirs, strong=name == STRONG) for name, theirs in baselines.items()]
        limits = GateLimits(ece=spec.settings.maximum_calibration_error)
        champion = champion_to_beat(self.champion, lambda name, scorer: self._rival(name, scorer, judged.examples))
        verdict = gate(labels, classes, probabilities, judged.groups, champion=champion, baselines=rivals,
                       limits=limits, seed=self.seed)
        parts = replace(parts, test=np.concatenate([each.judged for each in found]))
        return Judgement(spec, parts, evaluation, verdict)

    def tuned(self) -> TextLabelSpec:
        """Return the spec with the configuration that :meth:`judge` would choose, without judging."""
        return self._tuned(self.split())

    def _tuned(self, parts: Split) -> TextLabelSpec:
        older, folds = self._older(parts)
        return self.spec.tuned(older.examples, folds, self.user_words, self.seed, self.advance)

    def _rounds(self, parts: Split) -> Folds:
        if parts.regime == "out_of_fold":
            return self._folds_or_refusal()
        return [(np.sort(np.concatenate([parts.train, parts.validation])), parts.test)]

    def _folds_or_refusal(self) -> Folds:
        folds = out_of_fold(self.dataset, self.seed)
        if not any(len(scored) for _, scored in folds):
            raise TrainingRefused(
                f"{self.spec.name}: got {len(self.dataset.examples)} tickets whose classes each repeat one text; "
                "expected different texts of a class, so that some can be held out"
            )
        return folds

    def _round(
        self, spec: TextLabelSpec, parts: Split, fitted: NDArray[np.int64], judged: NDArray[np.int64],
    ) -> "_Round":
        """Answer the judged rows by a scorer and by baselines that know only the fitted ones."""
        classes = tuple(sorted(set(self.dataset.examples.labels)))
        known, test = self.dataset.take(fitted), self.dataset.examples.take(judged)
        folds = out_of_fold(known, self.seed) if parts.regime == "out_of_fold" else self._older(parts)[1]
        scorer = spec.fit(known.examples, folds, self.user_words, self.seed, self.advance)
        ours = aligned(self.probabilities(scorer, test), scorer.classes, classes)
        predicted = np.array(classes, dtype=object)[ours.argmax(axis=1)]
        return _Round(judged, classes, ours, self._baselines(known.examples, test, classes), scorer.thresholds,
                      values_below(scorer, test, predicted))

    def split(self) -> Split:
        """Return the split by time, or by group of near-identical text where there is no time."""
        examples = self.dataset.examples
        delay = NO_TIME
        if examples.created_at is not None and examples.resolved_at is not None:
            delay = median_label_delay(examples.created_at, examples.resolved_at)
        return split(
            examples.created_at, None, self.dataset.groups, label_delay=delay, labels=examples.labels, seed=self.seed
        )

    def _older(self, parts: Split) -> tuple[Dataset, Folds]:
        """Return the rows before the test, and folds over them that hold out what calibrates.

        These are the validation rows, fitted on the still older ones; where they are few, groups of text in turn.
        """
        rows = np.sort(np.concatenate([parts.train, parts.validation]))
        older = self.dataset.take(rows)
        if len(parts.validation) < ENOUGH_TO_CALIBRATE:
            return older, out_of_fold(older, self.seed)
        return older, [(np.searchsorted(rows, parts.train), np.searchsorted(rows, parts.validation))]

    def refit(self, spec: TextLabelSpec) -> Any:
        """Return a scorer of ``spec`` fitted on all rows, calibrated out of fold."""
        folds = out_of_fold(self.dataset, self.seed)
        return spec.fit(self.dataset.examples, folds, self.user_words, self.seed, self.advance)

    def probabilities(self, scorer: Any, examples: Examples) -> Probabilities:
        """Return a scorer's probabilities of the examples, over its own classes."""
        found: Probabilities = scorer.probabilities(
            examples.subjects, examples.bodies, segmented=examples.segmented
        )[0]
        return found

    def _baselines(self, train: Examples, test: Examples, classes: tuple[str, ...]) -> dict[str, Probabilities]:
        found = {}
        for baseline in text_baselines(classes):
            baseline.fit(train.texts, list(train.labels), seed=self.seed)
            found[baseline.name] = baseline.probabilities(test.texts)
            self.advance()
        return found

    def _rival(self, name: str, scorer: Any, test: Examples) -> Rival:
        unseen = ~seen_by(scorer.fingerprints, test.texts)
        return Rival(name, scorer.classes, self.probabilities(scorer, test), unseen)


@dataclass(frozen=True, eq=False)
class _Round:
    """Answers on rows that nothing here was fitted on, over ``classes``."""

    judged: NDArray[np.int64]
    classes: tuple[str, ...]
    probabilities: Probabilities
    baselines: dict[str, Probabilities]
    thresholds: Thresholds
    below: Below | None


def _second_level(judged: Examples, evaluation: Evaluation, found: list[_Round]) -> SecondLevelScore | None:
    parts = [each.below for each in found if each.below is not None]
    if len(parts) < len(found):
        return None
    values, probabilities = (np.concatenate(each) for each in zip(*parts, strict=True))
    return second_level_score(judged, evaluation.predicted, (values, probabilities))


def aligned(probabilities: Probabilities, classes: tuple[str, ...], wanted: tuple[str, ...]) -> Probabilities:
    """Return the columns of ``wanted``, 0 for a class that is not among ``classes``.

    >>> aligned(np.array([[0.2, 0.8]]), ("a", "c"), ("a", "b", "c"))
    array([[0.2, 0. , 0.8]])
    """
    columns = np.zeros((len(probabilities), len(wanted)))
    columns[:, [wanted.index(value) for value in classes]] = probabilities
    return columns


def _whole(rows: int) -> Split:
    everything = np.arange(rows)
    return Split(everything, everything[:0], everything, "out_of_fold")


def out_of_fold(dataset: Dataset, seed: int) -> Folds:
    """Return folds by group of near-identical text; none where the groups are too few.

    Of ``MANY`` rows one fold of five is enough to calibrate on, and two fits fewer.
    """
    many = len(dataset.examples) >= MANY
    try:
        fold = group_folds(dataset.groups, dataset.examples.labels, 5 if many else FOLDS, seed)
    except TrainingRefused:
        return []
    parts = range(1 if many else int(fold.max()) + 1)
    return [(np.flatnonzero(fold != part), np.flatnonzero(fold == part)) for part in parts]
