"""The JSON schemas of the OpenAPI document: of what calls accept and of what they answer."""

from typing import Any

from pydantic import TypeAdapter

from serving.accounts.answers import AccountAnswer, AccountsAnswer, OutcomeAnswer
from serving.accounts.outcomes import OutcomeRequest
from serving.answers import Answer
from serving.batch import BatchAnswer
from serving.catalogue import Models, Taxonomy
from serving.devices.answers import AlertsAnswer, ClosedAnswer, DeviceAnswer
from serving.devices.closing import CloseRequest
from serving.devices.forecast import ForecastAnswer, ForecastRequest
from serving.devices.parts import PartsAnswer
from serving.events import EventsAnswer
from serving.feedback import FeedbackAnswer
from serving.modes import ModesAnswer
from serving.routing.assign_answers import AssignAnswer
from serving.routing.assignees import AssigneeAnswer, AssigneesAnswer
from serving.schemas import (
    AssigneeRequest,
    AssignRequest,
    BatchItem,
    BatchRequest,
    ClassifyRequest,
    Event,
    Feedback,
    ModeRequest,
    RouteRequest,
    TriageRequest,
)

__all__ = ["REFERENCE", "schemas"]

REFERENCE = "#/components/schemas/{model}"


def schemas() -> dict[str, Any]:
    """Return the JSON schemas that operations name."""
    requests = (ClassifyRequest, TriageRequest, RouteRequest, BatchRequest, BatchItem, AssignRequest, AssigneeRequest,
                Event, Feedback, ModeRequest, OutcomeRequest, CloseRequest, ForecastRequest)
    answers = (Answer, BatchAnswer, AssignAnswer, AssigneeAnswer, AssigneesAnswer, EventsAnswer, FeedbackAnswer,
               ModesAnswer, Models, Taxonomy, AccountsAnswer, AccountAnswer, OutcomeAnswer, AlertsAnswer, DeviceAnswer,
               ClosedAnswer, PartsAnswer, ForecastAnswer)
    found: dict[str, Any] = {"Document": {"type": "object"}}
    for mode, models in (("validation", requests), ("serialization", answers)):
        for model in models:
            schema = TypeAdapter(model).json_schema(ref_template=REFERENCE, mode=mode)  # type: ignore[arg-type]
            found.update(schema.pop("$defs", {}))
            found[model.__name__] = schema
    return {**found, **_own(found)}


def _own(found: dict[str, Any]) -> dict[str, Any]:
    """Return the schemas that no class stands for."""
    item = {"anyOf": [_named("BatchItem"), True]}
    batch = found["BatchRequest"]
    items = {**batch["properties"]["items"], "items": item}
    plain = {"type": ["string", "number", "null"]}
    flat_answer = {
        "type": "object", "required": ["prediction_id", "ticket_id", "warnings", "latency_ms"],
        "description": "An answer as one flat object: category, category_confidence, category_decision, "
                       "category_alternative_1, … 扁平结果。",
        "properties": {"prediction_id": {"type": "string"}, "warnings": {"type": "string"}},
        "additionalProperties": plain,
    }
    return {
        "BatchRequest": {**batch, "properties": {**batch["properties"], "items": items}},
        "Events": {"anyOf": [_named("Event"), {"type": "array", "minItems": 1, "maxItems": 1000,
                                               "items": _named("Event")}]},
        "FlatAnswer": flat_answer,
        "FlatBatchAnswer": {
            "type": "object", "required": ["items", "latency_ms"],
            "properties": {"items": {"type": "array", "items": {"type": "object"}}, "latency_ms": {"type": "number"}},
        },
    }


def _named(name: str) -> dict[str, str]:
    return {"$ref": REFERENCE.format(model=name)}
