"""May the challenger become champion: rules on rows that neither it nor its rival was fitted on, with reasons.

1. It beats every baseline: the whole 95 % interval of the paired macro-F1 difference lies above 0. A baseline that is
   a good classifier itself (``Rival.strong``: the plain linear model) must be kept up with: the difference lies above
   ``-no_worse_margin``, since on a few hundred rows its interval seldom clears 0.
2. It beats the champion, if there is one, likewise. ``no_worse`` is a separate, weaker verdict that never promotes by
   itself: the interval lies above ``-no_worse_margin``, so that a person can decide to force a refreshed model. A
   champion that an older schema or other features have left behind answers nobody: the baselines decide, and the
   gate says so. One whose copy is damaged is not passed over: the rule is broken, and a person decides.
3. No class with at least ``least_support`` rows loses clearly: the upper end of its recall difference to the champion
   (for a first champion: to nothing, so the rule is idle) is not below ``-recall_drop``.
4. Its expected calibration error is within ``ece``, or, with few rows, within what a perfectly calibrated model with
   the same confidences stays under 95 times in 100 (consistency resampling, Bröcker & Smith 2007).

If the taxonomy changed, champion and challenger are compared on the classes they share, each choosing among these
only. Intervals resample groups (entities or near-identical texts), never rows.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fenzhen.metrics import Interval, paired_bootstrap, paired_bootstrap_macro_f1
from training.champions.champion_to_beat import UnreadChampion
from training.champions.gate_rules import KINDS, GateResult, GateRules, Measure

MACRO_F1 = Measure("macro_f1", "macro-F1", "宏平均 F1")


@dataclass(frozen=True, slots=True)
class GateLimits:
    """The numbers of the rules above; shares between 0 and 1, supports in rows."""

    ece: float = 0.05
    least_rows: int = 50
    least_support: int = 30
    recall_drop: float = 0.02
    no_worse_margin: float = 0.005
    rounds: int = 1000


@dataclass(frozen=True, slots=True)
class Rival:
    """A champion or baseline: its classes and its probabilities, one row for each row judged.

    ``unseen`` says which of the judged rows it was not fitted on; None means all. ``strong`` see the module.
    """

    name: str
    classes: tuple[str, ...]
    probabilities: NDArray[Any]
    unseen: NDArray[np.bool_] | None = None
    strong: bool = False


def gate(labels: ArrayLike, classes: Sequence[str], probabilities: ArrayLike, groups: ArrayLike | None, *,
         champion: Rival | UnreadChampion | None, baselines: Sequence[Rival], limits: GateLimits = GateLimits(),
         seed: int = 0, confidence: ArrayLike | None = None) -> GateResult:
    """Judge the challenger's ``probabilities`` (rows, classes) on ``labels``, rows that it was not fitted on.

    ``confidence`` is how sure it is of its answer, where that is not the largest of ``probabilities``: where these
    are scores that decide and not what is believed.

    >>> truth, sure, other = ["纸", "墨"] * 50, [[1, 0], [0, 1]] * 50, [[1, 0], [1, 0]] * 50
    >>> majority = Rival("majority", ("纸", "墨"), np.array(other))
    >>> result = gate(truth, ["纸", "墨"], sure, None, champion=None, baselines=[majority])
    >>> result.passed, result.failures, result.no_worse
    (True, [], None)
    >>> gate(truth, ["纸", "墨"], other, None, champion=None, baselines=[majority]).passed
    False
    """
    rules = _Rules(np.asarray(labels, dtype=object), tuple(classes), np.asarray(probabilities, dtype=np.float64),
                   None if groups is None else np.asarray(groups), limits, seed)
    if confidence is not None:
        rules.confidence = np.asarray(confidence, dtype=np.float64)
    return rules.result(champion, baselines)


class _Rules(GateRules[Rival]):
    """Collects reasons and measurements rule by rule."""

    def __init__(self, labels: NDArray[Any], classes: tuple[str, ...], probabilities: NDArray[np.float64],
                 groups: NDArray[Any] | None, limits: GateLimits, seed: int) -> None:
        if probabilities.shape != (labels.size, len(classes)):
            expected = (labels.size, len(classes))
            raise ValueError(f"got probabilities of shape {probabilities.shape}, expected {expected}")
        super().__init__({"rows": int(labels.size), "limits": asdict(limits)}, seed)
        self._labels, self._classes, self._probabilities, self._groups = labels, classes, probabilities, groups
        self._limits = limits
        self.confidence = probabilities.max(axis=1, initial=0.0)

    def rows(self) -> None:
        rows, least = self._labels.size, self._limits.least_rows
        self.note(rows >= least, f"There are {rows} rows to judge on, at least {least} are needed.",
                  f"用于判断的数据 {rows} 行,至少需要 {least} 行。")

    def calibrated(self) -> None:
        if not self._labels.size:
            return
        best = self._probabilities.argmax(axis=1)
        correct = np.asarray(self._classes, dtype=object)[best] == self._labels
        self.note_calibration(np.clip(self.confidence, 0, 1), correct, self._limits.ece)

    def beats(self, rival: Rival, kind: str) -> None:
        shared = [value for value in self._classes if value in rival.classes]
        rows = np.isin(self._labels, np.asarray(shared, dtype=object))
        rows &= True if rival.unseen is None else rival.unseen
        if len(shared) < 2 or rows.sum() < self._limits.least_rows:
            self._too_few(rival, kind, int(rows.sum()), len(shared))
            return
        self._say_if_changed(rival, kind, len(shared))
        ours = _choice(self._probabilities[rows], self._classes, shared)
        theirs = _choice(rival.probabilities[rows], rival.classes, shared)
        truth, groups = self._labels[rows], None if self._groups is None else self._groups[rows]
        found = paired_bootstrap_macro_f1(truth, ours, theirs, groups, self._limits.rounds, self._seed)
        self._verdict(rival, kind, found, int(rows.sum()))
        if kind == "champion":
            self.no_worse = found.low >= -self._limits.no_worse_margin
            self._classes_kept(shared, truth, ours, theirs, groups)

    def _too_few(self, rival: Rival, kind: str, rows: int, shared: int) -> None:
        least = self._limits.least_rows
        self.note(False, f"{rows} rows and {shared} classes are shared with the {kind} {rival.name} and unseen by "
                         f"both, at least {least} and 2 are needed.",
                  f"与{KINDS[kind]} {rival.name} 共有且双方都未见过的数据 {rows} 行、{shared} 类,"
                  f"至少需要 {least} 行、2 类。")

    def _say_if_changed(self, rival: Rival, kind: str, shared: int) -> None:
        added, gone = len(self._classes) - shared, len(rival.classes) - shared
        if added or gone:
            self.note(True, f"The taxonomy changed against the {kind} {rival.name}: {added} classes are new, {gone} "
                            f"are gone; the two are compared on the {shared} shared ones.",
                      f"分类体系与{KINDS[kind]} {rival.name} 不同:新增 {added} 类,取消 {gone} 类;"
                      f"只在共有的 {shared} 类上比较。")

    def _verdict(self, rival: Rival, kind: str, found: Interval, rows: int) -> None:
        beaten = found.estimate > -self._limits.no_worse_margin if rival.strong else found.low > 0
        self.note_difference(beaten, rival, kind, MACRO_F1, found, rows)

    def _classes_kept(self, shared: list[str], truth: NDArray[Any], ours: NDArray[Any], theirs: NDArray[Any],
                      groups: NDArray[Any] | None) -> None:
        judged = [value for value in shared if (truth == value).sum() >= self._limits.least_support]
        worse = []
        for value in judged:
            rows = truth == value
            found = paired_bootstrap(ours[rows] == value, theirs[rows] == value, None if groups is None
                                     else groups[rows], self._limits.rounds, self._seed)
            if found.high < -self._limits.recall_drop:
                worse.append(f"{value} {found.estimate:+.3f} [{found.low:+.3f}, {found.high:+.3f}]")
        self.measurements |= {"classes_judged": len(judged), "classes_worse": len(worse)}
        least, named = self._limits.least_support, ": " + "; ".join(worse) if worse else ""
        self.note(not worse, f"Recall falls clearly in {len(worse) or 'none'} of the {len(judged)} classes with at "
                             f"least {least} rows{named}.",
                  f"在至少 {least} 行的 {len(judged)} 类中,召回率明显变差的有 {len(worse)} 类{named}。")


def _choice(probabilities: NDArray[Any], classes: Sequence[str], shared: list[str]) -> NDArray[Any]:
    """The most probable of the shared classes in each row."""
    columns = [list(classes).index(value) for value in shared]
    best: NDArray[Any] = np.asarray(shared, dtype=object)[np.asarray(probabilities)[:, columns].argmax(axis=1)]
    return best
