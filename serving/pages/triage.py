"""``/app/triage``: paste a ticket, see every served field."""

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from fenzhen.store import StoredFeedback
from serving.answers import Answer, Prediction, RoutedPrediction, Unavailable
from serving.calls import call_of
from serving.catalogue import field_values
from serving.champions import Snapshot
from serving.families import PERSON_FIELD, PRIORITY_FIELD
from serving.guard import REQUEST_ID
from serving.pages.asked_facts import AskedFacts, asked_facts
from serving.pages.field_view import FieldView, field_view, nameless
from serving.pages.forms import read_form
from serving.pages.people import naming
from serving.pages.ticket_form import COLUMN, EMPTY, ID_LIMIT, columns_of, extras_of, question_of, what_is_wrong
from serving.pages.visits import Visit
from serving.prediction_log import logged
from serving.predictor import KNOWN_FIELDS, NoChampionError, answer_many
from serving.questions import Question, Wish
from serving.schemas import BODY_LIMIT, SUBJECT_LIMIT

WISH = Wish(top_k=3, explain=True)


async def empty(visit: Visit) -> Response:
    """Show the form."""
    return visit.page("triage.html", **shown(EMPTY, asked_facts(visit.worker.snapshot)))


async def classified(visit: Visit) -> Response:
    """Answer a ticket and have the answer written as any other's."""
    facts = asked_facts(visit.worker.snapshot)
    question = question_of(await read_form(visit.request), facts.columns)
    if (wrong := what_is_wrong(question)) is not None:
        return visit.page("triage.html", 422, **shown(question, facts, told=wrong))
    try:
        answer = await answered(visit.worker.snapshot, question)
    except NoChampionError:
        return visit.page("triage.html", 503, **shown(question, facts, told="triage.not_ready"))
    call = call_of(visit.request.scope, visit.request.scope[REQUEST_ID])
    visit.worker.writer.put(logged([answer], [question], call, keep_text=visit.worker.config.keep_text))
    fields = views(visit, answer, question)
    return visit.page("triage.html", **shown(question, facts, fields=fields, answer=answer))


async def answered(snapshot: Snapshot, question: Question) -> Answer:
    """Answer a ticket with reasons, which take a while for a long one, beside other requests."""
    found = await asyncio.to_thread(answer_many, snapshot, [question], WISH)
    return found[0]


def views(
    visit: Visit, answer: Answer, question: Question, said: Mapping[str, StoredFeedback] | None = None,
) -> list[FieldView]:
    """Return what is shown of each field; ``said`` is what this key has said about each so far."""
    snapshot, before = visit.worker.snapshot, said or {}
    names = {PERSON_FIELD: naming(snapshot)}
    return [
        field_view(field, found, question, choices(snapshot, field, found), before.get(field), visit.words,
                   names.get(field, nameless))
        for field, found in sorted(answer.predictions.items(), key=lambda each: _place(each[0]))
    ]


def _place(field: str) -> int:
    """Return where a field's card stands: what it is about first, then how urgent, then who."""
    return KNOWN_FIELDS.index(field) if field in KNOWN_FIELDS else KNOWN_FIELDS.index(PRIORITY_FIELD)


def closed_values(snapshot: Snapshot, field: str) -> list[str]:
    """Return the active values of a field that has a fixed set of them; empty for people and groups."""
    return [each.value for each in field_values(snapshot, field).values if each.active]


def choices(snapshot: Snapshot, field: str, found: Prediction | Unavailable) -> list[str]:
    """Return the values that a correction may name: the active ones, else whoever an answer and the roster know."""
    closed = closed_values(snapshot, field)
    if closed or not isinstance(found, RoutedPrediction):
        return closed
    named = [found.value, *(each.value for each in found.alternatives), *(each.value for each in found.excluded)]
    told = [each.assignee_id if field == PERSON_FIELD else each.group for each in snapshot.roster.told.values()]
    return list(dict.fromkeys(each for each in (*named, *told) if each))


def shown(
    question: Question, facts: AskedFacts, *, fields: list[FieldView] | None = None, answer: Answer | None = None,
    told: str | None = None, thanks: str | None = None,
) -> dict[str, Any]:
    """Return what the template needs; ``told`` and ``thanks`` name words of failure and of success."""
    limits = {"subject": SUBJECT_LIMIT, "body": BODY_LIMIT, "id": ID_LIMIT}
    return {
        "question": question, "fields": fields, "answer": answer, "told": told, "thanks": thanks, "limits": limits,
        "routes": facts.routes, "extras": extras_of(question), "columns": columns_of(question, facts.columns),
        "column": COLUMN,
    }
