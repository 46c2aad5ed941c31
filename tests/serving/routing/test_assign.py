"""``POST /v1/assign``: a whole assignment with its reasons, over HTTP."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.serving.application import Desk, problem
from tests.serving.routing_desk import TEAM, routing_desk, solved

P20, P30 = ({"ticket": {"id": f"T-{product}", "subject": "坏了", "product": product}} for product in ("P20", "P30"))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """An application where a1 knows P20 and a2 knows P30."""
    with routing_desk(tmp_path_factory.mktemp("assign")) as found:
        for number in range(5):
            found.post("/v1/events", [*solved(f"A-{number}", "P20", "a1"), *solved(f"B-{number}", "P30", "a2")])
        found.worker.follower.look()
        yield found


def assign(desk: Desk, *tickets: dict[str, Any], team: Any = TEAM[:2], **options: Any) -> dict[str, Any]:
    body = {"tickets": list(tickets), "options": options} | ({} if team is None else {"assignees": team})
    answer = desk.post("/v1/assign", body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def given(found: dict[str, Any]) -> list[str | None]:
    return [each["assignee"] for each in found["assignments"]]


def test_everybody_gets_what_they_know_and_the_answer_adds_up(desk: Desk) -> None:
    found = assign(desk, P20, P30, P20)
    assert given(found) == ["a1", "a2", "a1"]
    assert (found["assigned"], found["unassigned"], found["method"]) == (3, 0, "solver")
    assert found["expected_solved"] == pytest.approx(sum(each["quality"] for each in found["assignments"]), abs=1e-2)
    assert [(each["assignee"], each["open_tickets"], each["assigned"]) for each in found["team"]] == [
        ("a1", 1, 2), ("a2", 0, 1)]


def test_capacity_holds_and_what_is_left_says_why(desk: Desk) -> None:
    one_place = [TEAM[0] | {"open_tickets": 4}, TEAM[1] | {"open_tickets": 5}]
    found = assign(desk, P30, P20, team=one_place)
    assert given(found) == [None, "a1"]
    assert found["assignments"][0]["code"] == "no_capacity"
    assert found["assignments"][0]["numbers"] == {"people": 2, "at_capacity": 1}


def test_urgent_tickets_come_first_whatever_fits_better(desk: Desk) -> None:
    one_place = [TEAM[0] | {"open_tickets": 4}]
    queue = P30 | {"priority": "紧急"}, P20 | {"priority": "低"}
    assert given(assign(desk, *queue, team=one_place)) == ["a1", None]
    assert given(assign(desk, *queue, team=one_place, priorities=["低", "紧急"])) == [None, "a1"]
    assert "unknown_priority" in assign(desk, P30 | {"priority": "怪"}, priorities=["低"])["warnings"]


@pytest.mark.parametrize(("priorities", "warned"), [
    (("紧急", "低"), False), (("P1", "P3"), False), (("P1", "怪"), True), ((None, "低"), False),
])
def test_a_priority_whose_name_does_not_say_how_urgent_it_is_is_told(desk, priorities, warned) -> None:
    queue = [each | ({} if name is None else {"priority": name})
             for each, name in zip((P20, P30), priorities, strict=True)]
    assert ("unknown_priority" in assign(desk, *queue)["warnings"]) == warned


def test_what_is_odd_about_the_team_is_told(desk: Desk) -> None:
    odd = [TEAM[0] | {"skills": ["打印机", "-打印机"]}, TEAM[1] | {"status": "在开会"}]
    assert {"contradictory_skills", "unknown_status"} <= set(assign(desk, P20, team=odd)["warnings"])


def test_of_equally_urgent_tickets_those_of_vips_come_first(desk: Desk) -> None:
    vip = {"ticket": P30["ticket"] | {"customer": {"customer_tier": "VIP"}}}
    one_place = [TEAM[0] | {"open_tickets": 4}]
    assert given(assign(desk, P20, vip, team=one_place)) == [None, "a1"]
    assert given(assign(desk, P20, vip, team=one_place, vip_weight=1)) == ["a1", None]
    assert given(assign(desk, P20, vip, team=one_place, vip_tiers=["金牌"])) == ["a1", None]


def test_a_ticket_listed_twice_and_exclusions_of_nobody_known_are_told(desk: Desk) -> None:
    warnings = assign(desk, P20 | {"excluded": ["nobody"]}, P20)["warnings"]
    assert {"repeated_tickets", "unknown_excluded"} <= set(warnings)


def test_exclusions_and_skills_are_kept_to(desk: Desk) -> None:
    assert given(assign(desk, P20 | {"excluded": ["a1", "nobody"]})) == ["a2"]
    scanner = {"ticket": P20["ticket"] | {"needs": ["扫描仪"]}}
    assert given(assign(desk, scanner)) == ["a2"]
    found = assign(desk, {"ticket": P20["ticket"] | {"needs": ["打印机", "扫描仪"]}}, team=TEAM)
    why = found["assignments"][0]
    assert (why["code"], why["numbers"]) == (
        "all_excluded", {"people": 4, "missing_skill": 2, "at_capacity": 1, "offline": 1})
    assert why["text_zh"] == "4 人均不可派:2 人缺少技能,1 人已满,1 人不在线"


@pytest.mark.parametrize("method", ["solver", "greedy"])
def test_nobody_at_all_is_an_answer(desk: Desk, method: str) -> None:
    found = assign(desk, P20, P30, team=[], method=method)
    assert [each["code"] for each in found["assignments"]] == ["no_assignees", "no_assignees"]
    assert "no_assignees" in found["warnings"]


def test_without_a_list_everybody_known_takes_part_as_they_were_told_to(desk: Desk) -> None:
    try:
        desk.client.put("/v1/assignees/a1", json={"status": "offline"})
        assert given(assign(desk, P20, team=None)) == ["a2"]
    finally:
        desk.client.put("/v1/assignees/a1", json={"status": None})


def test_the_kill_switch_stops_assignments(desk: Desk) -> None:
    try:
        desk.client.put("/v1/modes/assignee", json={"mode": "off", "reason": "停"})
        assert assign(desk, P20)["assignments"][0]["numbers"] == {"people": 2, "switched_off": 2}
    finally:
        desk.client.put("/v1/modes/assignee", json={"mode": "default", "reason": "试"})


def test_feedback_on_an_assignment_finds_it(desk: Desk) -> None:
    made = assign(desk, P20)["assignments"][0]["prediction_id"]
    told = {"prediction_id": made, "field": "assignee", "verdict": "accepted"}
    assert desk.post("/v1/feedback", told).json()["value"] == "a1"


def test_the_same_idempotency_key_gives_the_same_assignment(desk: Desk) -> None:
    body = {"tickets": [P20], "assignees": TEAM}
    first, second = (desk.post("/v1/assign", body, headers={"Idempotency-Key": "queue-1"}).json() for _ in range(2))
    assert first == second


@pytest.mark.parametrize(("body", "path"), [
    ({"tickets": []}, "$.tickets"), ({"tickets": [P20] * 1001}, "$.tickets"),
    ({"tickets": [P20, {"ticket": {}}]}, "$.tickets[1].ticket"),
    ({"tickets": [P20], "assignees": [{"id": "a1", "capacity": -1}]}, "$.assignees[0].capacity"),
    ({"tickets": [P20], "options": {"method": "luck"}}, "$.options.method"),
    ({"tickets": [P20], "options": {"vip_weight": 0}}, "$.options.vip_weight"),
    ({"tickets": [P20], "options": {"balance": 2}}, "$.options.balance"),
])
def test_a_queue_of_another_shape_is_a_422_with_its_place(desk: Desk, body: dict[str, Any], path: str) -> None:
    assert problem(desk.post("/v1/assign", body), 422)["errors"][0]["path"] == path


def test_500_tickets_are_shared_by_100_people_within_their_capacity(desk: Desk) -> None:
    crowd = [{"id": f"x{number}", "capacity": 6} for number in range(100)]
    queue = [{"ticket": {"id": f"Q-{number}", "subject": "坏了", "product": "P20"}, "priority": str(number % 4)}
             for number in range(500)]
    found = assign(desk, *queue, team=crowd)
    assert found["assigned"] == 500
    assert max(each["assigned"] for each in found["team"]) <= 6
