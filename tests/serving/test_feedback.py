"""``POST /v1/feedback``."""

from typing import Any

import pytest
from ulid import ULID

from tests.serving.application import Desk, problem

ACCEPTED = {"field": "category", "verdict": "accepted"}


def predict(desk: Desk, ticket: str | None = None) -> str:
    answer = desk.post("/v1/triage", {"ticket": {"id": ticket, "subject": "打印机卡纸"}}).json()
    return str(answer["prediction_id"])


def test_an_answer_is_known_to_feedback_at_once(desk: Desk) -> None:
    prediction = predict(desk, "F-1")
    found = desk.post("/v1/feedback", {"prediction_id": prediction, **ACCEPTED}).json()
    assert (found["status"], found["ticket_id"], found["value"]) == ("recorded", "F-1", "硬件故障")
    assert desk.store.feedback_of(prediction)[0].actor.startswith("key:k_")


def test_feedback_by_ticket_is_about_its_newest_prediction(desk: Desk) -> None:
    predict(desk, "F-2")
    newest = predict(desk, "F-2")
    told = {"ticket_id": "F-2", "field": "category", "verdict": "corrected", "value": "网络问题", "actor": "a1"}
    assert desk.post("/v1/feedback", told).json()["prediction_id"] == newest
    assert desk.store.feedback_of(newest)[0].value == "网络问题"


def test_the_last_word_of_each_person_counts_and_the_same_word_is_not_doubled(desk: Desk) -> None:
    told = {"prediction_id": predict(desk), "actor": "a1", **ACCEPTED}
    statuses = [desk.post("/v1/feedback", each).json()["status"] for each in (
        told, told, {**told, "verdict": "rejected"}, {**told, "actor": "a2"})]
    assert statuses == ["recorded", "repeated", "superseded", "recorded"]


@pytest.mark.parametrize("named", [{"prediction_id": "01J"}, {"ticket_id": "F-none"}, {"prediction_id": str(ULID())}])
def test_what_is_not_known_is_a_404(desk: Desk, named: dict[str, str]) -> None:
    problem(desk.post("/v1/feedback", {**named, **ACCEPTED}), 404)


def test_a_field_that_was_not_predicted_is_a_404(desk: Desk) -> None:
    problem(desk.post("/v1/feedback", {"prediction_id": predict(desk), "field": "colour", "verdict": "rejected"}), 404)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"value": "无此分类"}, "$.value"), ({"value": None}, "$"), ({"verdict": "accepted"}, "$"),
        ({"ticket_id": "F-1"}, "$"), ({"prediction_id": None}, "$"), ({"verdict": "maybe"}, "$.verdict"),
        ({"text": "x"}, "$.text"), ({"actor": "\0"}, "$.actor"),
    ],
)
def test_feedback_that_says_too_little_or_too_much_is_a_422(desk: Desk, change: dict[str, Any], path: str) -> None:
    told = {"prediction_id": str(ULID()), "field": "category", "verdict": "corrected", "value": "网络问题"}
    found = problem(desk.post("/v1/feedback", {**told, **change}), 422)
    assert [each["path"] for each in found["errors"]] == [path]


def test_an_abstention_cannot_be_accepted(desk: Desk) -> None:
    answer = desk.post("/v1/triage", {"ticket": {"subject": ""}}).json()
    found = problem(desk.post("/v1/feedback", {"prediction_id": answer["prediction_id"], **ACCEPTED}), 422)
    assert found["errors"][0]["code"] == "nothing_to_accept"


def test_a_right_value_is_one_of_the_taxonomy_s_active_ones(desk: Desk) -> None:
    desk.exports.write_policy({"taxonomy": [
        {"field": "category", "value": "硬件故障", "external_id": "12"},
        {"field": "category", "value": "耗材", "external_id": "14"},
        {"field": "category", "value": "旧分类", "active": False},
    ]})
    desk.look()
    told = {"prediction_id": predict(desk), "field": "category", "verdict": "corrected"}
    try:
        assert desk.post("/v1/feedback", {**told, "value": "耗材"}).status_code == 200
        problem(desk.post("/v1/feedback", {**told, "value": "旧分类"}), 422)
        answer = desk.post("/v1/triage", {"ticket": {"subject": "打印机卡纸"}}).json()
        assert answer["predictions"]["category"]["external_id"] == "12"
    finally:
        desk.exports.write_policy({})
        desk.look()
