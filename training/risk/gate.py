"""May a risk model become champion: rules on rows that neither it nor its rival was fitted on, with reasons.

1. There are ``least_rows`` rows, and ``least_events`` of each outcome.
2. It beats every baseline: the whole 95 % interval of the paired difference in ``measure`` lies above 0. A baseline
   that is a good model itself (``RiskRival.strong``: logistic regression, buy-till-you-die) must be kept up with: the
   difference lies above ``-no_worse_margin``, or its interval reaches 0, since with few entities chance alone does
   more than the margin.
3. It beats the champion, if there is one, by the interval. ``no_worse`` is a weaker verdict that never promotes by
   itself: the interval lies above ``-no_worse_margin``. A champion that cannot be read: ``training.champions.gate``.
4. Its expected calibration error is within ``ece``, or within what a perfectly calibrated model with the same
   probabilities stays under 95 times in 100.

Intervals resample entities (customers, devices), never rows.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fenzhen.metrics import Interval, paired_risk_bootstrap
from training.champions.champion_to_beat import UnreadChampion
from training.champions.gate_rules import KINDS, GateResult, GateRules, Measure

MEASURES = {each.key: each for each in (
    Measure("roc_auc", "AUC", "AUC"), Measure("average_precision", "average precision", "平均精确率"),
    Measure("lift_at_10", "lift at 10 %", "前 10 % 提升度"))}


@dataclass(frozen=True, slots=True)
class RiskLimits:
    """The numbers of the rules above; ``measure`` is a key of ``fenzhen.metrics.risk.MEASURES``."""

    measure: str = "roc_auc"
    ece: float = 0.05
    least_rows: int = 100
    least_events: int = 10
    no_worse_margin: float = 0.005
    rounds: int = 1000


@dataclass(frozen=True, slots=True)
class RiskRival:
    """A champion or baseline and its scores, one for each row judged (higher is riskier).

    ``unseen`` says which of the judged rows it was not fitted on; None means all. ``strong`` see the module.
    """

    name: str
    scores: NDArray[Any]
    unseen: NDArray[np.bool_] | None = None
    strong: bool = False


def risk_gate(outcome: ArrayLike, probability: ArrayLike, entities: ArrayLike | None, *,
              champion: RiskRival | UnreadChampion | None, baselines: Sequence[RiskRival],
              limits: RiskLimits = RiskLimits(), seed: int = 0) -> GateResult:
    """Judge the challenger's ``probability`` on ``outcome`` (0 or 1), rows that it was not fitted on.

    >>> outcome = [0, 1] * 60
    >>> recency = RiskRival("recency", np.zeros(120))
    >>> result = risk_gate(outcome, [0.02, 0.98] * 60, None, champion=None, baselines=[recency])
    >>> result.passed, result.no_worse
    (True, None)
    >>> risk_gate(outcome, [0.5] * 120, None, champion=None, baselines=[recency]).failures
    ['It does not clearly beat the baseline recency: AUC +0.0000 (95 % interval +0.0000 to +0.0000, 120 rows).']
    """
    rules = _RiskRules(np.asarray(outcome, dtype=np.float64), np.asarray(probability, dtype=np.float64),
                       None if entities is None else np.asarray(entities), limits, seed)
    return rules.result(champion, baselines)


class _RiskRules(GateRules[RiskRival]):
    """Collects reasons and measurements rule by rule."""

    def __init__(self, outcome: NDArray[np.float64], probability: NDArray[np.float64], entities: NDArray[Any] | None,
                 limits: RiskLimits, seed: int) -> None:
        if outcome.shape != probability.shape:
            raise ValueError(f"got {outcome.shape} outcomes and {probability.shape} probabilities, expected one a row")
        super().__init__({"rows": int(outcome.size), "events": int(outcome.sum()), "limits": asdict(limits)}, seed)
        self._outcome, self._probability, self._entities = outcome, probability, entities
        self._limits = limits

    def rows(self) -> None:
        rows, events = self._outcome.size, int(self._outcome.sum())
        kept = self._enough(np.ones(rows, dtype=bool))
        least, least_events = self._limits.least_rows, self._limits.least_events
        self.note(kept, f"There are {rows} rows to judge on, {events} of which happened; at least {least} rows and "
                        f"{least_events} of each outcome are needed.",
                  f"用于判断的数据 {rows} 行,其中发生 {events} 行;至少需要 {least} 行,两种结果各 {least_events} 行。")

    def beats(self, rival: RiskRival, kind: str) -> None:
        rows = np.ones(self._outcome.size, dtype=bool) if rival.unseen is None else rival.unseen
        if not self._enough(rows):
            self.note(False, f"{int(rows.sum())} rows are unseen by the {kind} {rival.name}, too few to compare on.",
                      f"{KINDS[kind]} {rival.name} 未见过的数据只有 {int(rows.sum())} 行,不足以比较。")
            return
        entities = None if self._entities is None else self._entities[rows]
        found = paired_risk_bootstrap(self._outcome[rows], self._probability[rows], rival.scores[rows], entities,
                                      measure=self._limits.measure, rounds=self._limits.rounds, seed=self._seed)
        self._verdict(rival, kind, found, int(rows.sum()))
        if kind == "champion":
            self.no_worse = found.low >= -self._limits.no_worse_margin

    def calibrated(self) -> None:
        if not self._outcome.size:
            return
        self.note_calibration(self._probability, self._outcome, self._limits.ece)

    def _enough(self, rows: NDArray[np.bool_]) -> bool:
        events = self._outcome[rows].sum()
        rarer = min(events, rows.sum() - events)
        return bool(rows.sum() >= self._limits.least_rows and rarer >= self._limits.least_events)

    def _verdict(self, rival: RiskRival, kind: str, found: Interval, rows: int) -> None:
        kept_up = found.estimate > -self._limits.no_worse_margin or found.high >= 0
        beaten = kept_up if rival.strong else found.low > 0
        self.note_difference(beaten, rival, kind, MEASURES[self._limits.measure], found, rows)
