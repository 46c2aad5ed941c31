"""One real server on 127.0.0.1 through its life: no champion, the first, a swap, a broken one, a vanished folder."""

import asyncio
import shutil
import signal
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import bentoml
import httpx
import pytest

from fenzhen.exports import Exports
from tests.serving.fakes import flip_byte
from tests.serving.fitted import publish_fitted
from tests.serving.server import Server, running_server

TICKET = {"ticket": {"subject": "打印机卡纸了"}}
SECRET = "请勿记录的工单内容"


def until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


class Clients:
    """Threads that classify without pause and keep every status and model that they saw."""

    def __init__(self, server: Server, count: int) -> None:
        self.statuses: dict[int, int] = {}
        self.models: set[str] = set()
        self.decisions: set[str] = set()
        self.answered: list[str] = []
        self.torn: list[str] = []
        self._server = server
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._run) for _ in range(count)]

    def __enter__(self) -> "Clients":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        with httpx.Client(timeout=15, verify=False, headers=self._server.headers) as client:
            while not self._stopped.is_set():
                try:
                    response = client.post(f"{self._server.url}/v1/classify", json=TICKET)
                except httpx.TransportError as error:
                    self.torn.append(type(error).__name__)
                    return
                with self._lock:
                    self.statuses[response.status_code] = self.statuses.get(response.status_code, 0) + 1
                    if response.status_code == 200:
                        self.models.add(response.json()["predictions"]["category"]["model"])
                        self.decisions.add(response.json()["predictions"]["category"]["decision"])
                        self.answered.append(response.json()["prediction_id"])


def test_a_server_through_its_life(tmp_path: Path) -> None:
    exports = Exports(tmp_path / ".fenzhen" / "exports")
    with running_server(tmp_path, "--workers", "2") as server:
        nothing_is_open_but_health(server)
        it_answers_503_until_a_champion_is_published(server, exports, tmp_path)
        bentoml_s_client_and_bad_input_get_answers(server)
        a_swap_fails_no_request(server, exports, tmp_path)
        the_kill_switch_stops_both_workers(server)
        a_key_that_is_revoked_stops_within_seconds(server)
        one_of_many_at_once_is_executed(server)
        what_one_worker_answers_the_other_takes_feedback_on(server)
        a_corrupted_artefact_is_refused(server, exports, tmp_path)
        a_folder_that_vanishes_stops_nothing(server, exports)
        metrics_stay_bounded(server)
        sigterm_under_load_answers_all_that_was_accepted(server)
        what_was_answered_is_in_the_store(server)
        the_log_is_json_without_tickets(server)


def it_answers_503_until_a_champion_is_published(server: Server, exports: Exports, scratch: Path) -> None:
    response = server.wait_for("/readyz", 503)
    assert response.headers["content-type"] == "application/problem+json"
    assert server.wait_for("/livez", 200)
    refused = classify(server)
    assert (refused.status_code, refused.headers["retry-after"].isdigit()) == (503, True)
    publish_fitted(exports, 1, scratch)
    both_swap_to(server, 1)
    assert server.wait_for("/readyz", 200)


def bentoml_s_client_and_bad_input_get_answers(server: Server) -> None:
    with bentoml.SyncHTTPClient(server.url, token=server.key) as client:
        answer = client.classify({"ticket": {"id": 7, "subject": "无线网连不上"}})
        client._temp_dir.cleanup()  # BentoML leaves it to the garbage collector
    assert (answer["ticket_id"], answer["predictions"]["category"]["value"]) == ("7", "网络问题")
    for content in (b"x" * 10_000_000, (b"x" * 65_536 for _ in range(160))):
        assert server.request("POST", "/v1/classify", content=content).status_code == 413
    secret = {"ticket": {"subject": [SECRET], "created_at": SECRET}}
    assert server.request("POST", "/v1/classify", json=secret).status_code == 422


def a_swap_fails_no_request(server: Server, exports: Exports, scratch: Path) -> None:
    with Clients(server, 4) as clients:
        for version in (2, 3):
            publish_fitted(exports, version, scratch)
            both_swap_to(server, version)
        until(lambda: "ticket_category/3" in clients.models)
    assert set(clients.statuses) == {200}
    assert sum(clients.statuses.values()) > 20


def a_corrupted_artefact_is_refused(server: Server, exports: Exports, scratch: Path) -> None:
    named = exports.root / "champions.json"
    before = named.read_text(encoding="utf-8")
    aside = Exports(scratch / "aside")
    broken = publish_fitted(aside, 4, scratch)
    flip_byte(broken.folder / "weights.npy")
    shutil.copytree(broken.folder, exports.root / "ticket_category" / "4")
    named.write_text((aside.root / "champions.json").read_text(encoding="utf-8"), encoding="utf-8")
    until(lambda: server.told("champion refused", version="4") == 2)
    refused = server.models()["refused"][0]
    assert (refused["version"], "SHA-256" in refused["reason"]) == (4, True)
    assert model(server) == "ticket_category/3"
    named.write_text(before, encoding="utf-8")


