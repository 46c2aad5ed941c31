"""The whole application in this process, over a workspace with a store, keys and one fitted champion."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from fenzhen.exports import Exports
from fenzhen.store import SCOPES, Store, open_store
from serving.worker import Worker
from tests.serving.fitted import publish_fitted
from tests.serving.in_process import InProcess, in_process

PROBLEM = "application/problem+json"


@dataclass
class Desk:
    """A running application, its store and exports, and a key for everything."""

    client: InProcess
    worker: Worker
    store: Store
    exports: Exports
    key: str

    def post(self, path: str, body: Any = None, **options: Any) -> httpx.Response:
        """Return the answer to a body as JSON."""
        return self.client.post(path, json=body, **options)

    def get(self, path: str, **options: Any) -> httpx.Response:
        """Return the answer to a GET."""
        return self.client.get(path, **options)

    def look(self) -> None:
        """See what has changed at once."""
        self.worker.controls.look()
        self.worker.watcher.look()


@contextlib.contextmanager
def running_desk(workspace: Path, **environment: str) -> Iterator[Desk]:
    """Start the application over ``workspace``; its threads that look for changes are stopped, tests look."""
    from serving.service import Service, current_worker

    with pytest.MonkeyPatch.context() as patch:
        settings = {"FENZHEN_WORKSPACE": str(workspace), "BENTOML_HOME": str(workspace / "bentoml"), **environment}
        for name, value in settings.items():
            patch.setenv(name, value)
        patch.setattr("serving.service.configure_logs", lambda: None)
        exports = Exports(workspace / ".fenzhen" / "exports")
        if not (exports.root / "champions.json").exists():
            publish_fitted(exports, 1, workspace / "scratch")
        url = environment.get("FENZHEN_STORE_URL", f"sqlite:///{workspace}/.fenzhen/store.db")
        with open_store(url) as store, in_process(Service.to_asgi()) as client:  # type: ignore[attr-defined]
            worker: Worker = current_worker()
            worker.watcher.stop()
            worker.controls.stop()
            key = store.create_key(SCOPES, name="all").text
            client.headers = {"Authorization": f"Bearer {key}"}
            desk = Desk(client, worker, store, exports, key)
            desk.look()
            yield desk


def problem(response: httpx.Response, status: int) -> dict[str, Any]:
    """Return the problem that a response holds, having checked its shape."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == PROBLEM
    found: dict[str, Any] = response.json()
    assert found["status"] == status
    assert found["request_id"] == response.headers["x-request-id"]
    return found
