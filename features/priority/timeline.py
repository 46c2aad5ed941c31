"""What happened to tickets alike, in order of time: how often each kind of fact, for a few bisections."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

__all__ = ["KIND_BYTES", "Timeline", "packed"]

KIND_BYTES = 4


def packed(kinds: Iterable[int]) -> int:
    """Return one of each of ``kinds`` as a number of ``KIND_BYTES`` bytes a kind, the first lowest.

    >>> packed([0, 2]).to_bytes(3 * KIND_BYTES, "little").hex()
    '010000000000000001000000'
    """
    return sum(1 << 8 * KIND_BYTES * kind for kind in kinds)


class Timeline:
    """Facts, each a moment and the ``packed`` kinds that it counts for, told in any order.

    Packed counts are added and subtracted as one number, so that what happened between two moments is known of all
    kinds at once; each may be counted 2^32 - 1 times. Running totals are brought up to date by the first question after
    a change, from where it changed: microseconds for something new, milliseconds for something long ago.
    """

    __slots__ = ("_kinds", "_times", "_totals")

    def __init__(self) -> None:
        self._times: list[int] = []
        self._kinds: list[int] = []
        self._totals = [0]

    def __len__(self) -> int:
        return len(self._times)

    def add(self, at: int, kinds: int) -> None:
        """Take note of a fact."""
        place = bisect_right(self._times, at)
        self._times.insert(place, at)
        self._kinds.insert(place, kinds)
        del self._totals[place + 1:]

    def remove(self, at: int, kinds: int) -> None:
        """Take back a fact that was added; ``ValueError`` for one that never was."""
        place = self._kinds.index(kinds, bisect_left(self._times, at), bisect_right(self._times, at))
        del self._times[place], self._kinds[place], self._totals[place + 1:]

    def forget(self, before: int) -> None:
        """Take back all facts before a moment."""
        if place := bisect_left(self._times, before):
            del self._times[:place], self._kinds[:place], self._totals[1:]

    def counts(self, since: Sequence[int], until: int, size: int) -> bytes | None:
        """Return how often each kind happened from each moment of ``since`` (falling) until just before ``until``.

        ``size`` bytes for each of ``since``, ``KIND_BYTES`` a kind; None where nothing happened since the earliest.
        """
        times = self._times
        if not times or times[-1] < since[-1]:
            return None
        totals = self._totals
        if len(totals) <= len(times):
            start = len(totals) - 1
            totals += accumulate(self._kinds[start + 1:], initial=totals[-1] + self._kinds[start])
        place = len(times) if times[-1] < until else bisect_left(times, until)
        total, found = totals[place], []
        for edge in since:
            if place and times[place - 1] >= edge:
                place = bisect_left(times, edge, 0, place)
            found.append((total - totals[place]).to_bytes(size, "little"))
        return b"".join(found)
