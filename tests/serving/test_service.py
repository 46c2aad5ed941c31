"""The prediction calls over HTTP, in this process: shapes of answers and of every error."""

from typing import Any

import httpx
import pytest

from serving.champions import Snapshot
from tests.serving.application import Desk, problem, running_desk

TICKET = {"id": "T-1", "subject": "打印机卡纸", "body": "三楼的打印机每打两页就卡纸"}


def classify(desk: Desk, body: Any) -> httpx.Response:
    return desk.post("/v1/classify", body)


def test_a_ticket_is_classified_in_the_one_shape(desk: Desk) -> None:
    response = classify(desk, {"ticket": TICKET, "options": {"explain": True, "top_k": 2}})
    assert response.status_code == 200
    answer = response.json()
    assert set(answer) == {"prediction_id", "ticket_id", "predictions", "warnings", "latency_ms"}
    category = answer["predictions"]["category"]
    assert (answer["ticket_id"], category["status"], category["value"]) == ("T-1", "ok", "硬件故障")
    assert category["model"] == "ticket_category/1"
    assert category["thresholds"] == {"auto": 0.99, "suggest": 0.4}
    assert len(category["alternatives"]) == 2
    reason = category["reasons"][0]
    assert "打印" in TICKET[reason["field"]][reason["start"] : reason["end"]] or reason["weight"] > 0


def test_an_empty_ticket_abstains(desk: Desk) -> None:
    answer = classify(desk, {"ticket": {"body": ""}}).json()
    assert answer["predictions"]["category"]["value"] is None
    assert answer["predictions"]["category"]["decision"] == "abstain"
    assert answer["warnings"] == ["empty_text"]


def test_long_texts_are_answered_with_a_warning(desk: Desk) -> None:
    answer = classify(desk, {"ticket": {"subject": "网速慢", "body": "网" * 100_000}}).json()
    assert answer["warnings"] == ["body_truncated"]


def test_a_known_field_without_champion_is_unavailable(desk: Desk) -> None:
    answer = classify(desk, {"ticket": TICKET, "options": {"fields": ["sentiment"]}}).json()
    assert answer["predictions"] == {"sentiment": {"status": "unavailable", "code": "no_champion"}}


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"ticket": TICKET, "options": {"fields": ["category", "colour"]}}, "$.options.fields[1]"),
        ({"ticket": TICKET, "assignees": []}, "$.assignees"),
        ({"ticket": {**TICKET, "priority": "high"}}, "$.ticket.priority"),
        ({"ticket": {"id": "T-1"}}, "$.ticket"),
        ({}, "$.ticket"),
        ({"ticket": {**TICKET, "created_at": "2026-11-21T09:00:00"}}, "$.ticket.created_at"),
        ({"ticket": TICKET, "options": {"top_k": 0}}, "$.options.top_k"),
        ([TICKET], "$"),
    ],
)
def test_json_of_another_shape_is_a_422_with_its_path(desk: Desk, body: Any, path: str) -> None:
    found = problem(classify(desk, body), 422)
    assert [each["path"] for each in found["errors"]] == [path]


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff", b'{"ticket": NaN}', b'{"a":1,"a":2}', b'{"a":"\\udead"}', b"[" * 500_000]
)
def test_what_is_not_json_is_a_400(desk: Desk, content: bytes) -> None:
    problem(desk.client.post("/v1/classify", content=content, headers={"content-type": "application/json"}), 400)


def test_a_form_is_a_415(desk: Desk) -> None:
    problem(desk.client.post("/v1/classify", data={"ticket": "打印机"}), 415)


def test_a_pickle_is_a_415(desk: Desk) -> None:
    headers = {"content-type": "application/vnd.bentoml+pickle"}
    problem(desk.client.post("/v1/classify", content=b"\x80\x04N.", headers=headers), 415)


