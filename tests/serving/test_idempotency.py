"""``Idempotency-Key``."""

from typing import Any

import httpx
import pytest

from tests.serving.application import Desk, problem

TICKET = {"ticket": {"id": "I-1", "subject": "打印机卡纸"}}
EVENT = {"ticket_id": "I-2", "event": "closed", "at": "2026-11-20T11:30:00+08:00"}


def post(desk: Desk, name: str, body: Any, path: str = "/v1/triage") -> httpx.Response:
    return desk.post(path, body, headers={"Idempotency-Key": name})


@pytest.mark.parametrize(("path", "body"), [
    ("/v1/triage", TICKET), ("/v1/classify", TICKET), ("/v1/triage/batch", {"items": [TICKET]}), ("/v1/events", EVENT),
])
def test_the_same_request_gets_the_same_answer(desk: Desk, path: str, body: Any) -> None:
    first, second = (post(desk, f"same{path}", body, path) for _ in range(2))
    assert (first.status_code, first.content) == (200, second.content)
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert second.headers["content-type"] == "application/json"


@pytest.mark.parametrize("path", ["/v1/triage", "/v1/events"])
def test_another_body_or_path_under_the_same_name_is_a_409(desk: Desk, path: str) -> None:
    body = TICKET if path == "/v1/triage" else EVENT
    assert post(desk, f"clash{path}", body, path).status_code == 200
    problem(post(desk, f"clash{path}", {**body, "x": 1}, path), 422 if path == "/v1/events" else 409)
    other = {"ticket": {"subject": "y"}} if path == "/v1/triage" else {**EVENT, "event": "reopened"}
    problem(post(desk, f"clash{path}", other, path), 409)
    problem(post(desk, f"clash{path}", body, path + "?shape=flat"), 409)


def test_another_key_has_names_of_its_own(desk: Desk) -> None:
    first = post(desk, "mine", TICKET).json()
    other = {"Authorization": f"Bearer {desk.store.create_key(['triage']).text}", "Idempotency-Key": "mine"}
    assert desk.post("/v1/triage", TICKET, headers=other).json()["prediction_id"] != first["prediction_id"]


def test_a_refused_request_does_not_use_its_name_up(desk: Desk) -> None:
    problem(post(desk, "again", {"ticket": {}}), 422)
    assert post(desk, "again", TICKET).status_code == 200


@pytest.mark.parametrize("path", ["/v1/triage", "/v1/events"])
def test_at_once_it_is_executed_once(desk: Desk, path: str) -> None:
    body = TICKET if path == "/v1/triage" else {**EVENT, "ticket_id": "I-3"}
    request = ("POST", path, {"json": body, "headers": {"Idempotency-Key": f"race{path}"}})
    found = desk.client.together(*[request] * 20)
    assert {each.status_code for each in found} == {200}
    assert len({each.content for each in found}) == 1
    assert sum("idempotency-replayed" not in each.headers for each in found) == 1


def test_at_once_with_another_body_one_wins(desk: Desk) -> None:
    requests: list[Any] = [
        ("POST", "/v1/triage", {"json": {"ticket": {"subject": f"{index % 2}"}}, "headers": {"Idempotency-Key": "two"}})
        for index in range(10)
    ]
    statuses = [each.status_code for each in desk.client.together(*requests)]
    assert sorted(statuses) == [200] * 5 + [409] * 5


@pytest.mark.parametrize("name", ["", "a" * 201, "two words"])
def test_a_name_that_is_no_short_word_is_a_422(desk: Desk, name: str) -> None:
    problem(post(desk, name, TICKET), 422)


def test_the_store_keeps_no_text_of_the_request(desk: Desk) -> None:
    post(desk, "secret", {"ticket": {"subject": "请勿保存的内容"}})
    path = desk.worker.config.state_dir
    assert not any("请勿保存".encode() in file.read_bytes() for file in path.glob("store.db*"))
