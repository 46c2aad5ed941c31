"""What is counted of a candidate whatever the ticket: load, tempo, complaints, and when they were last seen."""

from bisect import insort
from collections.abc import Iterable, Sequence
from math import log1p

import numpy as np
from numpy.typing import NDArray

from features.routing.candidate_history import PROFILE
from features.routing.history_snapshot import HistorySnapshot
from features.routing.ticket_story import CSAT, HOLD, HOURS, PASS, REOPEN, SOLVE, TOUCH, Fact

__all__ = ["CandidateProfiles"]

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]
_ROW = {name: row for row, name in enumerate(PROFILE)}
_COUNTED = {TOUCH: "touches", PASS: "passes", SOLVE: "solves", REOPEN: "reopens", HOLD: "open", HOURS: "log_hours",
            CSAT: "csat"}
_TIMES = np.array([_ROW["first_touch"], _ROW["last_touch"], _ROW["last_solve"]])
_GROWTH = 64


class CandidateProfiles:
    """Candidates by code in the order they became known; whoever is unknown has code -1 and counts of 0."""

    def __init__(self, snapshot: HistorySnapshot | None) -> None:
        self.names: list[str] = list(snapshot.candidates) if snapshot else []
        self._codes = {name: code for code, name in enumerate(self.names)}
        self._counts = _grown(snapshot.profile if snapshot else np.zeros((len(PROFILE), 0)), _GROWTH)
        self._groups = list(snapshot.last_group) if snapshot else []
        self._touches: list[list[tuple[float, str]]] = [[] for _ in self.names]
        self._solves: list[list[float]] = [[] for _ in self.names]
        self._first: list[float] = [float("inf")] * len(self.names)
        if snapshot:
            self._take_times(snapshot)

    def codes(self, names: Sequence[str]) -> Int64:
        """Return the candidates' codes, -1 for unknown ones."""
        return np.array([self._codes.get(name, -1) for name in names], dtype=np.int64)

    def knows(self, names: Iterable[str]) -> bool:
        """Return whether any of the candidates is known."""
        return any(name in self._codes for name in names)

    def add(self, fact: Fact, sign: float) -> int:
        """Count a fact of a candidate, or take it back (``sign`` -1); return the candidate's code."""
        code = self._code(fact.who)
        worth = log1p(fact.value) if fact.kind == HOURS else fact.value
        self._counts[_ROW[_COUNTED[fact.kind]], code] += sign * worth
        if fact.kind == CSAT:
            self._counts[_ROW["csat_answers"], code] += sign
        if fact.kind == TOUCH:
            _keep(self._touches[code], (fact.at, fact.group), sign)
            self._remember_touches(code)
        if fact.kind == SOLVE:
            _keep(self._solves[code], fact.at, sign)
            self._counts[_ROW["last_solve"], code] = self._solves[code][-1] if self._solves[code] else np.nan
        return code

    def columns(self, codes: Int64) -> Float64:
        """Return float64 (len(PROFILE), candidates); times NaN for who was never seen."""
        found: Float64 = self._counts[:, codes]
        if (codes < 0).any():
            found[:, codes < 0] = 0.0
            found[_TIMES[:, None], np.flatnonzero(codes < 0)] = np.nan
        return found

    def last_group(self, name: str) -> str:
        """Return the group in which a candidate was last given a ticket, empty if unknown."""
        code = self._codes.get(name, -1)
        return self._groups[code] if code >= 0 else ""

    def seen_since(self, moment: float) -> list[str]:
        """Return who was given a ticket at or after a moment in seconds, in order of code."""
        last = self._counts[_ROW["last_touch"], :len(self.names)]
        return [self.names[code] for code in np.flatnonzero(last >= moment).tolist()]

    def loads(self, names: Sequence[str]) -> list[float]:
        """Return how many tickets are on each candidate's desk, 0 for unknown ones."""
        codes = self.codes(names)
        found: list[float] = np.where(codes >= 0, np.maximum(self._counts[_ROW["open"], codes], 0.0), 0.0).tolist()
        return found

    def _code(self, name: str) -> int:
        code = self._codes.get(name)
        if code is None:
            code = self._codes[name] = len(self.names)
            if code + 1 >= self._counts.shape[1]:
                self._counts = _grown(self._counts, max(_GROWTH, code))
            self.names.append(name)
            self._groups.append("")
            self._touches.append([])
            self._solves.append([])
            self._first.append(float("inf"))
        return code

    def _remember_touches(self, code: int) -> None:
        touches = self._touches[code]
        last, self._groups[code] = touches[-1] if touches else (np.nan, "")
        self._counts[_ROW["last_touch"], code] = last
        self._counts[_ROW["first_touch"], code] = min(self._first[code], touches[0][0]) if touches else np.nan

    def _take_times(self, snapshot: HistorySnapshot) -> None:
        for code, group in enumerate(snapshot.last_group):
            first, last, solved = snapshot.profile[[_ROW["first_touch"], _ROW["last_touch"], _ROW["last_solve"]], code]
            if last == last:
                self._touches[code].append((float(last), group))
                self._first[code] = float(first)
            if solved == solved:
                self._solves[code].append(float(solved))


def _grown(counts: Float64, more: int) -> Float64:
    """Return the counts with room for more candidates, of whom nothing is known."""
    found = np.pad(counts, ((0, 0), (0, more)))
    found[_TIMES, counts.shape[1]:] = np.nan
    return found


def _keep(times: list, value: object, sign: float) -> None:  # type: ignore[type-arg]
    if sign > 0:
        insort(times, value)
    elif value in times:
        times.remove(value)
