"""``POST /v1/triage/batch``."""

from typing import Any

import pytest

from tests.serving.application import Desk, problem

GOOD = {"ticket": {"id": "T-1", "subject": "打印机卡纸"}}


def batch(desk: Desk, items: list[Any], query: str = "", **options: Any) -> Any:
    return desk.post(f"/v1/triage/batch{query}", {"items": items, "options": options}).json()


def test_each_ticket_has_a_status_of_its_own(desk: Desk) -> None:
    bad = {"ticket": {"subject": 7}}
    found = batch(desk, [GOOD, bad, "text", {**GOOD, "colour": "red"}, {"ticket": {"body": ""}}])["items"]
    assert [each["status"] for each in found] == ["ok", "invalid", "invalid", "invalid", "ok"]
    assert found[0]["answer"]["ticket_id"] == "T-1"
    assert found[1]["errors"][0]["path"] == "$.items[1].ticket.subject"
    assert found[4]["answer"]["warnings"] == ["empty_text"]


def test_together_and_alone_give_the_same_answer(desk: Desk) -> None:
    together = batch(desk, [GOOD, {"ticket": {"subject": "无线网连不上"}}])["items"][0]["answer"]
    alone = desk.post("/v1/triage", GOOD).json()
    assert together["predictions"] == alone["predictions"]


def test_answers_may_be_flat(desk: Desk) -> None:
    found = batch(desk, [GOOD, {}], "?shape=flat")["items"]
    assert (found[0]["status"], found[0]["category"], found[1]["status"]) == ("ok", "硬件故障", "invalid")


@pytest.mark.parametrize("count", [0, 1001, 5000])
def test_too_few_or_too_many_tickets_are_a_422(desk: Desk, count: int) -> None:
    found = problem(desk.post("/v1/triage/batch", {"items": [GOOD] * count}), 422)
    assert found["errors"][0]["path"] == "$.items"


def test_a_thousand_tickets_are_answered_and_every_answer_is_known(desk: Desk) -> None:
    found = batch(desk, [GOOD] * 1000, fields=["category"])["items"]
    assert len({each["answer"]["prediction_id"] for each in found}) == 1000
    told = {"prediction_id": found[999]["answer"]["prediction_id"], "field": "category", "verdict": "accepted"}
    assert desk.post("/v1/feedback", told).status_code == 200


def test_sixteen_mebibytes_are_the_limit(desk: Desk) -> None:
    text = "x" * (150 * 1024)
    assert desk.post("/v1/triage/batch", {"items": [{"ticket": {"body": text}}] * 20}).status_code == 200
    problem(desk.post("/v1/triage/batch", {"items": [{"ticket": {"body": text}}] * 115}), 413)


def test_a_field_nobody_knows_is_a_422_for_the_whole(desk: Desk) -> None:
    body = {"items": [GOOD], "options": {"fields": ["colour"]}}
    assert problem(desk.post("/v1/triage/batch", body), 422)["errors"][0]["path"] == "$.options.fields[0]"
