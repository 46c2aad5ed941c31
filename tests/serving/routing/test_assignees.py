"""``/v1/assignees``: what is told of people holds at once and in every worker."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from prometheus_client import REGISTRY

from fenzhen.store import AssigneeChange
from tests.serving.application import Desk, problem
from tests.serving.routing_desk import routing_desk


@pytest.fixture(scope="module")
def staffed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """An application that recommends people, one of whom its workspace knows."""
    with routing_desk(tmp_path_factory.mktemp("staffed"), {"w1": "硬件"}) as found:
        yield found


def put(desk: Desk, assignee_id: str = "a1", **body: Any) -> Any:
    return desk.client.put(f"/v1/assignees/{assignee_id}", json=body)


def delete(desk: Desk, assignee_id: str = "a1") -> Any:
    return desk.client.request("DELETE", f"/v1/assignees/{assignee_id}")


def listed(desk: Desk) -> set[str]:
    return {each["id"] for each in desk.get("/v1/assignees").json()["assignees"]}


def left_out(desk: Desk) -> dict[str, str]:
    """Return who cannot take a ticket for which nobody is named."""
    asked = {"ticket": {"subject": "坏了"}, "options": {"explain": True}}
    found = desk.post("/v1/route", asked).json()["predictions"]["assignee"]
    return {each["value"]: each["code"] for each in found["excluded"]}


def test_what_is_told_can_be_read_and_what_is_left_out_stays(desk: Desk) -> None:
    put(desk, name="王工", group="硬件", skills=["打印机"], capacity=10, status="online")
    held = put(desk, status="offline").json()
    assert held | {"updated_at": None} == {
        "id": "a1", "name": "王工", "group": "硬件", "skills": ["打印机"], "open_tickets": None, "capacity": 10,
        "status": "offline", "updated_at": None}
    assert desk.get("/v1/assignees").json()["assignees"][0] == held
    assert put(desk, capacity=None).json()["capacity"] is None


def test_a_change_holds_in_this_worker_when_it_is_acknowledged(desk: Desk) -> None:
    put(desk, "a7", status="online")
    assert desk.worker.snapshot.roster.told["a7"].status == "online"


def test_a_change_by_another_worker_is_seen_at_the_next_look(desk: Desk) -> None:
    with desk.store.unit() as unit:
        unit.set_assignee(AssigneeChange("a8", {"capacity": 3}, datetime.now(UTC)))
    assert "a8" not in desk.worker.snapshot.roster.told
    desk.look()
    assert desk.worker.snapshot.roster.told["a8"].capacity == 3


def test_ids_in_chinese_are_told_apart(desk: Desk) -> None:
    assert put(desk, "王工", status="online").json()["id"] == "王工"


@pytest.mark.parametrize(("body", "path"), [
    ({}, "$"), ({"capacity": -1}, "$.capacity"), ({"open_tickets": -3}, "$.open_tickets"),
    ({"capacity": 2.5}, "$.capacity"),
    ({"skills": ["a", 1]}, "$.skills[1]"), ({"skills": ["x"] * 101}, "$.skills"), ({"mood": "fine"}, "$.mood"),
    ({"status": 1}, "$.status"), ({"name": "a\0b"}, "$.name"),
])
def test_a_change_without_sense_is_a_422(desk: Desk, body: dict[str, Any], path: str) -> None:
    assert problem(desk.client.put("/v1/assignees/a9", json=body), 422)["errors"][0]["path"] == path
    assert "a9" not in listed(desk)


def test_an_id_that_no_database_holds_is_refused(desk: Desk) -> None:
    problem(put(desk, "x" * 201, status="online"), 422)
    problem(put(desk, "a%00b", status="online"), 422)
    problem(put(desk, "%20%E3%80%80", status="online"), 422)


def test_who_is_forgotten_is_gone_when_it_is_acknowledged(desk: Desk) -> None:
    put(desk, "typo", status="online")
    answer = delete(desk, "typo")
    assert (answer.status_code, answer.content) == (204, b"")
    assert "typo" not in listed(desk)
    assert "typo" not in desk.worker.snapshot.roster.told


def test_forgetting_by_another_worker_is_seen_at_the_next_look(desk: Desk) -> None:
    put(desk, "a11", capacity=3)
    with desk.store.unit() as unit:
        unit.forget_assignee("a11")
    assert "a11" in desk.worker.snapshot.roster.told
    desk.look()
    assert "a11" not in desk.worker.snapshot.roster.told


def test_of_whom_nothing_was_told_nothing_is_forgotten(desk: Desk) -> None:
    before = desk.store.revisions()
    assert "told of this person" in problem(delete(desk, "nobody"), 404)["detail"]
    assert desk.store.revisions() == before
    put(desk, "once", status="online")
    assert [delete(desk, "once").status_code for _ in range(2)] == [204, 404]


def test_of_two_who_forget_at_once_one_finds_nothing(desk: Desk) -> None:
    put(desk, "twice", status="online")
    answers = desk.client.together(*[("DELETE", "/v1/assignees/twice", {})] * 2)
    assert sorted(each.status_code for each in answers) == [204, 404]


@pytest.mark.parametrize("assignee_id", ["x" * 201, "a%00b", "%20%E3%80%80"])
def test_an_id_that_nobody_can_have_is_not_forgotten_but_refused(desk: Desk, assignee_id: str) -> None:
    problem(delete(desk, assignee_id), 422)


def test_who_is_forgotten_is_a_candidate_no_longer_or_as_the_workspace_says(staffed: Desk) -> None:
    put(staffed, "typo", group="硬件", status="offline")
    put(staffed, "w1", status="offline")
    assert left_out(staffed) == {"typo": "offline", "w1": "offline"}
    assert [delete(staffed, each).status_code for each in ("typo", "w1")] == [204, 204]
    assert left_out(staffed) == {}


def test_told_and_forgotten_are_counted_by_route_and_by_what(desk: Desk) -> None:
    counters = [
        ("fenzhen_assignees_told_total", {"what": "forgotten"}),
        ("fenzhen_requests_total", {"route": "/v1/assignees/{assignee_id}", "method": "DELETE", "status": "204"}),
    ]
    before = [REGISTRY.get_sample_value(*each) or 0 for each in counters]
    put(desk, "counted", status="online")
    delete(desk, "counted")
    assert [REGISTRY.get_sample_value(*each) for each in counters] == [each + 1 for each in before]


@pytest.mark.parametrize(("sent", "assignee_id"), [
    ("IT%2F301", "IT/301"), ("IT%2f301", "IT/301"), ("%2F", "/"), ("a1%2F", "a1/"), ("..%2F..%2Fmodes", "../../modes"),
    ("a%252Fb", "a%2Fb"), ("%E7%8E%8B%2F%E5%B7%A5", "王/工"), ("%EF%BF%BD", "\ufffd"), ("a%3Fb%2Fc", "a?b/c"),
])
def test_an_id_may_hold_whatever_is_sent_percent_encoded(desk: Desk, sent: str, assignee_id: str) -> None:
    assert put(desk, sent, status="online").json()["id"] == assignee_id
    assert assignee_id in listed(desk)
    assert delete(desk, sent).status_code == 204
    assert assignee_id not in listed(desk)


@pytest.mark.parametrize("sent", ["", "/", "a1/", "/a1", "a/b", "IT/301", "a%2Fb/", "a%2Fb/c"])
def test_a_slash_that_is_sent_as_it_is_parts_the_path_so_nothing_is_there(desk: Desk, sent: str) -> None:
    before = listed(desk)
    for method in ("PUT", "DELETE", "GET"):
        problem(desk.client.request(method, f"/v1/assignees/{sent}", json={"status": "online"}), 404)
    assert listed(desk) == before


@pytest.mark.parametrize("sent", ["%FF", "a%FFb", "a%2F%C3", "%ED%A0%80"])
def test_an_id_that_is_not_utf_8_is_refused(desk: Desk, sent: str) -> None:
    before = listed(desk)
    for answer in (put(desk, sent, status="online"), delete(desk, sent)):
        assert problem(answer, 422)["errors"][0]["code"] == "not_utf8"
    assert listed(desk) == before


def test_an_id_with_a_slash_needs_the_scope_and_has_the_label_of_its_route(desk: Desk) -> None:
    reader = {"Authorization": f"Bearer {desk.store.create_key(['triage']).text}"}
    problem(desk.client.put("/v1/assignees/a%2Fb", json={"status": "online"}, headers=reader), 403)
    labels = {"route": "/v1/assignees/{assignee_id}", "method": "PUT", "status": "200"}
    before = REGISTRY.get_sample_value("fenzhen_requests_total", labels) or 0
    put(desk, "a%2Fb", status="online")
    assert REGISTRY.get_sample_value("fenzhen_requests_total", labels) == before + 1
