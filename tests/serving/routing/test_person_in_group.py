"""A person and a group of one answer that do not belong together are told."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.serving.application import Desk
from tests.serving.routing_desk import routing_desk, solved

PEOPLE = {"a1": "网络", "g1": "硬件"}
TICKET = {"subject": "打印机卡纸了", "product": "P20"}
WARNING = "assignee_outside_group"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """An application where a1 of 网络 solved most, and 硬件 is the group by its name."""
    with routing_desk(tmp_path_factory.mktemp("outside"), PEOPLE) as found:
        told = [each for number in range(3) for each in solved(f"H-{number}", "P20", "a1")]
        assert found.post("/v1/events", told).status_code == 200
        found.worker.follower.look()
        yield found


def asked(desk: Desk, path: str = "/v1/route", **more: Any) -> dict[str, Any]:
    answer = desk.post(path, {"ticket": TICKET, **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def recommended(found: dict[str, Any]) -> tuple[str | None, str | None]:
    return found["predictions"]["group"]["value"], found["predictions"]["assignee"]["value"]


@pytest.mark.parametrize("path", ["/v1/route", "/v1/triage"])
def test_a_person_of_another_group_is_warned_of(desk: Desk, path: str) -> None:
    found = asked(desk, path)
    assert recommended(found) == ("硬件", "a1")
    assert WARNING in found["warnings"]


def test_the_group_as_asked_goes_before_the_workspace_s(desk: Desk) -> None:
    found = asked(desk, assignees=[{"id": "a1", "group": "硬件"}, {"id": "g1"}])
    assert recommended(found) == ("硬件", "a1")
    assert WARNING not in found["warnings"]


def test_nothing_is_said_where_a_group_is_unknown_or_one_of_both_is_not_suggested(desk: Desk) -> None:
    assert WARNING not in asked(desk, assignees=[{"id": "newcomer"}, {"id": "g1", "status": "offline"}])["warnings"]
    assert WARNING not in asked(desk, options={"fields": ["assignee"]})["warnings"]
    desk.client.put("/v1/modes/group", json={"mode": "off", "reason": "停"})
    try:
        assert WARNING not in asked(desk)["warnings"]
    finally:
        desk.client.put("/v1/modes/group", json={"mode": "default", "reason": "试"})


def test_a_batch_is_warned_ticket_by_ticket(desk: Desk) -> None:
    answer = desk.post("/v1/triage/batch", {"items": [{"ticket": TICKET}, {"ticket": TICKET | {"needs": ["焊接"]}}]})
    assert [WARNING in each["answer"]["warnings"] for each in answer.json()["items"]] == [True, False]
