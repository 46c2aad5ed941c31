"""``POST /v1/assign`` before any model of people is served: skills, loads and urgency decide."""

import pytest

from fenzhen.exports import Exports
from serving.watcher import Watcher
from tests.serving.application import Desk, problem
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


def test_before_champions_were_looked_for_a_queue_is_not_ready_either(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Watcher(Exports(desk.exports.root), lambda *_: None).snapshot
    monkeypatch.setattr(desk.worker.watcher, "snapshot", before)
    for path, body in (("/v1/route", {"ticket": {"subject": "坏了"}}),
                       ("/v1/assign", {"tickets": [{"ticket": {"subject": "坏了"}}], "assignees": TEAM})):
        found = desk.post(path, body)
        assert "the first look at the exported champions" in problem(found, 503)["detail"]
        assert int(found.headers["retry-after"]) > 0
