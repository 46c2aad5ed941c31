"""The outermost layer, against small applications that misbehave."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.access import PAGE, Access
from serving.guard import Guard
from serving.problems import ProblemError


class OpenGate:
    """Lets everything in and counts what is inside."""

    def __init__(self, limit: int, scope: str = "triage") -> None:
        self._row = Access("POST", "/v1/classify", (scope,), body_limit_bytes=limit)
        self.inside = 0

    async def admit(self, _: Scope) -> Access:
        return self._row

    def enter(self, _: Access) -> None:
        self.inside += 1

    def leave(self) -> None:
        self.inside -= 1


def call(
    app: ASGIApp, messages: list[Message] | Callable[[], Any] = (), *, method: str = "POST",  # type: ignore[assignment]
    headers: list[tuple[bytes, bytes]] | None = None, timeout: float = 5.0, limit: int = 100, needs: str = "triage",
) -> tuple[int, dict[str, str], bytes]:
    """Send one request through the guard and return status, headers and body."""
    sent: list[Message] = []
    waiting = list(messages) if isinstance(messages, (list, tuple)) else []

    async def receive() -> Message:
        if waiting:
            return waiting.pop(0)
        await asyncio.sleep(60)
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {"type": "http", "method": method, "path": "/v1/classify", "headers": headers or []}
    guard = Guard(app, gate=OpenGate(limit, needs), timeout_seconds=timeout)
    asyncio.run(asyncio.wait_for(guard(scope, receive, send), 10))
    if not sent:
        return 0, {}, b""
    found = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
    assert not sent[-1].get("more_body", False)
    return sent[0]["status"], found, b"".join(each.get("body", b"") for each in sent[1:])


def chunk(body: bytes, *, more: bool = False) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


async def echo(_: Scope, receive: Receive, send: Send) -> None:
    message = await receive()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": message["body"]})


def answering(status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> ASGIApp:
    async def app(_: Scope, __: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body[:3], "more_body": True})
        await send({"type": "http.response.body", "body": body[3:]})

    return app


def raising(error: BaseException) -> ASGIApp:
    async def app(_: Scope, __: Receive, ___: Send) -> None:
        raise error

    return app


def test_a_body_arrives_whole_and_the_request_is_named() -> None:
    status, headers, body = call(echo, [chunk(b"ab", more=True), chunk(b"cd")])
    assert (status, body) == (200, b"abcd")
    assert len(headers["x-request-id"]) == 26


def test_the_caller_s_request_id_is_kept_when_it_is_a_plain_word() -> None:
    assert call(echo, [chunk(b"")], headers=[(b"x-request-id", b"desk-1")])[1]["x-request-id"] == "desk-1"
    assert "\n" not in call(echo, [chunk(b"")], headers=[(b"x-request-id", b"a\nb")])[1]["x-request-id"]


def test_a_body_of_exactly_the_limit_passes_and_one_byte_more_is_a_413() -> None:
    assert call(echo, [chunk(b"x" * 100)])[0] == 200
    status, headers, body = call(echo, [chunk(b"x" * 60, more=True), chunk(b"x" * 41, more=True), chunk(b"x" * 9)])
    assert (status, headers["connection"]) == (413, "close")
    assert json.loads(body)["type"] == "urn:fenzhen:problem:body-too-large"


@pytest.mark.parametrize("length", [b"101", b"9" * 4000])
def test_an_announced_length_beyond_the_limit_is_refused_at_once(length: bytes) -> None:
    assert call(echo, [chunk(b"x" * 101)], headers=[(b"content-length", length)])[0] == 413


@pytest.mark.parametrize("length", [b"1", b"-5", b"many", b"\xb2"])
def test_a_lying_content_length_does_not_lift_the_limit(length: bytes) -> None:
    assert call(echo, [chunk(b"x" * 101)], headers=[(b"content-length", length)])[0] == 413


def test_a_body_that_does_not_arrive_is_a_408() -> None:
    assert call(echo, [chunk(b"x", more=True)], timeout=0.05)[0] == 408


def test_a_client_that_goes_away_is_not_answered() -> None:
    assert call(echo, [chunk(b"x", more=True), {"type": "http.disconnect"}])[0] == 0


def test_an_exception_inside_is_answered_at_once_and_logged_without_its_message(
    caplog: pytest.LogCaptureFixture,
) -> None:
    status, headers, body = call(raising(RuntimeError("打印机卡纸")), [chunk(b"")])
    assert (status, headers["content-type"]) == (500, "application/problem+json")
    assert json.loads(body)["request_id"] == headers["x-request-id"]
    assert "卡纸" not in caplog.text + body.decode()
    assert caplog.records[-1].facts["error"] == "RuntimeError"  # type: ignore[attr-defined]


def test_a_problem_raised_anywhere_is_answered_as_it_is() -> None:
    status, headers, body = call(raising(ProblemError(503, "no champion")), [chunk(b"")])
    assert (status, json.loads(body)["detail"]) == (503, "no champion")
    assert headers["retry-after"].isdigit()


def test_an_answer_that_takes_too_long_is_a_504() -> None:
    async def slow(_: Scope, __: Receive, ___: Send) -> None:
        await asyncio.sleep(60)

    assert call(slow, [chunk(b"")], timeout=0.05)[0] == 504


def test_an_exception_after_the_answer_began_does_not_start_another() -> None:
    async def torn(_: Scope, __: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half"})
        raise RuntimeError

    assert call(torn, [chunk(b"")])[::2] == (200, b"half")


def test_foreign_errors_get_our_shape_and_keep_their_meaning() -> None:
    theirs = [(b"content-type", b"text/plain"), (b"allow", b"POST"), (b"content-length", b"18")]
    status, headers, body = call(answering(405, theirs, b"Method Not Allowed"), method="GET")
    assert (status, headers["allow"], headers["content-type"]) == (405, "POST", "application/problem+json")
    assert int(headers["content-length"]) == len(body)


def test_problems_and_successes_pass_unchanged() -> None:
    ours = [(b"content-type", b"application/problem+json")]
    assert call(answering(404, ours, b'{"own": 1}'), method="GET")[2] == b'{"own": 1}'
    assert call(answering(200, [], b"plain"), method="GET")[2] == b"plain"


def test_a_page_shows_its_errors_itself() -> None:
    theirs = [(b"content-type", b"text/html")]
    assert call(answering(404, theirs, b"<p>nothing</p>"), method="GET", needs=PAGE)[::2] == (404, b"<p>nothing</p>")


def test_a_web_socket_is_closed() -> None:
    sent: list[Message] = []

    async def run() -> None:
        async def receive() -> Message:
            return {"type": "websocket.connect"}

        async def send(message: Message) -> None:
            sent.append(message)

        await Guard(echo, gate=OpenGate(1), timeout_seconds=1)({"type": "websocket"}, receive, send)

    asyncio.run(run())
    assert sent == [{"type": "websocket.close", "code": 1008}]


@pytest.mark.parametrize("messages", [[chunk(b"ok")], [chunk(b"x" * 101)], [{"type": "http.disconnect"}]])
def test_whatever_happens_a_request_is_counted_out(messages: list[Message]) -> None:
    gate = OpenGate(100)

    async def run() -> None:
        async def receive() -> Message:
            return messages[0]

        async def send(_: Message) -> None: ...

        scope: Scope = {"type": "http", "method": "POST", "path": "/", "headers": []}
        await Guard(echo, gate=gate, timeout_seconds=1)(scope, receive, send)

    asyncio.run(run())
    assert gate.inside == 0
