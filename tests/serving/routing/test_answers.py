"""``/v1/route`` and the same fields in ``/v1/triage``: the one shape, reasons, who is left out, live state, history."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from fenzhen.store import AssigneeState
from models.policy import Policy
from models.routing.answer import Candidate
from serving.champions import Snapshot
from serving.questions import Wish
from serving.routing.answers import offered
from serving.routing.roster import Roster
from serving.schemas import Assignee
from tests.serving.application import Desk, problem
from tests.serving.routing_desk import TEAM, routing_desk, solved

TICKET = {"id": "T-1", "subject": "打印机卡纸了", "product": "P20"}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """An application whose people have solved tickets of two products."""
    with routing_desk(tmp_path_factory.mktemp("routing")) as found:
        told = [each for number in range(6) for each in solved(f"H-{number}", "P20", "a1" if number else "a2")]
        assert found.post("/v1/events", told).status_code == 200
        found.worker.follower.look()
        yield found


def route(desk: Desk, assignees: Any = TEAM, **options: Any) -> dict[str, Any]:
    body = {"ticket": TICKET, "options": options} | ({} if assignees is None else {"assignees": assignees})
    answer = desk.post("/v1/route", body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def assignee(desk: Desk, assignees: Any = TEAM, **options: Any) -> dict[str, Any]:
    found: dict[str, Any] = route(desk, assignees, **options)["predictions"]["assignee"]
    return found


def test_the_answer_has_the_shape_of_all_fields_and_who_is_left_out(desk: Desk) -> None:
    found, text = assignee(desk, explain=True), desk.post("/v1/triage", {"ticket": TICKET}).json()["predictions"]
    assert set(found) - {"excluded"} == set(text["category"])
    assert (found["status"], found["value"], found["path"], found["model"]) == (
        "ok", "a1", ["a1"], "assignee_router/1")
    assert [each["value"] for each in found["alternatives"]] == ["a2"]
    assert found["reasons"][0]["numbers"] == {"solved": 5}
    assert {each["value"]: each["code"] for each in found["excluded"]} == {"b1": "at_capacity", "b2": "offline"}
    assert found["decision"] == "suggest"


def test_a_flat_answer_gives_the_reasons_in_words_too(desk: Desk) -> None:
    body = {"ticket": TICKET, "assignees": TEAM, "options": {"explain": True}}
    found = desk.post("/v1/route?shape=flat", body).json()
    reason = assignee(desk, explain=True)["reasons"][0]
    assert found["assignee_reasons"].split()[0] == reason["code"]
    assert reason["text_zh"] in found["assignee_reasons_zh"]
    assert reason["text_en"] in found["assignee_reasons_en"]


def test_route_answers_its_three_fields_and_classify_none_of_them(desk: Desk) -> None:
    assert list(route(desk)["predictions"]) == ["priority", "group", "assignee"]
    assert route(desk)["predictions"]["priority"] == {"status": "unavailable", "code": "no_champion"}
    classified = desk.post("/v1/classify", {"ticket": TICKET}).json()["predictions"]
    assert list(classified) == ["category"]
    asked = desk.post("/v1/classify", {"ticket": TICKET, "options": {"fields": ["assignee"]}}).json()["predictions"]
    assert asked["assignee"] == {"status": "unavailable", "code": "not_here"}


def test_triage_and_batch_answer_text_and_routing_fields_together(desk: Desk) -> None:
    body = {"ticket": TICKET, "assignees": TEAM}
    one = desk.post("/v1/triage", body).json()["predictions"]
    assert set(one) == {"category", "group", "assignee"}
    many = desk.post("/v1/triage/batch", {"items": [{"ticket": TICKET}] * 2, "assignees": TEAM}).json()["items"]
    assert [each["answer"]["predictions"]["assignee"]["value"] for each in many] == ["a1", "a1"]
    assert "assignees" in problem(desk.post("/v1/classify", body), 422)["errors"][0]["path"]


def test_nobody_to_choose_from_and_nobody_who_can_are_told_apart(desk: Desk) -> None:
    for people, warning in (([], "no_assignees"), ([TEAM[2], TEAM[3]], "all_excluded")):
        found = route(desk, people)
        nobody = found["predictions"]["assignee"]
        assert (nobody["value"], nobody["confidence"], nobody["decision"]) == (None, None, "abstain")
        assert warning in found["warnings"]


def test_skills_that_a_ticket_needs_leave_others_out(desk: Desk) -> None:
    answer = desk.post("/v1/route", {"ticket": TICKET | {"needs": ["扫描仪"]}, "assignees": TEAM}).json()
    found = answer["predictions"]["assignee"]
    assert found["value"] == "a2"
    assert "missing_skill" in {each["code"] for each in found["excluded"] if each["value"] == "a1"}


@pytest.mark.parametrize("change", [
    {"capacity": -1}, {"open_tickets": -1}, {"capacity": 1.5}, {"skills": "打印机"}, {"id": ""}, {"status": 1},
])
def test_people_of_another_shape_are_a_422_with_their_place(desk: Desk, change: dict[str, Any]) -> None:
    found = problem(desk.post("/v1/route", {"ticket": TICKET, "assignees": [TEAM[0], TEAM[1] | change]}), 422)
    assert found["errors"][0]["path"].startswith(f"$.assignees[1].{next(iter(change))}")


def test_a_thousand_candidates_are_answered_and_one_more_is_refused(desk: Desk) -> None:
    crowd = [{"id": f"x{number}", "status": "offline"} for number in range(999)]
    found = route(desk, [TEAM[0], *crowd])
    assert found["predictions"]["assignee"]["value"] == "a1"
    assert len(found["predictions"]["assignee"]["excluded"]) == 50
    assert "excluded_truncated" in found["warnings"]
    problem(desk.post("/v1/route", {"ticket": TICKET, "assignees": [*crowd, *TEAM]}), 422)


def test_of_a_person_listed_twice_the_last_entry_counts(desk: Desk) -> None:
    found = route(desk, [TEAM[0], {"id": "a1", "status": "away"}, TEAM[1]])
    assert found["predictions"]["assignee"]["value"] == "a2"
    assert "repeated_assignees" in found["warnings"]


def test_new_people_can_be_recommended(desk: Desk) -> None:
    assert assignee(desk, [{"id": "newcomer"}])["value"] == "newcomer"


def test_what_was_told_of_people_fills_what_a_request_leaves_out(desk: Desk) -> None:
    try:
        desk.client.put("/v1/assignees/a1", json={"status": "offline"})
        assert assignee(desk, [{"id": "a1"}, {"id": "a2"}])["value"] == "a2"
        assert assignee(desk, [{"id": "a1", "status": "online"}, {"id": "a2"}])["value"] == "a1"
        everybody = assignee(desk, None)
        assert everybody["value"] == "a2"
        assert everybody["excluded"][0]["value"] == "a1"
    finally:
        desk.client.put("/v1/assignees/a1", json={"status": None})


def test_whoever_turns_up_in_events_can_get_tickets_that_name_nobody(desk: Desk) -> None:
    before = assignee(desk, None, top_k=20)
    assert "late" not in {each["value"] for each in before["alternatives"]}
    assert desk.post("/v1/events", solved("H-late", "P99", "late")).status_code == 200
    desk.worker.follower.look()
    assert "late" in {each["value"] for each in assignee(desk, None, top_k=20)["alternatives"]}


def test_whom_nobody_named_are_looked_through_again_when_anything_changes(
    desk: Desk, monkeypatch: pytest.MonkeyPatch,
) -> None:
    snapshot = desk.worker.snapshot
    served, known = snapshot.served["assignee"], (Candidate("a1"), Candidate("a2"))
    monkeypatch.setattr(served.scorer, "team", lambda _state, _at: known)
    gone = Policy.from_dict({"taxonomy": [{"field": "assignee", "value": "a1", "active": False}]})

    def people(snapshot: Snapshot) -> Sequence[Candidate]:
        with served.lent() as state:
            return offered(served, snapshot, state, Wish())[0].candidates

    assert people(snapshot) == known
    assert people(snapshot) is people(snapshot)
    assert [each.id for each in people(replace(snapshot, policy=gone))] == ["a2"]
    told = {"a3": AssigneeState("a3", None, "硬件", None, None, None, None, datetime.now(UTC))}
    assert [each.id for each in people(replace(snapshot, roster=Roster(told)))] == ["a1", "a2", "a3"]
    known = (*known, Candidate("a4"))
    assert people(snapshot) == known


def test_people_named_again_with_other_facts_are_other_people(desk: Desk) -> None:
    snapshot = desk.worker.snapshot
    team = [Assignee(id="a1", open_tickets=3)]
    people, _ = snapshot.roster.team(team, ())
    assert snapshot.roster.team(team, ())[0] is people
    assert snapshot.roster.team([Assignee(id="a1", open_tickets=4)], ())[0][0].open_tickets == 4
    assert snapshot.roster.team(team, [Candidate("a1", group="硬件")])[0][0].group == "硬件"


def test_the_kill_switch_and_the_modes_hold_for_people_too(desk: Desk) -> None:
    try:
        assert desk.client.put("/v1/modes/assignee", json={"mode": "auto", "reason": "试"}).status_code == 200
        assert assignee(desk)["decision"] == "auto"
        desk.client.put("/v1/modes/assignee", json={"mode": "off", "reason": "停"})
        stopped = assignee(desk)
        assert (stopped["value"], stopped["decision"], stopped["model_value"]) == (None, "abstain", "a1")
    finally:
        desk.client.put("/v1/modes/assignee", json={"mode": "default", "reason": "试"})


def test_a_flat_answer_names_who_is_left_out(desk: Desk) -> None:
    found = desk.post("/v1/route?shape=flat", {"ticket": TICKET, "assignees": TEAM}).json()
    assert found["assignee"] == "a1"
    assert found["assignee_excluded"] == "b1:at_capacity b2:offline"


def test_feedback_may_name_anybody(desk: Desk) -> None:
    made = route(desk)["prediction_id"]
    told = {"prediction_id": made, "field": "assignee", "verdict": "corrected", "value": "somebody new"}
    assert desk.post("/v1/feedback", told).json()["status"] == "recorded"


def test_a_group_is_recommended_from_the_people_s_groups(desk: Desk) -> None:
    found = route(desk)["predictions"]["group"]
    assert found["model"] == "group_router/1"
    assert found["value"] == "硬件"
    assert [(each["value"], each["code"]) for each in found["excluded"]] == [("网络", "at_capacity")]
