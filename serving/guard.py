"""The outermost layer: every request is counted, limited in size and time, and answered, whatever happens inside.

It is written against ASGI itself. An exception that leaves a layer inside is answered with a problem, errors that
libraries answered in their own words are put into the shape of :mod:`serving.problems`.
"""

import asyncio
import contextlib
import logging
import re
import time
from collections.abc import AsyncIterator, Callable, MutableMapping
from functools import partial
from typing import Any, Protocol

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from ulid import ULID

from serving.access import PAGE, Access
from serving.logs import without_text
from serving.problems import MEDIA_TYPE, ProblemError, problem_body, problem_of_status

REQUEST_ID = "fenzhen.request_id"
DRAIN_LIMIT_BYTES = 64 * 1024 * 1024
DRAIN_SECONDS = 5.0

_WITHOUT_BODY = ("GET", "HEAD", "OPTIONS", "DELETE")
_GIVEN_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_KEPT_HEADERS = (b"allow", b"retry-after")

Observe = Callable[[Scope, int, float], None]
Refusal = Callable[[Scope, ProblemError], Response | None]

logger = logging.getLogger("serving.guard")


class Admission(Protocol):
    """Says who comes in; see :class:`serving.gate.Gate`."""

    async def admit(self, scope: Scope) -> Access:
        """Return the route's row, or raise a problem."""

    def enter(self, row: Access) -> None:
        """Count a request in, or raise a problem."""

    def leave(self) -> None:
        """Count it out."""


