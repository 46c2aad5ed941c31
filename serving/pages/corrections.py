"""``/app/feedback``: what the signed-in person says about a field, shown again with the ticket it is about.

The ticket's text comes back with the form, for the store need not have it; the answer shown beside is made anew.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from starlette.responses import Response

from fenzhen.errors import StoreError
from fenzhen.store import Feedback, FeedbackOutcome, StoredFeedback
from serving.calls import call_of
from serving.guard import REQUEST_ID
from serving.metrics import counted
from serving.pages.asked_facts import asked_facts
from serving.pages.forms import read_form
from serving.pages.ticket_form import ID_LIMIT, question_of, what_is_wrong
from serving.pages.triage import answered, closed_values, shown, views
from serving.pages.visits import Visit
from serving.predictor import NoChampionError
from serving.problems import ProblemError

VERDICTS = ("accepted", "corrected", "rejected")
TRIES = 6
TRY_SECONDS = 0.1
"""A prediction may still wait to be written, for a fifth of a second where the store answers."""


class _RefusedError(Exception):
    """Feedback that is not recorded; its text names the words that say why."""


async def corrected(visit: Visit) -> Response:
    """Record what was said and show the ticket again."""
    sent = await read_form(visit.request)
    told = thanks = None
    try:
        outcome = await _recorded(visit, _feedback(visit, sent))
        thanks = "feedback.repeated" if outcome.status == "repeated" else "feedback.thanks"
    except _RefusedError as refused:
        told = str(refused)
    return await _shown_again(visit, sent, told, thanks)


def _feedback(visit: Visit, sent: Mapping[str, str]) -> Feedback:
    """Return what a form says: its button names verdict and field, its list the value."""
    verdict, _, field = sent.get("say", "").partition(":")
    prediction_id = sent.get("prediction_id", "")
    if verdict not in VERDICTS or not 0 < len(field) <= ID_LIMIT or not 0 < len(prediction_id) <= ID_LIMIT:
        raise ProblemError(422, "Expected a verdict on a field of a prediction.")
    value = sent.get(f"value.{field}", "") if verdict == "corrected" else None
    if value == "":
        raise _RefusedError("feedback.value_needed")
    allowed = closed_values(visit.worker.snapshot, field)
    if value is not None and ((allowed and value not in allowed) or len(value) > ID_LIMIT):
        raise _RefusedError("feedback.unknown_value")
    call = call_of(visit.request.scope, visit.request.scope[REQUEST_ID])
    return Feedback(
        field=field, verdict=verdict, actor=_actor(visit), at=datetime.now(UTC), value=value,  # type: ignore[arg-type]
        prediction_id=prediction_id, key_id=call.key_id, request_id=call.request_id,
    )


async def _recorded(visit: Visit, row: Feedback) -> FeedbackOutcome:
    """Return what became of the feedback once it is committed."""
    for left in reversed(range(TRIES)):
        outcome = await visit.worker.writer.run(lambda unit: unit.write_feedback([row])[0])
        if outcome.status != "unknown_prediction" or not left:
            break
        await asyncio.sleep(TRY_SECONDS)
    if outcome.status in ("recorded", "superseded"):
        counted().taken("feedback", row.verdict)
    elif outcome.status != "repeated":
        raise _RefusedError("feedback.value_needed" if outcome.status == "nothing_to_accept" else "feedback.unknown")
    return outcome


async def _shown_again(visit: Visit, sent: Mapping[str, str], told: str | None, thanks: str | None) -> Response:
    facts, prediction_id = asked_facts(visit.worker.snapshot), sent["prediction_id"]
    question = question_of(sent, facts.columns)
    status = 200 if told is None else 422
    values: dict[str, Any] = {"told": told, "thanks": thanks}
    said = await asyncio.to_thread(_said, visit, prediction_id)
    if what_is_wrong(question) is not None:
        return visit.page("triage.html", status, **shown(question, facts, **values))
    try:
        answer = replace(await answered(visit.worker.snapshot, question), prediction_id=prediction_id)
    except NoChampionError:
        values["told"] = told or "triage.not_ready"
        return visit.page("triage.html", status, **shown(question, facts, **values))
    fields = views(visit, answer, question, said)
    return visit.page("triage.html", status, **shown(question, facts, fields=fields, answer=answer, **values))


def _said(visit: Visit, prediction_id: str) -> dict[str, StoredFeedback]:
    """Return this key's last word on each field; nothing while the store does not answer."""
    try:
        with visit.worker.link.lend("feedback") as store:
            found = store.feedback_of(prediction_id)
    except StoreError:
        return {}
    return {each.field: each for each in found if each.current and each.actor == _actor(visit)}


def _actor(visit: Visit) -> str:
    return f"key:{'' if visit.key is None else visit.key.id}"