@pytest.mark.parametrize("path", ["/v2/classify", "/v1/nothing", "/v1/classify/", "/v1/models/", "/%ff", "/v1"])
def test_an_unknown_path_is_a_404(desk: Desk, path: str) -> None:
    problem(desk.get(path), 404)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("GET", "/v1/classify", "POST"), ("POST", "/v1/models", "GET"), ("DELETE", "/livez", "GET")],
)
def test_a_wrong_method_is_a_405_that_names_the_right_one(
    desk: Desk, method: str, path: str, allowed: str
) -> None:
    response = desk.client.request(method, path)
    problem(response, 405)
    assert allowed in response.headers["allow"]


def test_a_body_beyond_one_mebibyte_is_a_413(desk: Desk) -> None:
    problem(classify(desk, {"ticket": {"subject": "", "body": "x" * 1024 * 1024}}), 413)


def test_health_and_readiness_are_open(desk: Desk) -> None:
    assert desk.get("/livez").status_code == 200
    assert desk.get("/readyz").status_code == 200


def test_models_and_taxonomy_are_mounted_beside_the_prediction_call(desk: Desk) -> None:
    assert desk.get("/v1/models").json()["models"][0]["version"] == 1
    values = desk.get("/v1/taxonomy").json()["fields"][0]["values"]
    assert {each["value"] for each in values} == {"硬件故障", "网络问题", "软件问题"}


def test_bentoml_s_clients_find_the_call(desk: Desk) -> None:
    routes = desk.get("/schema.json").json()["routes"]
    assert {(each["name"], each["route"], each["input"]["root_input"]) for each in routes} == {
        ("classify", "/v1/classify", True), ("triage", "/v1/triage", True),
        ("triage_batch", "/v1/triage/batch", True), ("route", "/v1/route", True), ("assign", "/v1/assign", True),
    }


def test_without_a_champion_calls_and_readiness_are_a_503_with_retry_after(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk.worker.watcher, "snapshot", Snapshot())
    for response in (classify(desk, {"ticket": TICKET}), desk.get("/readyz")):
        assert "no champion" in problem(response, 503)["detail"]
        assert int(response.headers["retry-after"]) > 0
    assert desk.get("/livez").status_code == 200
    assert desk.get("/v1/models").status_code == 200


def test_a_fault_inside_is_a_500_without_the_ticket(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("打印机卡纸")

    monkeypatch.setattr("serving.service.answer_many", broken)
    found = problem(classify(desk, {"ticket": TICKET}), 500)
    assert "卡纸" not in str(found) + caplog.text


def test_metrics_and_documentation_can_be_switched_off(tmp_path: Any) -> None:
    with running_desk(tmp_path, FENZHEN_DOCS="off", FENZHEN_METRICS="off") as desk:
        for path in ("/docs.json", "/docs", "/", "/static_content/index.css", "/schema.json", "/metrics"):
            problem(desk.get(path), 404)


def test_triage_answers_every_field_that_is_served(desk: Desk) -> None:
    found = desk.post("/v1/triage", {"ticket": TICKET}).json()
    assert found["predictions"]["category"]["value"] == "硬件故障"
    asked = {"ticket": TICKET, "options": {"fields": ["category", "priority"]}}
    both = desk.post("/v1/triage", asked).json()["predictions"]
    assert both["priority"] == {"status": "unavailable", "code": "no_champion"}
    assert list(both) == ["category", "priority"]


@pytest.mark.parametrize("path", ["/v1/classify", "/v1/triage"])
def test_a_flat_answer_is_one_flat_object(desk: Desk, path: str) -> None:
    body = {"ticket": TICKET, "options": {"fields": ["category", "priority"], "explain": True}}
    found = desk.post(f"{path}?shape=flat", body).json()
    assert not any(isinstance(value, (dict, list)) for value in found.values())
    assert (found["category"], found["category_decision"]) == ("硬件故障", "suggest")
    assert (found["priority"], found["priority_code"]) == (None, "no_champion")
    assert found["category_alternative_1"] in {"网络问题", "软件问题"}
    assert problem(desk.post(f"{path}?shape=round", body), 422)["errors"][0]["path"] == "shape"


@pytest.mark.parametrize("text", ["\u0000", "a" * 201])
def test_ids_that_databases_cannot_hold_are_a_422(desk: Desk, text: str) -> None:
    problem(classify(desk, {"ticket": {"id": text, "subject": "x"}}), 422)
