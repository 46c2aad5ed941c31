"""Clients in a thread of their own that ask without pause, while something happens to the server."""

import asyncio
import contextlib
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field

__all__ = ["TORN", "Crowd", "Heard", "asking", "connected", "exchange"]

ANSWER_SECONDS = 15.0
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]
TORN = (OSError, asyncio.IncompleteReadError, TimeoutError)
"""How a connection ends before a whole answer has come."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One answer: when it was complete (seconds of ``time.monotonic``), its status and its body."""

    at: float
    status: int
    body: bytes


@dataclass
class Crowd:
    """What all clients have heard so far; ``torn`` counts connections that ended before an answer was complete.

    A client whose connection ends opens another one, unless ``reconnect`` is false. ``keep`` false only counts
    statuses.
    """

    port: int
    requests: Sequence[bytes]
    clients: int
    reconnect: bool = True
    keep: bool = True
    statuses: Counter[int] = field(default_factory=Counter)
    answers: list[Heard] = field(default_factory=list)
    torn: int = 0
    stopped: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Ask until :attr:`stopped`."""
        asyncio.run(self._all())

    async def _all(self) -> None:
        firsts = (index * len(self.requests) // self.clients for index in range(self.clients))
        await asyncio.gather(*(self._client(first) for first in firsts))

    async def _client(self, index: int) -> None:
        while not self.stopped.is_set():
            try:
                index = await self._conversation(index)
            except TORN:
                self.torn += 1
                if not self.reconnect:
                    return
                await asyncio.sleep(0.05)

    async def _conversation(self, index: int) -> int:
        async with connected(self.port) as connection:
            while not self.stopped.is_set():
                status, body = await exchange(connection, self.requests[index % len(self.requests)])
                self.statuses[status] += 1
                if self.keep:
                    self.answers.append(Heard(time.monotonic(), status, body))
                index += 1
        return index


@contextlib.contextmanager
def asking(
    port: int, requests: Sequence[bytes], clients: int, *, reconnect: bool = True, keep: bool = True,
) -> Iterator[Crowd]:
    """Let clients ask while the block runs."""
    crowd = Crowd(port, requests, clients, reconnect, keep)
    thread = threading.Thread(target=crowd.run, name="crowd")
    thread.start()
    try:
        yield crowd
    finally:
        crowd.stopped.set()
        thread.join(ANSWER_SECONDS + 5)


@contextlib.asynccontextmanager
async def connected(port: int) -> AsyncIterator[Connection]:
    """Lend a connection to a port of this machine."""
    reader, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), ANSWER_SECONDS)
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def exchange(connection: Connection, request: bytes) -> tuple[int, bytes]:
    """Send a request and return status and body of its answer; one of ``TORN`` if there is no whole answer in time."""
    reader, writer = connection
    async with asyncio.timeout(ANSWER_SECONDS):
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        fields = head.lower().split(b"\r\n")
        length = next((int(line[15:]) for line in fields if line.startswith(b"content-length:")), 0)
        return int(head[9:12]), await reader.readexactly(length)
