"""``POST /v1/assign`` before any model of people is served: skills, loads and urgency decide."""

from tests.serving.application import Desk
from tests.serving.routing_desk import TEAM


def test_a_queue_is_spread_by_load_with_a_warning(desk: Desk) -> None:
    queue = [{"ticket": {"subject": "坏了"}, "priority": "高"} for _ in range(3)]
    found = desk.post("/v1/assign", {"tickets": queue, "assignees": TEAM}).json()
    assert sorted(each["assignee"] for each in found["assignments"]) == ["a1", "a2", "a2"]
    assert "no_champion" in found["warnings"]


def test_priorities_that_nobody_knows_are_told(desk: Desk) -> None:
    found = desk.post("/v1/assign", {"tickets": [{"ticket": {"subject": "坏了"}}], "assignees": TEAM}).json()
    assert found["assignments"][0]["priority"] is None
    assert "priority_unknown" in found["warnings"]


def test_route_tells_that_nothing_answers_yet(desk: Desk) -> None:
    found = desk.post("/v1/route", {"ticket": {"subject": "坏了"}}).json()["predictions"]
    assert {name: each["code"] for name, each in found.items()} == dict.fromkeys(
        ("priority", "group", "assignee"), "no_champion")
