"""How the demo asks: with the first key, all tickets at once; what is refused is told."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from fenzhen.errors import FenzhenError
from fenzhen.settings import read_settings
from fenzhen.store import open_store
from serving.demo.asking import PAGE_SCOPES, Service, answers, borrowed, first_key, key_file, page_key, served


class Desk(BaseHTTPRequestHandler):
    """Answers what it is told to and keeps what it was asked."""

    status: ClassVar[int] = 200
    said: ClassVar[dict[str, Any]] = {}
    asked: ClassVar[list[tuple[str, str | None, Any]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.asked.append((self.path, self.headers["Authorization"], json.loads(body) if body else None))
        content = json.dumps(self.said).encode()
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST  # noqa: N815

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """A service that answers whatever :class:`Desk` is set to."""
    monkeypatch.setattr(Desk, "asked", [])
    with HTTPServer(("127.0.0.1", 0), Desk) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield Service(f"http://127.0.0.1:{server.server_port}", "fz_1")
        server.shutdown()
        thread.join()


def test_all_tickets_are_asked_about_at_once_with_the_key(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    given = [{"prediction_id": "01"}, {"prediction_id": "02"}]
    monkeypatch.setattr(Desk, "said", {"items": [{"status": "ok", "answer": each} for each in given]})
    assert answers(service, [{"id": "T-1"}, {"id": "T-2"}], [{"id": "a1"}]) == given
    (path, authorization, body), = Desk.asked
    assert (path, authorization) == ("/v1/triage/batch", "Bearer fz_1")
    assert body["items"] == [{"ticket": {"id": "T-1"}}, {"ticket": {"id": "T-2"}}]
    assert body["assignees"] == [{"id": "a1"}]


def test_a_refusal_is_told_without_the_key(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Desk, "status", 401)
    monkeypatch.setattr(Desk, "said", {"detail": "The key is unknown, expired or revoked."})
    with pytest.raises(FenzhenError, match=r"answered 401 to /v1/models: .*unknown, expired or revoked") as refusal:
        service.call("/v1/models")
    assert "fz_1" not in str(refusal.value)


def test_served_waits_for_a_service_that_does_not_listen_yet(tmp_path: Path) -> None:
    assert not served(Service("http://127.0.0.1:9", "fz_1"), tmp_path)


def test_the_first_key_is_read_from_its_file(tmp_path: Path) -> None:
    with pytest.raises(FenzhenError, match=r"expected the first key in .*fenzhen keys create --scopes triage,feedback"):
        first_key(tmp_path)
    key_file(tmp_path).parent.mkdir()
    key_file(tmp_path).write_text("fz_1\n")
    assert first_key(tmp_path) == "fz_1"


def test_the_borrowed_key_is_revoked_after_use(tmp_path: Path) -> None:
    with borrowed(Service("http://127.0.0.1:9", "fz_1"), tmp_path) as desk, open_store(store_url(tmp_path)) as store:
        assert desk.key != "fz_1"
        key, = store.keys()
        assert (set(key.scopes), key.revoked_at, key.expires_at is not None) == ({"events", "admin"}, None, True)
    with open_store(store_url(tmp_path)) as store:
        assert store.keys()[0].revoked_at is not None


def test_the_key_for_pages_lies_in_a_secret_file_as_long_as_it_opens_them(tmp_path: Path) -> None:
    path = key_file(tmp_path.resolve()).with_name("demo_key")
    with page_key(Service("http://127.0.0.1:9", "fz_1"), tmp_path) as reader:
        assert (path.read_text().strip(), path.stat().st_mode & 0o777) == (reader.key, 0o600)
        with open_store(store_url(tmp_path)) as store:
            assert set(store.keys()[0].scopes) == set(PAGE_SCOPES)
    assert not path.exists()
    with open_store(store_url(tmp_path)) as store:
        assert store.keys()[0].revoked_at is not None


def store_url(workspace: Path) -> str:
    return read_settings(workspace.resolve(), {}).store_url
