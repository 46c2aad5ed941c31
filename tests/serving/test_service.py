"""The HTTP surface, in this process: shapes of answers and of every error."""

from collections.abc import Iterator
from typing import Any

import bentoml
import httpx
import pytest
from starlette.types import ASGIApp

from fenzhen.exports import Exports
from serving.champions import Snapshot
from serving.service import Service
from tests.serving.fitted import publish_fitted
from tests.serving.in_process import InProcess, in_process

TICKET = {"id": "T-1", "subject": "打印机卡纸", "body": "三楼的打印机每打两页就卡纸"}
PROBLEM = "application/problem+json"


@pytest.fixture(scope="module")
def module_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exports]:
    """A workspace whose exports folder is still empty."""
    workspace = tmp_path_factory.mktemp("workspace")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FENZHEN_WORKSPACE", str(workspace))
        patch.setenv("BENTOML_HOME", str(workspace / "bentoml"))
        patch.setenv("FENZHEN_METRICS", "off")
        patch.setattr("serving.service.configure_logs", lambda: None)
        yield Exports(workspace / ".fenzhen" / "exports")


@pytest.fixture(scope="module")
def client(module_environment: Exports, tmp_path_factory: pytest.TempPathFactory) -> Iterator[InProcess]:
    """The whole application with one champion."""
    publish_fitted(module_environment, 1, tmp_path_factory.mktemp("scratch"))
    with in_process(application()) as found:
        watcher = bentoml.get_current_service().watcher
        watcher.stop()
        watcher.look()
        yield found


def application() -> ASGIApp:
    """Return what a worker of ``bentoml serve`` runs."""
    found: ASGIApp = Service.to_asgi()  # type: ignore[attr-defined]
    return found


def classify(client: InProcess, body: Any) -> httpx.Response:
    return client.post("/v1/classify", json=body)


def problem(response: httpx.Response, status: int) -> dict[str, Any]:
    assert response.headers["content-type"] == PROBLEM
    found: dict[str, Any] = response.json()
    assert response.status_code == found["status"] == status
    assert found["request_id"] == response.headers["x-request-id"]
    return found


def test_a_ticket_is_classified_in_the_one_shape(client: InProcess) -> None:
    response = classify(client, {"ticket": TICKET, "options": {"explain": True, "top_k": 2}})
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


def test_an_empty_ticket_abstains(client: InProcess) -> None:
    answer = classify(client, {"ticket": {"body": ""}}).json()
    assert answer["predictions"]["category"]["value"] is None
    assert answer["predictions"]["category"]["decision"] == "abstain"
    assert answer["warnings"] == ["empty_text"]


def test_long_texts_are_answered_with_a_warning(client: InProcess) -> None:
    answer = classify(client, {"ticket": {"subject": "网速慢", "body": "网" * 100_000}}).json()
    assert answer["warnings"] == ["body_truncated"]


def test_a_known_field_without_champion_is_unavailable(client: InProcess) -> None:
    answer = classify(client, {"ticket": TICKET, "options": {"fields": ["sentiment"]}}).json()
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
def test_json_of_another_shape_is_a_422_with_its_path(client: InProcess, body: Any, path: str) -> None:
    found = problem(classify(client, body), 422)
    assert [each["path"] for each in found["errors"]] == [path]


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff", b'{"ticket": NaN}', b'{"a":1,"a":2}', b'{"a":"\\udead"}', b"[" * 500_000]
)
def test_what_is_not_json_is_a_400(client: InProcess, content: bytes) -> None:
    problem(client.post("/v1/classify", content=content, headers={"content-type": "application/json"}), 400)


def test_a_form_is_a_415(client: InProcess) -> None:
    problem(client.post("/v1/classify", data={"ticket": "打印机"}), 415)


def test_a_pickle_is_a_415(client: InProcess) -> None:
    headers = {"content-type": "application/vnd.bentoml+pickle"}
    problem(client.post("/v1/classify", content=b"\x80\x04N.", headers=headers), 415)


@pytest.mark.parametrize("path", ["/v2/classify", "/v1/nothing", "/v1/classify/", "/v1/models/", "/%ff", "/v1"])
def test_an_unknown_path_is_a_404(client: InProcess, path: str) -> None:
    problem(client.get(path), 404)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("GET", "/v1/classify", "POST"), ("POST", "/v1/models", "GET"), ("DELETE", "/livez", "GET")],
)
def test_a_wrong_method_is_a_405_that_names_the_right_one(
    client: InProcess, method: str, path: str, allowed: str
) -> None:
    response = client.request(method, path)
    problem(response, 405)
    assert allowed in response.headers["allow"]


def test_a_body_beyond_one_mebibyte_is_a_413(client: InProcess) -> None:
    problem(classify(client, {"ticket": {"subject": "", "body": "x" * 1024 * 1024}}), 413)


def test_health_and_readiness_are_open(client: InProcess) -> None:
    assert client.get("/livez").status_code == 200
    assert client.get("/readyz").status_code == 200


def test_models_and_taxonomy_are_mounted_beside_the_prediction_call(client: InProcess) -> None:
    assert client.get("/v1/models").json()["models"][0]["version"] == 1
    values = client.get("/v1/taxonomy").json()["fields"][0]["values"]
    assert {each["value"] for each in values} == {"硬件故障", "网络问题", "软件问题"}


def test_the_document_describes_requests_answers_and_problems(client: InProcess) -> None:
    document = client.get("/docs.json").json()
    operation = document["paths"]["/v1/classify"]["post"]
    assert operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith("/ClassifyRequest")
    assert set(operation["responses"]) >= {"200", "400", "413", "415", "422", "503"}
    assert {"/v1/models", "/v1/taxonomy", "/livez", "/readyz"} <= set(document["paths"])
    assert {"Answer", "Problem", "Ticket", "Options", "Prediction"} <= set(document["components"]["schemas"])


def test_every_reference_of_the_document_leads_somewhere(client: InProcess) -> None:
    document = client.get("/docs.json").json()
    found = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert references(document) <= found


def references(node: Any) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*(references(each) for each in node.values()))
    return set().union(*(references(each) for each in node)) if isinstance(node, list) else set()


def test_bentoml_s_clients_find_the_call(client: InProcess) -> None:
    routes = client.get("/schema.json").json()["routes"]
    assert [(each["name"], each["route"], each["input"]["root_input"]) for each in routes] == [
        ("classify", "/v1/classify", True)
    ]


def test_without_a_champion_calls_and_readiness_are_a_503_with_retry_after(
    client: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bentoml.get_current_service().watcher, "snapshot", Snapshot())
    for response in (classify(client, {"ticket": TICKET}), client.get("/readyz")):
        assert "no champion" in problem(response, 503)["detail"]
        assert int(response.headers["retry-after"]) > 0
    assert client.get("/livez").status_code == 200
    assert client.get("/v1/models").status_code == 200


def test_a_fault_inside_is_a_500_without_the_ticket(
    client: InProcess, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("打印机卡纸")

    monkeypatch.setattr("serving.service.classify_ticket", broken)
    found = problem(classify(client, {"ticket": TICKET}), 500)
    assert "卡纸" not in str(found) + caplog.text


@pytest.mark.usefixtures("module_environment")
def test_documentation_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FENZHEN_DOCS", "off")
    with in_process(application()) as client:
        for path in ("/docs.json", "/", "/static_content/index.css", "/metrics"):
            problem(client.get(path), 404)
        assert client.get("/schema.json").status_code == 200
