"""Clients that ask over kept-alive connections as fast as they are answered, with as little of their own as possible.

A client is a coroutine on a raw connection, so that on two cores the server is measured and not the client.
"""

import asyncio
import gc
import json
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Latencies", "ask", "get_bytes", "request_bytes"]


@dataclass
class Latencies:
    """Seconds of every answered request and the seconds from the first to the last; ``failed`` were not 200."""

    seconds: list[float] = field(default_factory=list)
    failed: int = 0
    span: float = 0.0

    @property
    def rate(self) -> float:
        """Return requests a second."""
        return len(self.seconds) / self.span if self.span else float("nan")


def request_bytes(
    body: Mapping[str, Any] | bytes, path: str = "/v1/classify", *, key: str, method: str = "POST",
) -> bytes:
    """Return one HTTP request with a key and a JSON body, or with a body as it is."""
    content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    head = (f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json",
            f"Authorization: Bearer {key}", f"Content-Length: {len(content)}", "", "")
    return "\r\n".join(head).encode() + content


def get_bytes(path: str, *, key: str) -> bytes:
    """Return one HTTP request without a body."""
    head = (f"GET {path} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {key}", "", "")
    return "\r\n".join(head).encode()


def ask(port: int, requests: Sequence[bytes], clients: int, seconds: float, most: float = math.inf) -> Latencies:
    """Let so many clients ask for so many seconds, ``most`` times each at most, each beginning elsewhere."""
    found = Latencies()
    gc.collect()
    gc.disable()
    try:
        started = time.perf_counter()
        asyncio.run(_ask_all(port, requests, clients, started + seconds, most, found))
        found.span = time.perf_counter() - started
    finally:
        gc.enable()
    return found


async def _ask_all(port: int, requests: Sequence[bytes], clients: int, until: float, most: float,
                   found: Latencies) -> None:
    firsts = (index * len(requests) // clients for index in range(clients))
    await asyncio.gather(*(_ask(port, requests, first, until, most, found) for first in firsts))


async def _ask(port: int, requests: Sequence[bytes], first: int, until: float, most: float,
               found: Latencies) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        index = first
        while (started := time.perf_counter()) < until and index - first < most:
            writer.write(requests[index % len(requests)])
            status = await _answer(reader)
            found.seconds.append(time.perf_counter() - started)
            found.failed += status != 200
            index += 1
    finally:
        writer.close()
        await writer.wait_closed()


async def _answer(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    fields = head.lower().split(b"\r\n")
    length = next(int(line[15:]) for line in fields if line.startswith(b"content-length:"))
    await reader.readexactly(length)
    return int(head[9:12])
