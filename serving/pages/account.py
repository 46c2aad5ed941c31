"""``/app/account``: one account with trend, reasons and what happened; ``/app/outcome`` records what was done."""

from collections.abc import Awaitable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from fenzhen.store import Store
from serving.accounts.answers import AccountAnswer, TimelineEntry, account_answer
from serving.accounts.outcomes import LONGEST_NOTE, OutcomeRequest, outcome_of
from serving.accounts.reading import Account, find_account
from serving.calls import call_of
from serving.guard import REQUEST_ID
from serving.keys import current_key
from serving.metrics import counted
from serving.pages.account_view import account_view, in_words, link_to
from serving.pages.amounts import day
from serving.pages.churn import STALE, today
from serving.pages.forms import read_form
from serving.pages.freshness import freshness
from serving.pages.language import Words
from serving.pages.trend import trend_rows
from serving.pages.visits import Visit, problem_page
from serving.parameters import LONGEST_ID
from serving.problems import ProblemError
from serving.store_reading import asked_store


async def shown(visit: Visit) -> Response:
    """Show the account that the address names."""
    asked = visit.request.query_params
    thanks = "outcome.thanks" if "told" in asked else None
    return await _or_unknown(visit, _page(visit, asked.get("id", ""), thanks=thanks))


async def told(visit: Visit) -> Response:
    """Record what a form says, then show the account again; what cannot be recorded is told."""
    return await _or_unknown(visit, _told(visit))


async def _or_unknown(visit: Visit, answer: Awaitable[Response]) -> Response:
    """Return an answer; for an account that nobody has or that is another's, a page that says so."""
    try:
        return await answer
    except ProblemError as problem:
        if problem.status != 404:
            raise
        return problem_page(visit, problem, about=visit.words("account.unknown"))


async def _told(visit: Visit) -> Response:
    sent = await read_form(visit.request)
    entity = sent.get("id", "")
    try:
        request = _request(visit, sent)
    except ValidationError:
        return await _page(visit, entity, 422, told="outcome.until_needed" if sent.get("outcome") == "snoozed"
                           else "outcome.choose")
    key = current_key(visit.request)
    call = call_of(visit.request.scope, visit.request.scope[REQUEST_ID])
    said = await asked_store(
        visit.worker, "accounts", lambda store: outcome_of(store, _known(entity), request, key, call))
    await visit.worker.writer.run(lambda unit: unit.write_outcome(said))
    counted().taken("outcomes", said.outcome)
    return RedirectResponse(f"account?{urlencode({'id': entity, 'told': 1})}#outcomes", 303,
                            {"Cache-Control": "no-store"})


def _request(visit: Visit, sent: Mapping[str, str]) -> OutcomeRequest:
    """Return what a form says; a snooze ends when its day begins where the workspace is."""
    until = None
    if sent.get("outcome") == "snoozed" and sent.get("until"):
        try:
            day = datetime.fromisoformat(sent["until"]).replace(tzinfo=visit.worker.zone)
            until = day.isoformat() if day > datetime.now(UTC) else None
        except ValueError:
            until = None
    return OutcomeRequest.model_validate({
        "outcome": sent.get("outcome"), "reason": sent.get("reason") or None, "until": until,
        "note": sent.get("note", "").strip() or None,
    })


async def _page(visit: Visit, entity: str, status: int = 200, *, told: str | None = None,
                thanks: str | None = None) -> Response:
    owner = None if visit.key is None else visit.key.owner

    def ask(store: Store) -> Account:
        return find_account(store, _known(entity), owner)

    account = await asked_store(visit.worker, "accounts", ask)
    last = account.outcomes[0].said if account.outcomes else None
    view = account_view(account.score, account.details, last, visit.words, visit.worker)
    answer = account_answer(account)
    return visit.page(
        "account.html", status, scripted=True, account=view, answer=answer, told=told, thanks=thanks,
        crm=link_to(visit.worker.config.customer_link, entity), note_limit=LONGEST_NOTE,
        timeline=_timeline(visit, answer), reasons=_in_words(visit, answer),
        trend=trend_rows(account.score.history, visit.worker.zone),
        outcomes=[(each, day(each.at, visit.worker.zone), each.until and day(each.until, visit.worker.zone))
                  for each in answer.outcomes],
        scored=freshness(visit, account.run, STALE), tomorrow=today(visit) + timedelta(days=1),
        next_week=today(visit) + timedelta(days=7),
    )


def _known(entity: str) -> str:
    """Return an id that the store can be asked for; a 404 for one that nobody has."""
    if not 0 < len(entity) <= LONGEST_ID:
        raise ProblemError(404, "There is no account of this id.")
    return entity


def _in_words(visit: Visit, answer: AccountAnswer) -> Mapping[str, list[dict[str, Any]]]:
    """Return reasons and protective factors in words, with the addresses of their tickets."""
    link = visit.worker.config.ticket_link
    return {
        kind: [{"said": each, "text": in_words(each.model_dump(), visit.words),
                "tickets": [(ticket, link_to(link, ticket)) for ticket in each.tickets],
                "counts": answer.action_results.get(each.code)} for each in found]
        for kind, found in (("reasons", answer.reasons), ("protective", answer.protective))
    }


def _timeline(visit: Visit, answer: AccountAnswer) -> list[dict[str, Any]]:
    link = visit.worker.config.ticket_link
    return [{"day": day(each.at, visit.worker.zone), "kind": each.kind, "id": each.id,
             "text": beyond_kind(each, visit.words),
             "address": link_to(link, each.id) if each.kind == "ticket" else None} for each in answer.evidence]


def beyond_kind(entry: TimelineEntry, words: Words) -> str:
    """Return what a happening's text says beyond its kind, whose word stands beside it."""
    text, kind = in_words(entry.model_dump(), words), words.named("kind", entry.kind)
    return text[len(kind):].lstrip() if text.casefold().startswith(kind.casefold()) else text


