"""``POST /v1/events``."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.serving.application import Desk, problem


def event(ticket: str, what: str = "resolved", **more: Any) -> dict[str, Any]:
    return {"ticket_id": ticket, "event": what, "at": "2026-11-20T11:30:00+08:00", **more}


def test_one_event_is_kept_with_its_facts_and_who_told(desk: Desk) -> None:
    told = event("E-1", group="硬件", values={"category": "硬件故障", "csat": 5, "note": None})
    assert desk.post("/v1/events", told).json() == {"recorded": 1, "repeated": 0, "events": [{"status": "recorded"}]}
    kept = desk.store.events_of("E-1")[0]
    assert kept.values == {"category": "硬件故障", "csat": 5, "group": "硬件"}
    assert kept.at == datetime(2026, 11, 20, 3, 30, tzinfo=UTC)
    assert kept.key_id.startswith("k_")


def test_events_told_again_are_not_doubled(desk: Desk) -> None:
    told = [event("E-2", "created"), event("E-2"), event("E-2", "created")]
    statuses = [each["status"] for each in desk.post("/v1/events", told).json()["events"]]
    assert statuses == ["recorded", "recorded", "repeated"]
    assert desk.post("/v1/events", told).json()["recorded"] == 0
    assert len(desk.store.events_of("E-2")) == 2


def test_a_list_with_a_wrong_event_is_refused_whole_with_every_place(desk: Desk) -> None:
    wrong = [event("E-3"), event("E-3", "vanished"), {"event": "closed"}, event("E-3", values={"a": [1]})]
    found = problem(desk.post("/v1/events", wrong), 422)
    assert [each["path"] for each in found["errors"]] == ["$[1].event", "$[2].ticket_id", "$[2].at", "$[3].values.a"]
    assert desk.store.events_of("E-3") == []


def test_the_time_of_an_event_is_not_far_in_the_future(desk: Desk) -> None:
    soon, later = (datetime.now(UTC) + timedelta(hours=hours) for hours in (1, 25))
    assert desk.post("/v1/events", event("E-4") | {"at": soon.isoformat()}).status_code == 200
    refused = problem(desk.post("/v1/events", event("E-4") | {"at": later.isoformat()}), 422)
    assert refused["errors"][0]["path"] == "$.at"


@pytest.mark.parametrize(
    "body", [[], [event("E-5")] * 1001, None, "text", 7, [[]], event("E-5") | {"at": "2026-11-20"},
             event(""), event("a\0b"), event("E-5", values={"x": 10**400}), event("E-5", values={"x": "\0"})],
)
def test_bodies_of_another_shape_are_a_422(desk: Desk, body: Any) -> None:
    problem(desk.post("/v1/events", body), 422 if body is not None else 400)


def test_texts_of_people_are_not_kept(desk: Desk) -> None:
    desk.post("/v1/events", event("E-6", values={"resolution": "换了硒鼓", "category": "耗材"}))
    assert desk.store.events_of("E-6")[0].values == {"category": "耗材"}
