"""What the benchmarks share: how much to run, models fitted once, and what the screen says meanwhile."""

import gc
import time
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console

from features.text.segment import Segmenter
from tests.benchmarks.cases import CASES, Case
from tests.benchmarks.contenders import CONTENDERS

__all__ = ["Bench", "TimedFit"]


@dataclass(frozen=True, slots=True)
class TimedFit:
    """A fitted contender and what fitting took, cutting the text included: seconds, and CPU seconds of all threads."""

    fitted: Any
    seconds: float
    cpu: float


@dataclass
class Bench:
    """One run; ``quick`` takes a small seeded share of everything, to show that it works."""

    quick: bool = False
    seed: int = 0
    console: Console = field(default_factory=lambda: Console(stderr=True))
    segmenter: Segmenter = field(default_factory=Segmenter)
    _cases: dict[str, list[Case]] = field(default_factory=dict)
    _fits: dict[tuple[str, str], TimedFit] = field(default_factory=dict)

    def say(self, message: str) -> None:
        """Show where the run is."""
        self.console.log(message, highlight=False)

    def cases(self, name: str) -> list[Case]:
        """Return the cases of a data set, read once."""
        if name not in self._cases:
            self.say(f"{name}: reading")
            self._cases[name] = list(CASES[name](self.quick, self.seed))
        return self._cases[name]

    def forget(self, name: str) -> None:
        """Let go of a data set that no later benchmark needs."""
        self._cases.pop(name, None)

    def kept_fit(self, name: str, contender: str) -> TimedFit:
        """Return the contender fitted on the data set's only part; later benchmarks get the same one."""
        key = name, contender
        if key not in self._fits:
            self._fits[key] = self.fit(self.cases(name)[0], 0, contender)
        return self._fits[key]

    def fit(self, case: Case, part: int, contender: str) -> TimedFit:
        """Fit a contender on one part of a case."""
        gc.collect()
        started, before = time.perf_counter(), time.process_time()
        fitted = CONTENDERS[contender](case.spec, case.parts[part][0], self.segmenter, self.seed)
        seconds, cpu = time.perf_counter() - started, time.process_time() - before
        self.say(f"{case.name}, {case.how}, part {part + 1}/{len(case.parts)}: {contender} fitted in {seconds:.1f} s "
                 f"({cpu:.1f} s of CPU)")
        return TimedFit(fitted, seconds, cpu)

