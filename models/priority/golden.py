"""Made-up tickets after a made-up history, whose answers every priority artefact carries and must reproduce."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from features.priority.space import PrioritySpace
from features.priority.state import PriorityState

__all__ = ["GOLDEN_TICKETS", "golden_state"]

_NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def _ticket(number: int, hours: float, **fields: Any) -> dict[str, Any]:
    return {"ticket_id": f"G-{number}", "created_at": _NOON + timedelta(hours=hours), **fields}


_HISTORY = tuple(
    _ticket(number, -6 * number, customer_id=f"C{number % 3}", device_id=f"SN{number % 2}", product="P20",
            channel="电话", context={"symptom": "491"})
    for number in range(1, 25))
GOLDEN_TICKETS: tuple[Mapping[str, Any], ...] = (
    _ticket(101, 0, subject="打印机冒烟", body="插座有火花,已经断电,请马上派人。",
            customer={"id": "C1", "customer_tier": "VIP"}),
    _ticket(102, 1, subject="咨询", body="请问发票什么时候开?", channel="邮件", customer_id="C2"),
    _ticket(103, 2, product="P20", device_id="SN1", site="143", context={"symptom": "491", "opened_by": 17}),
    _ticket(104, 24 * 40, body="Laptop won't boot", region="华东"),
    _ticket(105, -200),
)


def golden_state(space: PrioritySpace) -> PriorityState:
    """Return the history: a ticket every six hours, its level told two hours later, from the most urgent on in turn."""
    state = PriorityState(space)
    state.file(_HISTORY)
    state.update({"ticket_id": ticket["ticket_id"], "at": ticket["created_at"] + timedelta(hours=2),
                  space.label: space.order[number % len(space.order)]} for number, ticket in enumerate(_HISTORY))
    return state
