"""``/v1/churn/accounts``: accounts at risk as JSON, CSV and XLSX, one in full, and what people did about it."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request
from pydantic_core import to_json
from starlette.responses import Response

from fenzhen.store import Outcome, Store, Unit
from serving.accounts.answers import OutcomeAnswer, account_answer, accounts_answer
from serving.accounts.export import as_csv, as_xlsx
from serving.accounts.index import RiskIndex
from serving.accounts.outcomes import OutcomeRequest, outcome_of
from serving.accounts.query import AccountQuery, read_query
from serving.accounts.reading import find_account, found_rows, list_accounts, next_cursor, seen_by, shown_index
from serving.body import check_media_type, read_model
from serving.calls import call_of
from serving.guard import REQUEST_ID
from serving.idempotency import recorded_once
from serving.keys import current_key
from serving.metrics import counted
from serving.problems import ProblemError
from serving.store_reading import asked_store
from serving.worker import Worker

__all__ = ["accounts_router", "exported"]

MEDIA_TYPES = {"csv": "text/csv; charset=utf-8",
               "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


def accounts_router(worker: Callable[[], Worker]) -> APIRouter:
    """Return the routes. A key that is bound to an owner sees and changes this owner's accounts alone."""
    router = APIRouter()

    @router.get("/churn/accounts")
    async def accounts(request: Request) -> Response:
        query = seen_by(current_key(request), read_query(request.query_params, worker().zone))
        if query.format != "json":
            return await exported(worker(), query, request)
        return await asked_store(worker(), "accounts", lambda store: _json(accounts_answer(
            list_accounts(store, worker().risks, query))))

    @router.get("/churn/accounts/{id}")
    async def account(request: Request) -> Response:
        entity, owner = request.path_params["id"], current_key(request).owner
        return await asked_store(
            worker(), "accounts", lambda store: _json(account_answer(find_account(store, entity, owner))))

    @router.post("/churn/accounts/{id}/outcomes")
    async def outcomes(request: Request) -> Response:
        check_media_type(request.headers)
        told, key = read_model(await request.body(), OutcomeRequest), current_key(request)
        call, entity = call_of(request.scope, request.scope[REQUEST_ID]), request.path_params["id"]
        said = await asked_store(worker(), "accounts", lambda store: outcome_of(store, entity, told, key, call))

        def work(unit: Unit) -> OutcomeAnswer:
            counted().taken("outcomes", said.outcome)
            return OutcomeAnswer(outcome_id=unit.write_outcome(said))

        return await recorded_once(worker().writer, request, work)

    return router


async def exported(worker: Worker, query: AccountQuery, request: Request) -> Response:
    """Return the accounts of a query as a file; one at a time, for writing it takes seconds.

    Where more match than a file may hold, ``Link`` names the next file.
    """
    async with worker.exporting:
        content, cursor, day = await asked_store(worker, "accounts", lambda store: _file(worker, store, query))
    headers = {"Content-Disposition": f'attachment; filename="accounts-{day}.{query.format}"',
               "Cache-Control": "no-store"}
    if cursor is not None:
        kept = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
        headers["Link"] = f'<?{urlencode([*kept, ("cursor", cursor)], quote_via=quote)}>; rel="next"'
    return Response(content, media_type=MEDIA_TYPES[query.format], headers=headers)


class _GoneError(Exception):
    """The rows of a run are being deleted while a file of them is written."""


def _file(worker: Worker, store: Store, query: AccountQuery) -> tuple[bytes, str | None, str]:
    write = as_csv if query.format == "csv" else as_xlsx
    while (index := shown_index(store, worker.risks, query)) is not None:
        day = index.run.run.as_of.astimezone(worker.zone).date().isoformat()
        found = found_rows(store, worker.risks, index, query)
        try:
            content = write(index, found.rows, worker.zone, partial(_explained, store, index))
        except _GoneError:
            worker.risks.let_go(index)
            continue
        return content, next_cursor(index, query, found), day
    raise ProblemError(404, "Nothing has been scored yet.")


def _explained(store: Store, index: RiskIndex,
               entities: Sequence[str]) -> Sequence[tuple[Mapping[str, Any], Outcome | None]]:
    found = store.explained(index.run, entities)
    if found is None:
        raise _GoneError
    return found


def _json(answer: Any) -> Response:
    return Response(to_json(answer), media_type="application/json", headers={"Cache-Control": "no-store"})
