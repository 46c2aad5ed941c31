"""The tickets behind a reason's code."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fenzhen.store import TicketEvent
from serving.accounts.evidence import Evidence, evidence_of, timeline_of

AS_OF = datetime(2026, 11, 21, tzinfo=UTC)


def event(ticket: str, name: str, days_ago: float, **values: Any) -> TicketEvent:
    return TicketEvent(ticket, name, AS_OF - timedelta(days=days_ago), values)


EVENTS = [
    event("T-1", "created", 200, device_id="SN1", category="投诉", sentiment="负面"),
    event("T-2", "created", 60, device_id="SN1", priority="紧急"), event("T-2", "responded", 59.9),
    event("T-2", "resolved", 50), event("T-2", "csat", 49, csat=2),
    event("T-3", "created", 40, device_id="SN2"), event("T-3", "responded", 35), event("T-3", "resolved", 34.5),
    event("T-3", "reopened", 30), event("T-3", "assigned", 39, assignee_id="a1"),
    event("T-3", "assigned", 38, assignee_id="a2"),
    event("T-4", "created", 10, device_id="SN1"), event("T-4", "waiting_customer", 9), event("T-4", "csat", -1, csat=1),
    event("T-5", "created", -1),
]


@pytest.fixture
def found() -> Evidence:
    """The tickets as known at the moment."""
    return evidence_of(EVENTS, AS_OF)


@pytest.mark.parametrize(("code", "tickets"), [
    ("tickets_90d", ["T-4", "T-3", "T-2"]), ("tickets_30d", ["T-4", "T-3"]), ("tickets", ["T-4", "T-3", "T-2"]),
    ("tickets_reopened", ["T-3"]), ("repeat_repairs", ["T-4", "T-2"]), ("repeat_repairs_365d", ["T-4", "T-2", "T-1"]),
    ("satisfaction", ["T-2"]), ("first_response", ["T-4", "T-3", "T-2"]), ("resolution", ["T-4", "T-2", "T-3"]),
    ("waiting_customer", ["T-4"]), ("tickets_open", ["T-4", "T-1"]), ("escalations", ["T-3", "T-2"]),
    ("sentiment", ["T-1"]), ("silent_after_complaint", ["T-1"]), ("silence", []), ("order_trend", []),
])
def test_a_code_says_which_tickets_it_is_about(found: Evidence, code: str, tickets: list[str]) -> None:
    assert found.tickets(code) == tickets


def test_what_happened_later_is_not_told() -> None:
    told = [{"at": "2026-11-01T00:00:00+00:00", "kind": "return", "id": "R-1", "text_zh": "退货", "text_en": "return"},
            {"at": None}]
    happenings = timeline_of(EVENTS, told, AS_OF)
    assert [each.id for each in happenings] == ["T-4", "R-1", "T-3", "T-2", "T-1"]
    assert happenings[0].text_zh == "未解决"
