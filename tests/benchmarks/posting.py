"""Clients that tell facts and tell them again until each is acknowledged, as a careful helpdesk does."""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tests.benchmarks.crowd import TORN, Connection, connected, exchange

__all__ = ["Post", "Posting"]

AGAIN = (429, 503)
PAUSE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Post:
    """One fact to tell: how the store will know it, and the whole request."""

    name: str
    request: bytes


@dataclass
class Posting:
    """What has become of ``posts``: ``acknowledged`` by name, ``refused`` by status; ``repeats`` were told again.

    After ``until`` (seconds of ``time.monotonic``) nothing is sent any more.
    """

    port: int
    posts: Sequence[Post]
    clients: int
    until: float
    acknowledged: set[str] = field(default_factory=set)
    refused: Counter[int] = field(default_factory=Counter)
    repeats: int = 0
    torn: int = 0

    def start(self) -> threading.Thread:
        """Begin to tell, in a thread of its own."""
        thread = threading.Thread(target=lambda: asyncio.run(self._all()), name="posting")
        thread.start()
        return thread

    async def _all(self) -> None:
        waiting = iter(self.posts)
        await asyncio.gather(*(self._client(waiting) for _ in range(self.clients)))

    async def _client(self, waiting: Iterator[Post]) -> None:
        """Take one post after the other; one whose connection ends is told again over the next connection."""
        post = next(waiting, None)
        while post is not None and time.monotonic() < self.until:
            try:
                async with connected(self.port) as connection:
                    while post is not None and time.monotonic() < self.until:
                        await self._tell(connection, post)
                        post = next(waiting, None)
            except TORN:
                self.torn += 1
                await asyncio.sleep(PAUSE_SECONDS)

    async def _tell(self, connection: Connection, post: Post) -> None:
        while time.monotonic() < self.until:
            status, _ = await exchange(connection, post.request)
            if status == 200:
                self.acknowledged.add(post.name)
                return
            if status not in AGAIN:
                self.refused[status] += 1
                return
            self.repeats += 1
            await asyncio.sleep(PAUSE_SECONDS)
