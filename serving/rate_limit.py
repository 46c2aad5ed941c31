"""How many requests a key may send: one token bucket a key and worker."""

import math
import time
from collections.abc import Callable


class RateLimit:
    """Lets ``rate`` requests a second through per name, and as many at once after a quiet second."""

    def __init__(self, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, name: str) -> int:
        """Take a token; return 0, or the whole seconds to wait where there is none.

        >>> limit = RateLimit(2, clock=lambda: 0.0)
        >>> [limit.take("k1") for _ in range(3)], limit.take("k2")
        ([0, 0, 1], 0)
        """
        now = self._clock()
        left, at = self._buckets.get(name, (self._rate, now))
        left = min(self._rate, left + max(0.0, now - at) * self._rate)
        if left < 1:
            self._buckets[name] = (left, now)
            return max(1, math.ceil((1 - left) / self._rate))
        self._buckets[name] = (left - 1, now)
        return 0
