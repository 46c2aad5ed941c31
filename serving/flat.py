"""``?shape=flat``: an answer as one flat object, for low-code tools that cannot read nested ones.

For a field ``category``: ``category`` (the value), ``category_status``, ``category_code`` (of an unavailable one),
``category_external_id``, ``category_path`` (joined by ``/``), ``category_confidence``, ``category_confidence_level``,
``category_decision``, ``category_model``, ``category_model_value``, ``category_rule`` (the rule's id),
``category_alternative_1``, ``category_alternative_1_external_id``, ``category_alternative_1_confidence``, …,
``category_reasons`` (the spans as ``field:start-end``, other reasons as their codes, joined by blanks),
``category_reasons_zh`` and ``category_reasons_en`` (those that have words, joined by semicolons). A group or a person
has ``assignee_excluded`` beside (``a2:at_capacity``, joined by blanks). Missing values are null. Beside stand
``prediction_id``, ``ticket_id``, ``warnings`` (joined by blanks) and ``latency_ms``.
"""

from collections.abc import Mapping
from typing import Any

from serving.answers import Answer, Prediction, RoutedPrediction, Unavailable
from serving.body import invalid
from serving.problems import FieldError

Flat = dict[str, str | float | None]


def wants_flat(query: Mapping[str, str]) -> bool:
    """Return whether a query asks for flat answers; a 422 for another shape."""
    shape = query.get("shape", "nested")
    if shape not in ("nested", "flat"):
        raise invalid([FieldError("shape", "enum", "expected nested or flat")])
    return shape == "flat"


def flat(answer: Answer) -> Flat:
    """Return an answer as one flat object.

    >>> flat(Answer("01J", None, {"priority": Unavailable("unavailable", "no_champion")}, [], 0.5))
    {'prediction_id': '01J', 'ticket_id': None, 'warnings': '', 'latency_ms': 0.5, 'priority': None,
     'priority_status': 'unavailable', 'priority_code': 'no_champion'}
    """
    result: Flat = {
        "prediction_id": answer.prediction_id, "ticket_id": answer.ticket_id, "warnings": " ".join(answer.warnings),
        "latency_ms": answer.latency_ms,
    }
    for name, found in answer.predictions.items():
        result |= _unavailable(name, found) if isinstance(found, Unavailable) else _field(name, found)
    return result


def _unavailable(name: str, found: Unavailable) -> Flat:
    return {name: None, f"{name}_status": found.status, f"{name}_code": found.code}


def _field(name: str, found: Prediction) -> Flat:
    result: Flat = {
        name: found.value, f"{name}_status": found.status, f"{name}_code": None,
        f"{name}_external_id": found.external_id, f"{name}_path": "/".join(found.path),
        f"{name}_confidence": found.confidence, f"{name}_confidence_level": found.confidence_level,
        f"{name}_decision": found.decision, f"{name}_model": found.model, f"{name}_model_value": found.model_value,
        f"{name}_rule": None if found.rule is None else str(found.rule["id"]),
        f"{name}_reasons": " ".join(_reason(each) for each in found.reasons),
        f"{name}_reasons_zh": ";".join(each["text_zh"] for each in found.reasons if "text_zh" in each),
        f"{name}_reasons_en": "; ".join(each["text_en"] for each in found.reasons if "text_en" in each),
    }
    if isinstance(found, RoutedPrediction):
        result[f"{name}_excluded"] = " ".join(f"{each.value}:{each.code}" for each in found.excluded)
    for number, other in enumerate(found.alternatives, start=1):
        start = f"{name}_alternative_{number}"
        result[start] = other.value
        result[f"{start}_external_id"] = other.external_id
        result[f"{start}_confidence"] = other.confidence
    return result


def _reason(reason: Mapping[str, Any]) -> str:
    if "start" not in reason:
        return str(reason["code"])
    return f"{reason['field']}:{reason['start']}-{reason['end']}"
