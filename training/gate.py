"""May the challenger become champion: rules on rows that neither it nor its rival was fitted on, with reasons.

1. It beats every baseline: the whole 95 % interval of the paired macro-F1 difference lies above 0. A baseline that is
   a good classifier itself (``Rival.strong``: the plain linear model) must be kept up with: the difference lies above
   ``-no_worse_margin``, since on a few hundred rows its interval seldom clears 0.
2. It beats the champion, if there is one, likewise. ``no_worse`` is a separate, weaker verdict that never promotes by
   itself: the interval lies above ``-no_worse_margin``, so that a person can decide to force a refreshed model.
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

from fenzhen.metrics import Interval, expected_calibration_error, paired_bootstrap, paired_bootstrap_macro_f1

KINDS = {"champion": "在用版本", "baseline": "基线"}


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


@dataclass(frozen=True, slots=True)
class GateResult:
    """The verdict; ``reasons`` has a sentence for each rule, kept or broken, ``failures`` only the broken ones.

    ``reasons_zh`` are the same sentences in Chinese, for the model card. ``no_worse`` is None without a champion to
    compare with. ``measurements`` is JSON-able.
    """

    passed: bool
    reasons: list[str]
    failures: list[str]
    reasons_zh: list[str]
    no_worse: bool | None
    measurements: dict[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """All of it, JSON-able."""
        return asdict(self)


def gate(labels: ArrayLike, classes: Sequence[str], probabilities: ArrayLike, groups: ArrayLike | None, *,
         champion: Rival | None, baselines: Sequence[Rival], limits: GateLimits = GateLimits(),
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
    judge = _Judge(np.asarray(labels, dtype=object), tuple(classes), np.asarray(probabilities, dtype=np.float64),
                   None if groups is None else np.asarray(groups), limits, seed)
    if confidence is not None:
        judge.confidence = np.asarray(confidence, dtype=np.float64)
    judge.rows()
    for baseline in baselines:
        judge.beats(baseline, "baseline")
    if champion is None:
        judge.first_champion(bool(baselines))
    else:
        judge.beats(champion, "champion")
    judge.calibrated()
    return GateResult(not judge.failures, judge.reasons, judge.failures, judge.reasons_zh, judge.no_worse,
                      judge.measurements)


class _Judge:
    """Collects reasons and measurements rule by rule."""

    def __init__(self, labels: NDArray[Any], classes: tuple[str, ...], probabilities: NDArray[np.float64],
                 groups: NDArray[Any] | None, limits: GateLimits, seed: int) -> None:
        if probabilities.shape != (labels.size, len(classes)):
            expected = (labels.size, len(classes))
            raise ValueError(f"got probabilities of shape {probabilities.shape}, expected {expected}")
        self._labels, self._classes, self._probabilities, self._groups = labels, classes, probabilities, groups
        self._limits, self._seed = limits, seed
        self.confidence = probabilities.max(axis=1, initial=0.0)
        self.reasons: list[str] = []
        self.failures: list[str] = []
        self.reasons_zh: list[str] = []
        self.no_worse: bool | None = None
        self.measurements: dict[str, Any] = {"rows": int(labels.size), "limits": asdict(limits)}

    def note(self, kept: bool, sentence: str, chinese: str) -> None:
        self.reasons.append(sentence)
        self.reasons_zh.append(chinese)
        if not kept:
            self.failures.append(sentence)

    def rows(self) -> None:
        rows, least = self._labels.size, self._limits.least_rows
        self.note(rows >= least, f"There are {rows} rows to judge on, at least {least} are needed.",
                  f"用于判断的数据 {rows} 行,至少需要 {least} 行。")

    def first_champion(self, compared: bool) -> None:
        if compared:
            self.note(True, "There is no champion yet: the baselines decide.", "还没有在用版本,由基线决定。")
        else:
            self.note(False, "There is neither a champion nor a baseline to compare with.",
                      "没有可比较的在用版本或基线。")

    def calibrated(self) -> None:
        if not self._labels.size:
            return
        best = self._probabilities.argmax(axis=1)
        correct = np.asarray(self._classes, dtype=object)[best] == self._labels
        confidence = np.clip(self.confidence, 0, 1)
        error, limit = expected_calibration_error(confidence, correct), self._limits.ece
        chance = 0.0 if error <= limit else error_by_chance(confidence, self._seed)
        kept, few = error <= max(limit, chance), chance > limit
        self.measurements |= {"ece": error, "ece_by_chance": chance}
        reached = f"{chance:.3f}, which chance alone reaches with so few rows" if few else f"{limit:.3f}"
        self.note(kept, f"The expected calibration error is {error:.3f}, {'within' if kept else 'above'} {reached}.",
                  f"期望校准误差 {error:.3f},{'未超过' if kept else '超过'} {max(limit, chance):.3f}"
                  f"{'(行数少,偶然即可达到)' if few else ''}。")

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
        verb, verb_zh = ("keep up with", "不逊于") if rival.strong else ("clearly beat", "明显优于")
        numbers = f"{found.estimate:+.4f}", f"{found.low:+.4f}", f"{found.high:+.4f}"
        self.measurements[f"macro_f1_over_{kind}_{rival.name}"] = asdict(found) | {"rows": rows}
        self.note(beaten, f"It {'does' if beaten else 'does not'} {verb} the {kind} {rival.name}: macro-F1 "
                          f"{numbers[0]} (95 % interval {numbers[1]} to {numbers[2]}, {rows} rows).",
                  f"{'' if beaten else '未达到'}{verb_zh}{KINDS[kind]} {rival.name}:宏平均 F1 {numbers[0]}"
                  f"(95 % 区间 {numbers[1]} 至 {numbers[2]},{rows} 行)。")

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


def error_by_chance(confidence: NDArray[np.float64], seed: int, rounds: int = 200) -> float:
    """Return the 95 % quantile of the calibration error if every confidence were exactly right."""
    random = np.random.default_rng(seed)
    errors = [expected_calibration_error(confidence, random.random(confidence.size) < confidence)
              for _ in range(rounds)]
    return float(np.quantile(errors, 0.95))


def _choice(probabilities: NDArray[Any], classes: Sequence[str], shared: list[str]) -> NDArray[Any]:
    """The most probable of the shared classes in each row."""
    columns = [list(classes).index(value) for value in shared]
    best: NDArray[Any] = np.asarray(shared, dtype=object)[np.asarray(probabilities)[:, columns].argmax(axis=1)]
    return best
