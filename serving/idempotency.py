"""``Idempotency-Key``: the same request sent again, at once or within a day, is executed once and answered alike.

Predictions run between two short transactions: one takes the turn, one keeps the answer. What is recorded (events,
feedback) takes its turn, writes and keeps its answer in one transaction, see :func:`recorded_once`.
"""

import asyncio
import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fenzhen.store import KeyRecord, Turn, Unit
from serving.access import ROUTE, Access
from serving.body import invalid
from serving.keys import KEY, key_text
from serving.problems import FieldError, ProblemError
from serving.writer import Writer

LEASE_SECONDS = 30.0
WAIT_SECONDS = 5.0
POLL_SECONDS = 0.05
REPLAYED = "Idempotency-Replayed"

_NAME = re.compile(rb"[\x21-\x7e]{1,200}")


@dataclass(frozen=True, slots=True)
class Claim:
    """A request that names an idempotency key; the body is known by an HMAC alone."""

    key_id: str
    name: str
    body_hmac: str

    def begin(self, unit: Unit) -> Turn:
        """Take the request's turn; a 409 if the name stands for another body."""
        turn = unit.begin(self.key_id, self.name, self.body_hmac, lease_seconds=LEASE_SECONDS)
        if turn.kind == "clash":
            raise ProblemError(409, "The Idempotency-Key was used with another body or path.")
        return turn


def claim_of(scope: Scope, body: bytes) -> Claim | None:
    """Return what the request claims, None without an ``Idempotency-Key``; a 422 for one that is no short word."""
    name = next((bytes(value) for key, value in scope["headers"] if key == b"idempotency-key"), None)
    if name is None:
        return None
    if not _NAME.fullmatch(name):
        message = "expected 1 to 200 visible ASCII characters"
        raise invalid([FieldError("Idempotency-Key", "invalid_header", message)])
    record: KeyRecord = scope[KEY]
    target = f"{scope['method']} {scope['path']}?".encode() + scope.get("query_string", b"") + b"\n"
    secret = (key_text(scope) or "").encode()
    return Claim(record.id, name.decode("ascii"), hmac.new(secret, target + body, hashlib.sha256).hexdigest())


async def recorded_once(writer: Writer, request: Request, work: Callable[[Unit], Any]) -> Response:
    """Answer with what ``work`` returns after its commit, or with what was answered to the same claim before."""
    claim = claim_of(request.scope, await request.body())

    def job(unit: Unit) -> tuple[bytes, bool]:
        if claim is None:
            return to_json(work(unit)), False
        turn = claim.begin(unit)
        if turn.kind == "answered":
            return turn.answer, True
        if turn.kind == "running":
            raise _still_running()
        answer = to_json(work(unit))
        if not unit.finish(turn.lease, 200, answer):
            raise _still_running()
        return answer, False

    answer, replayed = await writer.run(job)
    return Response(answer, media_type="application/json", headers={REPLAYED: "true"} if replayed else None)


class PredictOnce:
    """An ASGI layer for the calls of ``paths``; without the store they are answered all the same, each time anew."""

    def __init__(self, app: ASGIApp, writer: Callable[[], Writer], paths: frozenset[str]) -> None:
        self._app = app
        self._writer = writer
        self._paths = paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        row: Access | None = scope.get(ROUTE)
        if row is None or row.path not in self._paths or not _is_named(scope):
            await self._app(scope, receive, send)
            return
        body = await _whole(receive)
        claim = claim_of(scope, body)
        turn = None if claim is None else await self._turn(claim)
        if turn is not None and turn.kind == "answered":
            response = Response(turn.answer, turn.status, {REPLAYED: "true"}, "application/json")
            await response(scope, receive, send)
        else:
            await self._run(scope, _given(body, receive), send, None if turn is None else turn.lease)

    async def _turn(self, claim: Claim) -> Turn | None:
        """Return the turn once it is not another's; None if the store cannot be written."""
        until = asyncio.get_running_loop().time() + WAIT_SECONDS
        while True:
            try:
                turn = await self._writer().run(claim.begin)
            except ProblemError as problem:
                if problem.status == 503:
                    return None
                raise
            if turn.kind != "running":
                return turn
            if asyncio.get_running_loop().time() > until:
                raise _still_running()
            await asyncio.sleep(POLL_SECONDS)

    async def _run(self, scope: Scope, receive: Receive, send: Send, lease: str | None) -> None:
        status, answer = 0, bytearray()

        async def listen(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                answer.extend(message.get("body", b""))
                if lease is not None and not message.get("more_body", False):
                    await self._settle(lease, status, bytes(answer))
            await send(message)

        try:
            await self._app(scope, receive, listen)
        except BaseException:
            if lease is not None and not answer:
                self._writer().later(lambda unit: unit.release(lease))
            raise

    async def _settle(self, lease: str, status: int, answer: bytes) -> None:
        """Keep the answer before it is sent; a failed request gives its turn back."""
        try:
            if status == 200:
                await self._writer().run(lambda unit: unit.finish(lease, status, answer))
            else:
                await self._writer().run(lambda unit: unit.release(lease))
        except ProblemError as problem:
            if problem.status != 503:
                raise


def _is_named(scope: Scope) -> bool:
    return any(name == b"idempotency-key" for name, _ in scope["headers"])


def _still_running() -> ProblemError:
    detail = "The request of this Idempotency-Key is still being executed; ask again."
    return ProblemError(409, detail, headers={"Retry-After": "1"})


async def _whole(receive: Receive) -> bytes:
    body, more = bytearray(), True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return bytes(body)


def _given(body: bytes, receive: Receive) -> Receive:
    left = [{"type": "http.request", "body": body, "more_body": False}]

    async def give() -> Message:
        return left.pop() if left else await receive()

    return give