class Guard:
    """Wraps an application; ``observe`` is told scope, status and seconds of every answered request.

    ``refusal`` gives the page that shows a problem, None where the problem itself is to be sent.
    """

    def __init__(
        self, app: ASGIApp, *, gate: Admission, timeout_seconds: float, observe: Observe | None = None,
        refusal: Refusal | None = None,
    ) -> None:
        self._app = app
        self._gate = gate
        self._timeout = timeout_seconds
        self._observe = observe
        self._refusal = refusal or (lambda _scope, _problem: None)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        elif scope["type"] == "http":
            await self._exchange(scope, receive, send)

    async def _exchange(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        scope[REQUEST_ID] = _request_id(scope)
        answer = _Answer(send, scope[REQUEST_ID], partial(self._refusal, scope))
        try:
            await self._inside(scope, receive, answer)
        except _ClientGoneError:
            return
        except ProblemError as problem:
            await answer.fail(problem, receive)
        except TimeoutError:
            await answer.fail(ProblemError(504, f"No answer within {self._timeout:g} s."), receive)
        except Exception as error:
            facts = {"request_id": scope[REQUEST_ID], "path": scope["path"][:200], **without_text(error)}
            logger.error("request failed", extra={"facts": facts})
            await answer.fail(problem_of_status(500), receive)
        if self._observe is not None and answer.status:
            self._observe(scope, answer.status, time.perf_counter() - started)

    async def _inside(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        """Let the request in, read its body, have the application answer."""
        row = await self._gate.admit(scope)
        answer.for_people = row.mark == PAGE
        self._gate.enter(row)
        try:
            if scope["method"] not in _WITHOUT_BODY:
                receive = _replay(await self._body(scope, receive, row.body_limit_bytes), receive)
            async with asyncio.timeout(self._timeout):
                await self._app(scope, receive, answer.send)
        finally:
            self._gate.leave()

    async def _body(self, scope: Scope, receive: Receive, limit: int) -> bytes:
        """Return the whole body, counted while it arrives; a 413 beyond the limit, a 408 if it takes too long."""
        if _announced_length(scope) > limit:
            raise _TooLargeError(limit, more=True)
        body = bytearray()
        try:
            async with asyncio.timeout(self._timeout):
                async for chunk, more in _chunks(receive):
                    body += chunk
                    if len(body) > limit:
                        raise _TooLargeError(limit, more=more)
        except TimeoutError:
            detail = f"Expected the whole body within {self._timeout:g} s."
            raise ProblemError(408, detail, headers={"Connection": "close"}) from None
        return bytes(body)


class _ClientGoneError(Exception):
    """Nobody waits for the answer any more."""


class _TooLargeError(ProblemError):
    """A body beyond the limit; ``more`` of it is still to arrive."""

    def __init__(self, limit: int, *, more: bool) -> None:
        super().__init__(413, f"Expected a body of at most {limit:,} bytes.", headers={"Connection": "close"})
        self.more = more


class _Answer:
    """What has been sent so far; errors in foreign shapes are held back and replaced by a problem.

    Pages (``for_people``) show their errors themselves; ``page`` shows those that no page was asked about.
    """

    def __init__(self, send: Send, request_id: str, page: Callable[[ProblemError], Response | None]) -> None:
        self._send = send
        self._request_id = request_id
        self._page = page
        self._foreign: ProblemError | None = None
        self.for_people = False
        self.status = 0

    async def send(self, message: Message) -> None:
        """Pass a message on, with the request id; hold back a foreign error until it is complete."""
        if message["type"] == "http.response.start":
            self._foreign = None if self.for_people else _foreign_error(message)
            if self._foreign is None:
                self.status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", self._request_id.encode())]
                await self._send(message)
        elif self._foreign is None:
            await self._send(message)
        elif not message.get("more_body", False):
            await self._problem(self._foreign)

    async def fail(self, problem: ProblemError, receive: Receive) -> None:
        """Answer with ``problem`` unless an answer has begun; a body that still arrives is read and thrown away."""
        if self.status:
            return
        unread = isinstance(problem, _TooLargeError) and problem.more
        await self._problem(problem, complete=not unread)
        if unread:
            await _drain(receive)
            await self._send({"type": "http.response.body", "body": b""})

    async def _problem(self, problem: ProblemError, *, complete: bool = True) -> None:
        self.status = problem.status
        shown = self._page(problem) or _problem_response(problem, self._request_id)
        raw = [*shown.raw_headers, (b"x-request-id", self._request_id.encode())]
        await self._send({"type": "http.response.start", "status": problem.status, "headers": raw})
        await self._send({"type": "http.response.body", "body": shown.body, "more_body": not complete})


def _problem_response(problem: ProblemError, request_id: str) -> Response:
    headers = {"Cache-Control": "no-store", **problem.headers}
    return Response(problem_body(problem, request_id), problem.status, headers, media_type=MEDIA_TYPE)


def _foreign_error(start: MutableMapping[str, Any]) -> ProblemError | None:
    """Return the problem to send instead, if this is an error in another shape than ours."""
    if start["status"] < 400:
        return None
    headers = {bytes(name).lower(): bytes(value) for name, value in start.get("headers", ())}
    if headers.get(b"content-type", b"").startswith(MEDIA_TYPE.encode()):
        return None
    kept = {name.decode(): headers[name].decode("latin-1") for name in _KEPT_HEADERS if name in headers}
    return problem_of_status(start["status"], kept)


def _request_id(scope: Scope) -> str:
    """Return the caller's ``X-Request-ID`` if it is a short plain word, else a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _GIVEN_ID.fullmatch(value):
            return bytes(value).decode()
    return str(ULID())


def _announced_length(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value[:18])
    return 0


async def _chunks(receive: Receive) -> AsyncIterator[tuple[bytes, bool]]:
    """Give each part of the body and whether more of it is to come."""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _ClientGoneError
        more = message.get("more_body", False)
        yield message.get("body", b""), more


def _replay(body: bytes, receive: Receive) -> Receive:
    given = False

    async def once() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return once


async def _drain(receive: Receive) -> None:
    """Read on, so that a client which is still sending gets to see the answer instead of a reset connection."""
    left = DRAIN_LIMIT_BYTES
    with contextlib.suppress(TimeoutError, _ClientGoneError):
        async with asyncio.timeout(DRAIN_SECONDS):
            async for chunk, _ in _chunks(receive):
                left -= len(chunk)
                if left < 0:
                    return
