"""Somebody at a page: a client that keeps cookies, sends forms as browsers do, and reads what is shown."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from typing import Any

import httpx

from tests.serving.application import Desk

ORIGIN = "http://fenzhen"


class Shown(HTMLParser):
    """A page as read by a browser: its text, what is marked, the values of its fields and every address."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text: list[str] = []
        self.marked: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        self.text.append(data)
        if "mark" in self._open:
            self.marked.append(data)

    def value(self, name: str) -> str:
        """Return the value of the first field of a name."""
        return str(next(found["value"] for _, found in self.tags if found.get("name") == name))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of every element of a kind."""
        return [found for name, found in self.tags if name == tag]


@dataclass
class Visitor:
    """A browser without JavaScript, at a desk."""

    desk: Desk
    cookies: dict[str, str] = field(default_factory=dict)
    language: str = "zh-CN"

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Return a page."""
        return self._send("GET", path, headers)

    def post(self, path: str, sent: dict[str, str], *, origin: str | None = ORIGIN, **options: Any) -> httpx.Response:
        """Return the answer to a form."""
        headers = {} if origin is None else {"Origin": origin}
        return self._send("POST", path, {**headers, **options.pop("headers", {})}, data=sent, **options)

    def sign_in(self, key: str) -> httpx.Response:
        """Sign in with a key."""
        return self.post("/app/sign-in", {"key": key})

    def _send(self, method: str, path: str, headers: dict[str, str], **options: Any) -> httpx.Response:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        kept = self.desk.client.headers
        self.desk.client.headers = {}
        try:
            sent = {"Cookie": cookie, "Accept-Language": self.language, **headers}
            answer = self.desk.client.request(method, path, headers=sent, **options)
        finally:
            self.desk.client.headers = kept
        for line in answer.headers.get_list("set-cookie"):
            for name, morsel in SimpleCookie(line).items():
                self.cookies.pop(name, None)
                if morsel["max-age"] != "0":
                    self.cookies[name] = morsel.value
        return answer


def shown(response: httpx.Response, status: int = 200) -> Shown:
    """Return a page, having checked that it is one."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"].startswith("text/html")
    return Shown(response.text)
