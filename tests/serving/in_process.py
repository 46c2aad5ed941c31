"""HTTP against an ASGI application in this process, its start-up and shut-down included."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from starlette.types import ASGIApp, Message


class InProcess:
    """Sends requests through one event loop; errors inside are answers, as with a real server."""

    def __init__(self, app: ASGIApp, runner: asyncio.Runner) -> None:
        self._app = app
        self._runner = runner
        self.headers: dict[str, str] = {}

    def put(self, path: str, **options: Any) -> httpx.Response:
        """Return the answer to a PUT."""
        return self.request("PUT", path, **options)

    def together(self, *requests: tuple[str, str, dict[str, Any]]) -> list[httpx.Response]:
        """Return the answers to requests sent at once."""
        async def send() -> list[httpx.Response]:
            return await asyncio.gather(*(self._request(*each) for each in requests))

        return self._runner.run(send())

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Return the answer to one request."""
        return self._runner.run(self._request(method, path, options))

    def get(self, path: str, **options: Any) -> httpx.Response:
        """Return the answer to a GET."""
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        """Return the answer to a POST."""
        return self.request("POST", path, **options)

    async def _request(self, method: str, path: str, options: dict[str, Any]) -> httpx.Response:
        transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://fenzhen", headers=self.headers) as client:
            return await client.request(method, path, **options)


@contextmanager
def in_process(app: ASGIApp) -> Iterator[InProcess]:
    """Start the application, give a client, shut the application down."""
    with asyncio.Runner() as runner:
        to_app: asyncio.Queue[Message] = asyncio.Queue()
        from_app: asyncio.Queue[Message] = asyncio.Queue()
        runner.get_loop()
        task = runner.get_loop().create_task(_lifespan(app, to_app, from_app))
        try:
            assert runner.run(_exchange(to_app, from_app, "startup")) == "lifespan.startup.complete"
            yield InProcess(app, runner)
        finally:
            runner.run(_exchange(to_app, from_app, "shutdown"))
            runner.run(asyncio.wait_for(task, 10))


async def _lifespan(app: ASGIApp, to_app: "asyncio.Queue[Message]", from_app: "asyncio.Queue[Message]") -> None:
    await app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, to_app.get, from_app.put)


async def _exchange(to_app: "asyncio.Queue[Message]", from_app: "asyncio.Queue[Message]", what: str) -> str:
    await to_app.put({"type": f"lifespan.{what}"})
    message = await asyncio.wait_for(from_app.get(), 10)
    return str(message["type"])