def a_folder_that_vanishes_stops_nothing(server: Server, exports: Exports) -> None:
    told = server.told("exported champions unreadable")
    shutil.rmtree(exports.root)
    until(lambda: server.told("exported champions unreadable") >= told + 2)
    assert server.models()["problem"]
    assert model(server) == "ticket_category/3"
    assert server.wait_for("/readyz", 200)


def metrics_stay_bounded(server: Server) -> None:
    before = metric_lines(server)
    with httpx.Client(verify=False) as client:
        for index in range(200):
            client.get(f"{server.url}/{index}")
    assert metric_lines(server) <= before + 40
    assert 'fenzhen_requests_total{method="GET",route="unmatched",status="404"} 200.0' in metrics(server)


def nothing_is_open_but_health(server: Server) -> None:
    server.wait_for("/livez", 200)
    for path in ("/v1/models", "/v1/taxonomy", "/v1/modes", "/metrics"):
        assert httpx.get(server.url + path, trust_env=False).status_code == 401


def the_kill_switch_stops_both_workers(server: Server) -> None:
    with Clients(server, 4) as clients:
        until(lambda: "suggest" in clients.decisions)
        change = {"mode": "off", "reason": "误分类投诉", "actor": "值班"}
        assert server.request("PUT", "/v1/modes/*", json=change).status_code == 200
        until(lambda: newly_decided(clients) == {"abstain"})
        until(lambda: {decision(server) for _ in range(10)} == {"abstain"})
    assert set(clients.statuses) == {200}
    assert server.store.ledger()[-1].actor == "值班"
    assert server.request("PUT", "/v1/modes/*", json={**change, "mode": "default"}).status_code == 200
    until(lambda: {decision(server) for _ in range(10)} == {"suggest"}, 3)


def newly_decided(clients: Clients, answers: int = 40) -> set[str]:
    """Return the decisions of the next answers."""
    clients.decisions.clear()
    before = len(clients.answered)
    until(lambda: len(clients.answered) >= before + answers)
    return set(clients.decisions)


def a_key_that_is_revoked_stops_within_seconds(server: Server) -> None:
    made = server.store.create_key(["triage"])
    headers = {"X-API-Key": made.text}

    def statuses() -> set[int]:
        ask = partial(httpx.post, f"{server.url}/v1/classify", json=TICKET, headers=headers, trust_env=False)
        return {ask().status_code for _ in range(8)}

    assert statuses() == {200}
    server.store.revoke_key(made.record.id)
    until(lambda: statuses() == {401}, 3)


def one_of_many_at_once_is_executed(server: Server) -> None:
    headers = {**server.headers, "Idempotency-Key": "one"}

    async def ask() -> list[httpx.Response]:
        async with httpx.AsyncClient(timeout=15, verify=False, trust_env=False, headers=headers) as client:
            return await asyncio.gather(*(client.post(f"{server.url}/v1/triage", json=TICKET) for _ in range(24)))

    found = asyncio.run(ask())
    assert {each.status_code for each in found} == {200}
    assert len({each.content for each in found}) == 1
    assert sum("idempotency-replayed" not in each.headers for each in found) == 1


def what_one_worker_answers_the_other_takes_feedback_on(server: Server) -> None:
    for _ in range(10):  # each over a connection of its own, so that both workers are asked
        answer = server.request("POST", "/v1/triage", json=TICKET).json()
        told = {"prediction_id": answer["prediction_id"], "field": "category", "verdict": "accepted"}
        assert server.request("POST", "/v1/feedback", json=told).status_code == 200


def sigterm_under_load_answers_all_that_was_accepted(server: Server) -> None:
    """A connection that is closed before an answer began was never read from."""
    with Clients(server, 8) as clients:
        until(lambda: len(clients.answered) > 50)
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(20)
    assert set(clients.statuses) == {200}
    assert set(clients.torn) <= {"ConnectError", "RemoteProtocolError", "ReadError"}
    server.answered = clients.answered
    with pytest.raises(httpx.TransportError):
        server.request("GET", "/livez")


def what_was_answered_is_in_the_store(server: Server) -> None:
    assert all(server.store.prediction(each) is not None for each in server.answered)


def the_log_is_json_without_tickets(server: Server) -> None:
    text = server.log.read_text(encoding="utf-8")
    assert "卡纸" not in text
    assert SECRET not in text
    assert all(line.startswith("{") for line in text.splitlines()[2:]), text


def both_swap_to(server: Server, version: int) -> None:
    until(lambda: server.told("champion swapped", to=f"ticket_category/{version}") == 2)


def classify(server: Server) -> httpx.Response:
    return server.request("POST", "/v1/classify", json=TICKET)


def decision(server: Server) -> Any:
    return classify(server).json()["predictions"]["category"]["decision"]


def model(server: Server) -> Any:
    return classify(server).json()["predictions"]["category"]["model"]


def metrics(server: Server) -> str:
    return server.request("GET", "/metrics").text


def metric_lines(server: Server) -> int:
    return len(metrics(server).splitlines())
