"""``/app/triage``: paste a ticket, see every served field."""

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from fenzhen.store import StoredFeedback
from serving.answers import Answer
from serving.calls import call_of
from serving.catalogue import field_values
from serving.champions import Snapshot
from serving.guard import REQUEST_ID
from serving.pages.field_view import FieldView, field_view
from serving.pages.forms import read_form
from serving.pages.visits import Visit
from serving.prediction_log import logged
from serving.predictor import NoChampionError, answer_many
from serving.questions import Question, Wish
from serving.schemas import BODY_LIMIT, SUBJECT_LIMIT

ID_LIMIT = 200
WISH = Wish(top_k=3, explain=True)
EMPTY = Question("", "", "")


async def empty(visit: Visit) -> Response:
    """Show the form."""
    return visit.page("triage.html", **shown(EMPTY))


async def classified(visit: Visit) -> Response:
    """Answer a ticket and have the answer written as any other's."""
    question = question_of(await read_form(visit.request))
    if (wrong := what_is_wrong(question)) is not None:
        return visit.page("triage.html", 422, **shown(question, told=wrong))
    try:
        answer = await answered(visit.worker.snapshot, question)
    except NoChampionError:
        return visit.page("triage.html", 503, **shown(question, told="triage.not_ready"))
    call = call_of(visit.request.scope, visit.request.scope[REQUEST_ID])
    visit.worker.writer.put(logged([answer], [question], call, keep_text=visit.worker.config.keep_text))
    fields = views(visit, answer, question)
    return visit.page("triage.html", **shown(question, fields=fields, answer=answer))


def question_of(sent: Mapping[str, str]) -> Question:
    """Return the ticket that a form holds."""
    return Question(sent.get("subject", ""), sent.get("body", ""), sent.get("ticket_id", "").strip() or None)


def what_is_wrong(question: Question) -> str | None:
    """Return the name of the words for what is wrong with a ticket, if anything is."""
    subject, body, ticket_id = question.subject or "", question.body or "", question.ticket_id or ""
    if len(subject) > SUBJECT_LIMIT or len(body) > BODY_LIMIT or len(ticket_id) > ID_LIMIT:
        return "triage.too_long"
    return None if (subject + body).strip() else "triage.empty_ticket"


async def answered(snapshot: Snapshot, question: Question) -> Answer:
    """Answer a ticket with reasons, which take a while for a long one, beside other requests."""
    found = await asyncio.to_thread(answer_many, snapshot, [question], WISH)
    return found[0]


def views(
    visit: Visit, answer: Answer, question: Question, said: Mapping[str, StoredFeedback] | None = None,
) -> list[FieldView]:
    """Return what is shown of each field; ``said`` is what this key has said about each so far."""
    snapshot, before = visit.worker.snapshot, said or {}
    return [
        field_view(field, found, question, choices(snapshot, field), before.get(field), visit.words)
        for field, found in answer.predictions.items()
    ]


def choices(snapshot: Snapshot, field: str) -> list[str]:
    """Return the values that a correction may name: the active ones."""
    return [each.value for each in field_values(snapshot, field).values if each.active]


def shown(
    question: Question, *, fields: list[FieldView] | None = None, answer: Answer | None = None,
    told: str | None = None, thanks: str | None = None,
) -> dict[str, Any]:
    """Return what the template needs; ``told`` and ``thanks`` name words of failure and of success."""
    limits = {"subject": SUBJECT_LIMIT, "body": BODY_LIMIT, "id": ID_LIMIT}
    return {
        "question": question, "fields": fields, "answer": answer, "told": told, "thanks": thanks, "limits": limits,
    }
