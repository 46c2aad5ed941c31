"""``/docs.json`` and ``/docs``."""

import re
from typing import Any

from serving.access import PAGE, TABLE
from serving.document.operations import OPERATIONS
from tests.fenzhen.store.made_up_risks import made_details
from tests.serving.accounts_made_up import AS_OF, score
from tests.serving.application import Desk
from tests.serving.devices_made_up import told as devices_told

API = [row for row in TABLE if row.mark != PAGE]


def document(desk: Desk) -> dict[str, Any]:
    found: dict[str, Any] = desk.get("/docs.json").json()
    return found


def operations(desk: Desk) -> list[dict[str, Any]]:
    return [each for path in document(desk)["paths"].values() for each in path.values()]


def references(node: Any) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*(references(each) for each in node.values()))
    return set().union(*(references(each) for each in node)) if isinstance(node, list) else set()


def test_every_route_is_described_in_both_languages(desk: Desk) -> None:
    found = {(method.upper(), path) for path, each in document(desk)["paths"].items() for method in each}
    assert found == {(row.method, row.path) for row in API}
    for operation in operations(desk):
        assert re.search("[\u4e00-\u9fff]", operation["summary"]), operation["summary"]
        assert re.search("[A-Za-z]{3}", operation["summary"]), operation["summary"]


def test_every_body_has_an_example_and_every_operation_a_name_of_its_own(desk: Desk) -> None:
    bodies = [each["requestBody"]["content"]["application/json"] for each in operations(desk) if "requestBody" in each]
    assert len(bodies) == 12
    assert all(each["examples"] for each in bodies)
    assert len({each["operationId"] for each in operations(desk)}) == len(API)


def test_examples_are_answered(desk: Desk) -> None:
    desk.post("/v1/triage", {"ticket": {"id": "T-1", "subject": "打印机卡纸"}})
    score(desk.store, {"C9": (0.9, "high", made_details("tickets_reopened"))}, AS_OF)
    devices_told(desk.store)
    for (method, path), operation in OPERATIONS.items():
        for example in operation.examples.values():
            place = path.replace("{field}", "category").replace("alerts/{id}", "alerts/A1")
            place = place.replace("{id}", "C9").replace("{assignee_id}", "a1")
            answer = desk.client.request(method, place, json=example)
            other_taxonomy = answer.status_code == 422 and "unknown_value" in answer.text
            no_device_model = answer.status_code == 503 and "no device model" in answer.text
            assert answer.status_code == 200 or other_taxonomy or no_device_model, (path, answer.text)


def test_what_is_answered_without_a_body_is_documented_so(desk: Desk) -> None:
    answers = document(desk)["paths"]["/v1/assignees/{assignee_id}"]["delete"]["responses"]
    assert "content" not in answers["204"]
    assert set(answers) == {"204", "401", "403", "404", "422", "429", "503", "504"}


def test_every_reference_leads_somewhere_and_every_schema_is_used(desk: Desk) -> None:
    found = {f"#/components/schemas/{name}" for name in document(desk)["components"]["schemas"]}
    assert references(document(desk)) == found


def test_every_locked_operation_names_its_scopes_and_how_to_send_a_key(desk: Desk) -> None:
    for row in API:
        operation = document(desk)["paths"][row.path][row.method.lower()]
        if row.mark is None:
            assert operation["security"] == [{"bearer": []}, {"header": []}]
            assert all(scope in operation["description"] for scope in row.scopes)


def test_the_page_needs_nothing_from_outside(desk: Desk) -> None:
    page, script = desk.get("/docs"), desk.get("/docs/start.js")
    assert "http" not in page.text.replace('http-equiv', "")
    assert "validatorUrl: null" in script.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    for path in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        assert desk.get(f"/{path}").status_code == 200
    assert desk.get("/", follow_redirects=False).headers["location"] == "docs"
