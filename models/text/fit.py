"""Learning a text-label scorer: both levels, calibrated and given thresholds on rows they were not fitted on."""

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from features.text.segment import Segmenter
from features.text.ticket_text import TextBatch, text_batch
from fenzhen.errors import TrainingRefused
from models.calibration import Calibrator, fit_calibrator
from models.text.examples import Examples
from models.text.fingerprints import fingerprints
from models.text.fit_linear import LinearSettings, fit_linear
from models.text.linear_text import Float64, LinearText
from models.text.scorer import TextLabelScorer
from models.text.second_level import SecondLevel
from models.text.tuning import CHARACTERS, best_settings
from models.thresholds import TargetPrecision, learn_thresholds

__all__ = ["Advance", "Folds", "TextLabelFitting"]

Advance = Callable[[], None]
"""Called after each fit, for a progress bar."""
Folds = Sequence[tuple[NDArray[np.int64], NDArray[np.int64]]]
"""Pairs of positions: rows to fit on, rows to score; no row is scored twice."""
Objects = NDArray[np.object_]

_THREADS = 2  # folds at once: one counts n-grams while another one solves


@dataclass(frozen=True, eq=False)
class Level:
    """A linear model over ``values``, not yet calibrated."""

    values: tuple[str, ...]
    linear: LinearText

    def scores(self, batch: TextBatch, values: Sequence[str]) -> Float64:
        """Return scores (texts, values) in the order of ``values``; one never seen scores below all others."""
        found = self.linear.scores(batch)
        scores = np.repeat(found.min(axis=1, keepdims=True) - 1.0, len(values), axis=1)
        position = {value: index for index, value in enumerate(values)}
        for column, value in enumerate(self.values):
            if value in position:
                scores[:, position[value]] = found[:, column]
        return scores


