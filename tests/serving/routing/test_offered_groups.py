"""Groups are made of all people who are known, so that one who is away does not close the group of the others."""

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest

from tests.serving.application import Desk
from tests.serving.routing_desk import routing_desk, solved

TICKET = {"subject": "打印机卡纸了", "product": "P20"}
PEOPLE = {"a1": "硬件", "a2": "硬件", "b1": "网络"}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """An application whose workspace knows three people in two groups; a2 has two tickets in hand."""
    with routing_desk(tmp_path_factory.mktemp("groups"), PEOPLE) as found:
        told = [event for number in range(2) for event in solved(f"H-{number}", "P30", "a2")[:1]]
        told += [each | {"event": "assigned", "assignee_id": "a2", "values": {}} for each in told]
        assert found.post("/v1/events", told).status_code == 200
        found.worker.follower.look()
        yield found


@contextlib.contextmanager
def told(desk: Desk, **people: dict[str, Any]) -> Iterator[None]:
    try:
        for name, facts in people.items():
            assert desk.client.put(f"/v1/assignees/{name}", json=facts).status_code == 200
        yield
    finally:
        for name, facts in people.items():
            desk.client.put(f"/v1/assignees/{name}", json=dict.fromkeys(facts))


def asked(desk: Desk, path: str = "/v1/route", assignees: Any = None) -> dict[str, Any]:
    answer = desk.post(path, {"ticket": TICKET} | ({} if assignees is None else {"assignees": assignees}))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def left_out(found: dict[str, Any], field: str = "group") -> dict[str, str]:
    return {each["value"]: each["code"] for each in found["predictions"][field]["excluded"]}


@pytest.mark.parametrize("path", ["/v1/route", "/v1/triage"])
def test_one_person_away_leaves_the_group_to_the_others(desk: Desk, path: str) -> None:
    with told(desk, a1={"status": "offline", "group": "硬件"}):
        found = asked(desk, path)
        assert left_out(found) == {}
        assert left_out(found, "assignee") == {"a1": "offline"}


@pytest.mark.parametrize("path", ["/v1/route", "/v1/triage"])
def test_a_group_is_away_when_everybody_known_of_it_is(desk: Desk, path: str) -> None:
    with told(desk, a1={"status": "offline"}, a2={"status": "away"}):
        assert left_out(asked(desk, path)) == {"硬件": "offline"}


@pytest.mark.parametrize("path", ["/v1/route", "/v1/triage"])
def test_people_named_without_a_group_belong_to_the_workspace_s(desk: Desk, path: str) -> None:
    found = asked(desk, path, [{"id": "a1", "status": "offline"}, {"id": "a2"}])
    assert found["predictions"]["group"]["value"] == "硬件"
    assert not {"no_assignees", "all_excluded"} & set(found["warnings"])


def test_a_group_that_was_told_goes_before_the_workspace_s(desk: Desk) -> None:
    with told(desk, a2={"group": "现场"}):
        assert asked(desk, assignees=[{"id": "a2"}])["predictions"]["group"]["value"] == "现场"


def test_named_people_of_no_known_group_are_not_called_nobody(desk: Desk) -> None:
    found = asked(desk, assignees=[{"id": "newcomer"}])
    assert found["predictions"]["group"]["value"] is None
    assert found["predictions"]["assignee"]["value"] == "newcomer"
    assert "no_groups" in found["warnings"]
    assert "no_assignees" not in found["warnings"]


def test_the_load_of_a_group_is_that_of_those_who_are_there(desk: Desk) -> None:
    limits = {"a1": {"capacity": 2, "status": "online"}, "b1": {"capacity": 2}}
    with told(desk, **limits, a2={"capacity": 2, "status": "offline"}):
        assert left_out(asked(desk)) == {}
    with told(desk, **limits, a2={"capacity": 2}):
        found = asked(desk, assignees=[{"id": "a2"}, {"id": "b1"}])
        assert left_out(found) == {"硬件": "at_capacity"}
