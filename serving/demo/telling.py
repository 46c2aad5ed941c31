"""What comes back to the service after its answers: a person's word on one of them, and what became of a ticket."""

from typing import Any

from serving.demo.asking import Service
from serving.demo.screen import Asked

ACTOR = "demo"


def word_on(asked: Asked) -> dict[str, Any] | None:
    """Return the feedback to give: a correction where an answer is wrong or missing, else an acceptance.

    >>> ticket = {"ticket": {"id": "T-1"}, "truth": {"category": "配送"}}
    >>> answer = {"prediction_id": "01J", "predictions": {"category": {"status": "ok", "value": "退款"}}}
    >>> word_on([(ticket, answer)])
    {'prediction_id': '01J', 'field': 'category', 'actor': 'demo', 'verdict': 'corrected', 'value': '配送'}
    """
    words = [_word(answer, field, truth) for each, answer in asked for field, truth in each["truth"].items()
             if truth is not None and answer["predictions"].get(field, {}).get("status") == "ok"]
    return min(words, key=lambda word: word["verdict"] != "corrected", default=None)


def _word(answer: dict[str, Any], field: str, truth: str) -> dict[str, Any]:
    word = {"prediction_id": answer["prediction_id"], "field": field, "actor": ACTOR}
    if answer["predictions"][field]["value"] == truth:
        return {**word, "verdict": "accepted"}
    return {**word, "verdict": "corrected", "value": truth}


def happened_to(ticket: dict[str, Any]) -> dict[str, Any]:
    """Return the event that tells of a new ticket."""
    return {"ticket_id": ticket["id"], "event": "created", "at": ticket["created_at"]}


def feedback_line(service: Service, word: dict[str, Any]) -> str:
    """Give a person's word and return what became of it."""
    told = service.call("/v1/feedback", word)
    right = told["value"] if told["value"] is not None else "—"
    return f"Feedback      {word['verdict']} {told['ticket_id']} {told['field']} = {right}: {told['status']}"


def event_line(service: Service, event: dict[str, Any]) -> str:
    """Tell what happened to a ticket and return what became of it."""
    told = service.call("/v1/events", event)
    return f"Event         {event['event']} {event['ticket_id']}: {told['events'][0]['status']}"


def modes_line(service: Service) -> str:
    """Return how far decisions go: suggest for every field until an administrator says otherwise."""
    fields = service.call("/v1/modes")["fields"]
    return "Modes         " + ", ".join(f"{each['field']} {each['mode']}" for each in fields)