@dataclass(frozen=True, eq=False)
class Levels:
    """The first level and, where at least two values below are known, the second."""

    first: Level
    second: Level | None


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Labels of both levels and scores from models that did not see the rows; NaN where a row was never held out."""

    labels: Objects
    paths: Objects
    first: Float64
    second: Float64 | None


@dataclass(frozen=True)
class TextLabelFitting:
    """How a scorer is learnt; the methods are deterministic by ``seed``."""

    identity: Mapping[str, str]
    segmenter: Segmenter
    settings: LinearSettings
    precision: TargetPrecision
    seed: int
    advance: Advance
    second_field: str = ""

    def scorer(self, examples: Examples, folds: Folds) -> TextLabelScorer:
        """Return a scorer fitted on all ``examples``, calibrated on what ``folds`` hold out (on all without folds)."""
        levels = self._levels(examples)
        first = np.full((len(examples), len(levels.first.values)), np.nan)
        second = np.full((len(examples), len(levels.second.values)), np.nan) if levels.second else None
        everything = np.arange(len(examples))
        with ThreadPoolExecutor(_THREADS) as pool:
            parts = list(pool.map(self._levels, [examples.take(fitted) for fitted, _ in folds])) or [levels]
        held_out = [scored for _, scored in folds] or [everything]
        for part, rows in zip(parts, held_out, strict=True):
            batch = self._batch(examples.take(rows))
            first[rows] = part.first.scores(batch, levels.first.values)
            if second is not None and part.second and levels.second:
                second[rows] = part.second.scores(batch, levels.second.values)
        return self._scorer(levels, HeldOut(examples.labels, paths(examples), first, second), examples)

    def best_settings(self, examples: Examples, folds: Folds, *, leads: bool, strengths: bool) -> LinearSettings:
        """Return the linear settings that do best on what ``folds`` hold out, see ``models.text.tuning``.

        Where candidates were fitted on a share of the rows, the chosen strength is lowered by its square root: half
        way between an equal penalty in all and an equal penalty for each row.
        """
        if not folds:
            return self.settings
        chance = np.random.default_rng(self.seed)
        parts = [
            (examples.take(_sampled(examples, chance.permutation(fitted))), self._batch(examples.take(scored)))
            for fitted, scored in folds
        ]
        truth = np.concatenate([examples.labels[scored] for _, scored in folds])

        def predict(settings: LinearSettings) -> Objects:
            fitting = replace(self, settings=settings)
            return np.concatenate([fitting.predicted(fitted, batch) for fitted, batch in parts])

        chosen = best_settings(self.settings, truth, predict, leads=leads, strengths=strengths)
        share = sum(len(fitted) for fitted, _ in parts) / sum(len(fitted) for fitted, _ in folds)
        return replace(chosen, strength=chosen.strength * share**0.5) if strengths else chosen

    def predicted(self, examples: Examples, batch: TextBatch) -> Objects:
        """Return the best first-level label of each text of ``batch`` by a fit on ``examples``."""
        level = self._level(examples, examples.labels)
        names: Objects = np.array(level.values, dtype=object)[level.linear.scores(batch).argmax(axis=1)]
        return names

    def _levels(self, examples: Examples) -> Levels:
        rows = np.flatnonzero([path is not None for path in paths(examples)])
        below = paths(examples)[rows]
        second = self._level(examples.take(rows), below) if len(set(below)) > 1 else None
        return Levels(self._level(examples, examples.labels), second)

    def _level(self, examples: Examples, labels: Objects) -> Level:
        values = tuple(sorted(set(labels)))
        if len(values) < 2:
            model = self.identity["model"]
            raise TrainingRefused(f"{model}: got {len(values)} class in {len(labels)} rows, expected at least two")
        targets = np.searchsorted(np.array(values, dtype=object), labels)
        linear = fit_linear(self._batch(examples), targets, len(values), self.settings, self.seed)
        self.advance()
        return Level(values, linear)

    def _batch(self, examples: Examples) -> TextBatch:
        return text_batch(examples.subjects, examples.bodies, self.segmenter, segmented=examples.segmented)

    def _scorer(self, levels: Levels, held_out: HeldOut, fitted_on: Examples) -> TextLabelScorer:
        classes = levels.first.values
        calibrator, probabilities, targets = _calibrated(held_out.first, held_out.labels, classes)
        return TextLabelScorer(
            manifest=dict(self.identity), classes=classes, linear=levels.first.linear, calibrator=calibrator,
            thresholds=learn_thresholds(probabilities, targets, classes, self.precision), segmenter=self.segmenter,
            second=_second_level(levels.second, held_out, self.second_field),
            fingerprints=np.unique(fingerprints(fitted_on.texts)),
        )


def paths(examples: Examples) -> Objects:
    """Return label and second label as one class (as JSON, whatever they contain), None without a second label."""
    joined = np.empty(len(examples), dtype=object)
    joined[:] = [
        None if below is None else json.dumps([label, below], ensure_ascii=False)
        for label, below in zip(examples.labels, examples.second, strict=True)
    ]
    return joined


def _sampled(examples: Examples, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the first of ``rows`` that hold ``CHARACTERS`` together, ascending."""
    lengths = np.array([len(examples.subjects[row] or "") + len(examples.bodies[row] or "") for row in rows])
    return np.sort(rows[: np.searchsorted(np.cumsum(lengths), CHARACTERS) + 1])


def _second_level(level: Level | None, held_out: HeldOut, name: str) -> SecondLevel | None:
    if level is None or held_out.second is None:
        return None
    calibrator, _, _ = _calibrated(held_out.second, held_out.paths, level.values)
    parents, values = zip(*map(json.loads, level.values), strict=True)
    return SecondLevel(values, parents, level.linear, calibrator, name)


def _calibrated(
    scores: Float64, labels: Objects, classes: Sequence[str],
) -> tuple[Calibrator, Float64, NDArray[np.int64]]:
    """Return the calibrator, and probabilities and true class indices of the rows with a known class and scores."""
    position = {value: index for index, value in enumerate(classes)}
    targets = np.array([position.get(label, -1) for label in labels], dtype=np.int64)
    rows = (targets >= 0) & np.isfinite(scores).all(axis=1)
    calibrator = fit_calibrator(scores[rows], targets[rows])
    return calibrator, calibrator.probabilities(scores[rows]), targets[rows]
