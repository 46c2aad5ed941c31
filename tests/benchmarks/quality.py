"""How often each contender is right, how honest it is about that, and how long it takes to learn."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

import numpy as np

from fenzhen.metrics import accuracy, coverage_at_precision, expected_calibration_error, macro_f1
from tests.benchmarks.bench import Bench, TimedFit
from tests.benchmarks.cases import Case
from tests.benchmarks.contenders import CONTENDERS, Answers
from tests.benchmarks.results import Aim, Section, Table, number

__all__ = ["Score", "quality"]

COLUMNS = (
    "contender", "accuracy", "macro-F1", "ECE", "coverage at 95 %", "train, s", "train, CPU s", "rows to train",
    "rows scored", "configuration",
)
KEPT = ("raw", "titles")
"""Data sets of one part, whose models the other benchmarks use as well."""
SECONDS = 60.0
AIMS = {
    ("hotline category", 5): {"accuracy": 0.930, "macro_f1": 0.925, "ece": 0.03},
    ("hotline raw category", 1): {"accuracy": 0.81},
    ("reviews category", 1): {"accuracy": 0.91, "ece": 0.03},
    ("reviews sentiment", 1): {"ece": 0.03},
    ("titles category", 1): {"accuracy": 0.912, "ece": 0.03},
}
STRETCH = {"titles category": 0.918}
_NAMES = {"accuracy": "accuracy", "macro_f1": "macro-F1", "ece": "ECE"}


@dataclass(frozen=True, slots=True)
class Score:
    """One contender in one case, over all parts; ``ece`` is NaN where there are no probabilities.

    ``seconds`` and ``cpu`` are medians over the parts, ``slowest`` the largest of both.
    """

    contender: str
    accuracy: float
    macro_f1: float
    ece: float
    coverage: float
    seconds: float
    cpu: float
    slowest: tuple[float, float]
    rows: tuple[int, int]
    settings: str

    def cells(self) -> list[str]:
        """Return the row of the table."""
        return [
            self.contender, number(self.accuracy), number(self.macro_f1), number(self.ece, 3), number(self.coverage, 3),
            number(self.seconds, 1),
            number(self.cpu, 1), *(f"{count:,}" for count in self.rows), self.settings,
        ]


def quality(bench: Bench, name: str) -> Section:
    """Return the section of a data set: a table a case."""
    tables, aims = [], []
    for case in bench.cases(name):
        scores = [_score(bench, name, case, contender) for contender in CONTENDERS]
        tables.append(Table((f"{case.name}: {case.how}", *COLUMNS[1:]), [score.cells() for score in scores]))
        aims += _aims(case, scores[0])
    if name not in KEPT:
        bench.forget(name)
    return Section(name, _ABOUT[name], tables, aims)


def _score(bench: Bench, name: str, case: Case, contender: str) -> Score:
    fits, answers = [], []
    for part, (_, test) in enumerate(case.parts):
        timed = bench.kept_fit(name, contender) if name in KEPT else bench.fit(case, part, contender)
        answers.append(timed.fitted.answers(test))
        fits.append(replace(timed, fitted=timed.fitted.settings))
    truth = np.concatenate([test.labels for _, test in case.parts])
    found = score(contender, truth, answers, fits, round(median(len(train.examples) for train, _ in case.parts)))
    bench.say(f"{case.name}, {case.how}: {contender} accuracy {found.accuracy:.4f}, macro-F1 {found.macro_f1:.4f}, "
              f"ECE {found.ece:.3f}")
    return found


def score(
    contender: str, truth: np.ndarray, answers: Sequence[Answers], fits: Sequence[TimedFit], trained: int,
) -> Score:
    """Return the numbers of pooled answers; seconds are the median of the fits."""
    labels = np.concatenate([each.labels for each in answers])
    confidence = np.concatenate([each.confidence for each in answers])
    correct = labels == truth
    return Score(
        contender, accuracy(truth, labels), macro_f1(truth, labels),
        expected_calibration_error(confidence, correct) if answers[0].probable else float("nan"),
        coverage_at_precision(confidence, correct, 0.95), median(fit.seconds for fit in fits),
        median(fit.cpu for fit in fits), _slowest(fits), (trained, len(truth)),
        "; ".join(sorted({fit.fitted for fit in fits})),
    )


def _aims(case: Case, ours: Score) -> list[Aim]:
    wanted = AIMS.get((case.name, len(case.parts)), {})
    what = f"{case.name}, {case.how}"
    found = [
        Aim(f"{what}: {_NAMES[key]}", getattr(ours, key), value, at_least=key != "ece") for key, value in wanted.items()
    ]
    if case.name in STRETCH:
        found.append(Aim(f"{what}: accuracy", ours.accuracy, STRETCH[case.name], stretch=True))
    for kind, seconds in zip(("s", "CPU s"), ours.slowest, strict=True):
        found.append(Aim(f"{what}: slowest training, {kind}", seconds, SECONDS, at_least=False, digits=1))
    return found


def _slowest(fits: Sequence[TimedFit]) -> tuple[float, float]:
    return max(fit.seconds for fit in fits), max(fit.cpu for fit in fits)


_MEANING = (
    "Training seconds are from raw rows to a finished model, Fenzhen's choice of configuration and calibration "
    "included; median of the parts. CPU seconds are of all threads: what else ran during the benchmark lengthens the "
    "seconds, hardly the CPU seconds. Coverage is the largest share of rows that can be "
    "answered at 95 % precision; scikit-learn's margins are ranked by their softmax and are no probabilities, hence no "
    "ECE."
)
_ABOUT = {
    "hotline": "Messages to a city hotline, already segmented, 7 labels; all folds pooled. Floor: 0.919 / 0.914. "
               + _MEANING,
    "raw": "The hotline's 457 raw messages after training on segmented ones that are no twin of any. Floor: 0.81–0.82 "
           "accuracy. " + _MEANING,
    "reviews": "Shop reviews, 10 categories and 2 sentiments. Floor at random: category 0.902, sentiment 0.939. "
               + _MEANING,
    "titles": "News titles, 10 classes. Floor: 0.909, fastText 0.894. " + _MEANING,
}
