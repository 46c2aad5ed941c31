"""What the gates of all families share: rules kept or broken, with sentences in two languages, and their result."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from fenzhen.metrics import Interval, expected_calibration_error
from training.champions.champion_to_beat import UnreadChampion

__all__ = ["KINDS", "GateResult", "GateRules", "Measure"]

KINDS = {"champion": "在用版本", "baseline": "基线"}


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


@dataclass(frozen=True, slots=True)
class Measure:
    """What rivals are compared by: its key among measurements, its name in English and in Chinese."""

    key: str
    name: str
    name_zh: str


class Named(Protocol):
    """A champion or baseline; see ``training.champions.gate`` and ``training.risk.gate``."""

    @property
    def name(self) -> str:
        """The version or baseline."""

    @property
    def strong(self) -> bool:
        """Whether it is a good model itself, which must be kept up with."""


AnyRival = TypeVar("AnyRival", bound=Named)


class GateRules(ABC, Generic[AnyRival]):
    """Collects reasons and measurements rule by rule."""

    def __init__(self, measurements: dict[str, Any], seed: int) -> None:
        self._seed = seed
        self.reasons: list[str] = []
        self.failures: list[str] = []
        self.reasons_zh: list[str] = []
        self.no_worse: bool | None = None
        self.measurements = measurements

    @abstractmethod
    def rows(self) -> None:
        """Are there enough rows?"""

    @abstractmethod
    def beats(self, rival: AnyRival, kind: str) -> None:
        """Does it beat a rival?"""

    @abstractmethod
    def calibrated(self) -> None:
        """Is it as right as it is sure?"""

    def result(self, champion: AnyRival | UnreadChampion | None, baselines: Sequence[AnyRival]) -> GateResult:
        """Go through all rules."""
        self.rows()
        for baseline in baselines:
            self.beats(baseline, "baseline")
        if champion is None:
            self._first_champion(bool(baselines))
        elif isinstance(champion, UnreadChampion):
            self._unread_champion(champion, bool(baselines))
        else:
            self.beats(champion, "champion")
        self.calibrated()
        return GateResult(not self.failures, self.reasons, self.failures, self.reasons_zh, self.no_worse,
                          self.measurements)

    def note(self, kept: bool, sentence: str, chinese: str) -> None:
        """Note a rule that is kept or broken."""
        self.reasons.append(sentence)
        self.reasons_zh.append(chinese)
        if not kept:
            self.failures.append(sentence)

    def note_difference(self, beaten: bool, rival: AnyRival, kind: str, by: Measure, found: Interval,
                        rows: int) -> None:
        """Note by how much a rival is beaten (kept up with, if it is strong), or is not."""
        verb, verb_zh = ("keep up with", "不逊于") if rival.strong else ("clearly beat", "明显优于")
        numbers = f"{found.estimate:+.4f}", f"{found.low:+.4f}", f"{found.high:+.4f}"
        self.measurements[f"{by.key}_over_{kind}_{rival.name}"] = asdict(found) | {"rows": rows}
        self.note(beaten, f"It {'does' if beaten else 'does not'} {verb} the {kind} {rival.name}: {by.name} "
                          f"{numbers[0]} (95 % interval {numbers[1]} to {numbers[2]}, {rows} rows).",
                  f"{'' if beaten else '未达到'}{verb_zh}{KINDS[kind]} {rival.name}:{by.name_zh} {numbers[0]}"
                  f"(95 % 区间 {numbers[1]} 至 {numbers[2]},{rows} 行)。")

    def note_calibration(self, confidence: NDArray[np.float64], correct: NDArray[Any], limit: float) -> None:
        """Note whether the calibration error is within a limit, or within what chance alone reaches."""
        error = expected_calibration_error(confidence, correct)
        chance = 0.0 if error <= limit else error_by_chance(confidence, self._seed)
        kept, few = error <= max(limit, chance), chance > limit
        self.measurements |= {"ece": error, "ece_by_chance": chance}
        reached = f"{chance:.3f}, which chance alone reaches with so few rows" if few else f"{limit:.3f}"
        self.note(kept, f"The expected calibration error is {error:.3f}, {'within' if kept else 'above'} {reached}.",
                  f"期望校准误差 {error:.3f},{'未超过' if kept else '超过'} {max(limit, chance):.3f}"
                  f"{'(行数少,偶然即可达到)' if few else ''}。")

    def _first_champion(self, compared: bool) -> None:
        if compared:
            self.note(True, "There is no champion yet: the baselines decide.", "还没有在用版本,由基线决定。")
        else:
            self.note(False, "There is neither a champion nor a baseline to compare with.",
                      "没有可比较的在用版本或基线。")

    def _unread_champion(self, champion: UnreadChampion, compared: bool) -> None:
        """Note what decides instead: the baselines, or, where the champion may be mended, a person."""
        if champion.outdated:
            self.note(compared, f"The champion {champion.name} cannot answer any more and is not compared with: "
                                f"{'the baselines decide' if compared else 'nothing can decide'} ({champion.why}).",
                      f"在用版本 {champion.name} 已无法使用,未与之比较,{'由基线决定' if compared else '无从判断'}"
                      f"({champion.why})。")
        else:
            self.note(False, f"The champion {champion.name} cannot be read, so nothing was compared with it: "
                             "`fenzhen export` mends a damaged copy, or a person decides with --promote force "
                             f"({champion.why}).",
                      f"在用版本 {champion.name} 无法读取,未能比较:可用 `fenzhen export` 修复,"
                      f"或由人以 --promote force 决定({champion.why})。")


def error_by_chance(confidence: NDArray[np.float64], seed: int, rounds: int = 200) -> float:
    """Return the 95 % quantile of the calibration error if every confidence were exactly right."""
    random = np.random.default_rng(seed)
    errors = [expected_calibration_error(confidence, random.random(confidence.size) < confidence)
              for _ in range(rounds)]
    return float(np.quantile(errors, 0.95))
