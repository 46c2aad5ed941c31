"""Made-up facts that the store is tested with."""

from datetime import UTC, datetime, timedelta
from typing import Any

from fenzhen.store import Feedback, PredictedField, Prediction, TicketEvent

NOON = datetime(2026, 11, 21, 12, 0, 0, 123456, tzinfo=UTC)


def hours(count: float) -> timedelta:
    """That many hours."""
    return timedelta(hours=count)


def made_prediction(number: int = 1, **changes: Any) -> Prediction:
    """A prediction of category and sentiment."""
    facts: dict[str, Any] = {
        "prediction_id": f"P{number:06d}", "ticket_id": f"T-{number}", "at": NOON, "request_id": "r", "key_id": "k_1",
        "fields": (
            PredictedField("category", "ok", "硬件故障", 0.87, "suggest", "ticket_category/17", (("耗材", 0.08),),
                           ({"code": "text", "field": "subject", "start": 3, "end": 5, "weight": 0.41},)),
            PredictedField("sentiment", "unavailable"),
        ),
    }
    return Prediction(**{**facts, **changes})


def made_event(number: int = 1, event: str = "created", **changes: Any) -> TicketEvent:
    """Something that happened to a ticket."""
    return TicketEvent(**{"ticket_id": f"T-{number}", "event": event, "at": NOON, **changes})


def made_feedback(verdict: Any = "accepted", **changes: Any) -> Feedback:
    """A word on the category of the first prediction."""
    value = "耗材" if verdict == "corrected" else None
    facts = {"field": "category", "verdict": verdict, "actor": "王工", "at": NOON, "value": value}
    target = {} if "ticket_id" in changes else {"prediction_id": "P000001"}
    return Feedback(**{**facts, **target, **changes})
