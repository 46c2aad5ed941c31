"""``/v1/assignees``: what is told of people holds at once and in every worker."""

from datetime import UTC, datetime
from typing import Any

import pytest

from fenzhen.store import AssigneeChange
from tests.serving.application import Desk, problem


def put(desk: Desk, assignee_id: str = "a1", **body: Any) -> Any:
    return desk.client.put(f"/v1/assignees/{assignee_id}", json=body)


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
    assert "a9" not in {each["id"] for each in desk.get("/v1/assignees").json()["assignees"]}


def test_an_id_that_no_database_holds_is_refused(desk: Desk) -> None:
    problem(put(desk, "x" * 201, status="online"), 422)
    problem(put(desk, "a%00b", status="online"), 422)
    problem(put(desk, "%20%E3%80%80", status="online"), 422)
