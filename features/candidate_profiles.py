"""What is counted of a candidate whatever the ticket: load, tempo, complaints, and when they were last seen."""

from bisect import insort
from collections.abc import Sequence
from math import log1p

import numpy as np
from numpy.typing import NDArray

from features.candidate_history import PROFILE
from features.history_snapshot import HistorySnapshot
from features.ticket_story import CSAT, HOLD, HOURS, PASS, REOPEN, SOLVE, TOUCH, Fact

__all__ = ["CandidateProfiles"]

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]
_ROW = {name: row for row, name in enumerate(PROFILE)}
_COUNTED = {TOUCH: "touches", PASS: "passes", SOLVE: "solves", REOPEN: "reopens", HOLD: "open", HOURS: "log_hours",
            CSAT: "csat"}
_GROWTH = 64


class CandidateProfiles:
    """Candidates by code in the order they became known; whoever is unknown has code -1 and counts of 0."""

    def __init__(self, snapshot: HistorySnapshot | None) -> None:
        self.names: list[str] = list(snapshot.candidates) if snapshot else []
        self._codes = {name: code for code, name in enumerate(self.names)}
        self._counts = np.zeros((len(PROFILE), len(self.names) + _GROWTH))
        self._touches: list[list[tuple[float, str]]] = [[] for _ in self.names]
        self._solves: list[list[float]] = [[] for _ in self.names]
        self._first: list[float] = [float("inf")] * len(self.names)
        if snapshot:
            self._counts[:, :len(self.names)] = np.nan_to_num(snapshot.profile)
            self._take_times(snapshot)

    def codes(self, names: Sequence[str]) -> Int64:
        """Return the candidates' codes, -1 for unknown ones."""
        return np.array([self._codes.get(name, -1) for name in names], dtype=np.int64)

    def add(self, fact: Fact, sign: float) -> int:
        """Count a fact of a candidate, or take it back (``sign`` -1); return the candidate's code."""
        code = self._code(fact.who)
        worth = log1p(fact.value) if fact.kind == HOURS else fact.value
        self._counts[_ROW[_COUNTED[fact.kind]], code] += sign * worth
        if fact.kind == CSAT:
            self._counts[_ROW["csat_answers"], code] += sign
        if fact.kind == TOUCH:
            _keep(self._touches[code], (fact.at, fact.group), sign)
        if fact.kind == SOLVE:
            _keep(self._solves[code], fact.at, sign)
        return code

    def columns(self, codes: Int64) -> Float64:
        """Return float64 (len(PROFILE), candidates); times NaN for who was never seen."""
        found: Float64 = self._counts[:, codes]
        found[:, codes < 0] = 0.0
        places = codes.tolist()
        found[_ROW["last_touch"]] = [_last(self._touches, code) for code in places]
        found[_ROW["last_solve"]] = [self._solves[code][-1] if code >= 0 and self._solves[code] else np.nan
                                     for code in places]
        found[_ROW["first_touch"]] = [self._first_touch(code) for code in places]
        return found

    def last_group(self, name: str) -> str:
        """Return the group in which a candidate was last given a ticket, empty if unknown."""
        code = self._codes.get(name, -1)
        return self._touches[code][-1][1] if code >= 0 and self._touches[code] else ""

    def seen_since(self, moment: float) -> list[str]:
        """Return who was given a ticket at or after a moment in seconds, in order of code."""
        return [name for name, touches in zip(self.names, self._touches, strict=True)
                if touches and touches[-1][0] >= moment]

    def open_tickets(self, name: str) -> float:
        """Return how many tickets are on a candidate's desk."""
        code = self._codes.get(name, -1)
        return float(self._counts[_ROW["open"], code]) if code >= 0 else 0.0

    def _code(self, name: str) -> int:
        code = self._codes.get(name)
        if code is None:
            code = self._codes[name] = len(self.names)
            if code + 1 >= self._counts.shape[1]:
                self._counts = np.pad(self._counts, ((0, 0), (0, max(_GROWTH, code))))
            self.names.append(name)
            self._touches.append([])
            self._solves.append([])
            self._first.append(float("inf"))
        return code

    def _first_touch(self, code: int) -> float:
        touches = self._touches[code] if code >= 0 else []
        return min(self._first[code], touches[0][0]) if touches else float("nan")

    def _take_times(self, snapshot: HistorySnapshot) -> None:
        for code, group in enumerate(snapshot.last_group):
            first, last, solved = snapshot.profile[[_ROW["first_touch"], _ROW["last_touch"], _ROW["last_solve"]], code]
            if last == last:
                self._touches[code].append((float(last), group))
                self._first[code] = float(first)
            if solved == solved:
                self._solves[code].append(float(solved))


def _last(touches: list[list[tuple[float, str]]], code: int) -> float:
    return touches[code][-1][0] if code >= 0 and touches[code] else float("nan")


def _keep(times: list, value: object, sign: float) -> None:  # type: ignore[type-arg]
    if sign > 0:
        insort(times, value)
    elif value in times:
        times.remove(value)
