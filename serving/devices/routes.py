"""``/v1/devices``: alerts and how they end, one device in full, a forecast of a window sent along, expected parts."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from pydantic_core import to_json
from starlette.datastructures import QueryParams
from starlette.responses import Response

from fenzhen.store import Unit
from serving.body import check_media_type, invalid, read_model
from serving.devices.alert_file import alerts_csv
from serving.devices.answers import ClosedAnswer, alerts_answer, device_answer
from serving.devices.closing import CloseRequest
from serving.devices.forecast import ForecastRequest, forecast
from serving.devices.forecaster import Loaded
from serving.devices.parts import PartsAnswer, as_csv, expected_parts
from serving.devices.query import read_query
from serving.devices.reading import find_alert, find_device, is_known, list_alerts, shown_to
from serving.idempotency import recorded_once
from serving.keys import current_key
from serving.metrics import counted
from serving.parameters import Parameters, member
from serving.problems import ALREADY_CLOSED, ProblemError
from serving.store_reading import asked_store
from serving.worker import Worker

__all__ = ["csv_file", "devices_router"]

CSV = "text/csv; charset=utf-8"


def devices_router(worker: Callable[[], Worker]) -> APIRouter:
    """Return the routes. A key that is bound to an owner sees the devices of this owner's customers alone."""
    router = APIRouter()

    @router.get("/devices/alerts")
    async def alerts(request: Request) -> Response:
        query = shown_to(current_key(request), read_query(request.query_params, worker().zone))
        found = await asked_store(worker(), "devices", lambda store: list_alerts(store, query))
        return csv_file(alerts_csv(found.alerts), "alerts") if query.format == "csv" else _json(alerts_answer(found))

    @router.get("/devices/parts")
    async def parts(request: Request) -> Response:
        as_file = _format(request.query_params, worker()) == "csv"
        if current_key(request).owner is not None:
            raise ProblemError(403, "Expected parts are of the whole fleet; the key is bound to an owner.")
        found = await asked_store(worker(), "devices", lambda store: expected_parts(store, worker().zone))
        return csv_file(as_csv(found), "parts") if as_file else _json(PartsAnswer(items=found))

    @router.post("/devices/forecast")
    async def forecasts(request: Request) -> Response:
        check_media_type(request.headers)
        asked = await asyncio.to_thread(read_model, await request.body(), ForecastRequest)
        known = await _known(worker(), asked.device.id, current_key(request).owner)
        answer = await asyncio.to_thread(forecast, _loaded(worker()), asked, datetime.now(UTC), known=known)
        return _json(answer)

    @router.get("/devices/{id}")
    async def device(request: Request) -> Response:
        device_id, owner = request.path_params["id"], current_key(request).owner
        return await asked_store(
            worker(), "devices", lambda store: _json(device_answer(find_device(store, device_id, owner))))

    router.include_router(closing_router(worker))
    return router


def closing_router(worker: Callable[[], Worker]) -> APIRouter:
    """Return the route by which people tell how an alert ended; acknowledged when committed."""
    router = APIRouter()

    @router.post("/devices/alerts/{id}/close")
    async def close(request: Request) -> Response:
        check_media_type(request.headers)
        told, key = read_model(await request.body(), CloseRequest), current_key(request)
        alert_id, actor = request.path_params["id"], key.owner or told.actor or f"key:{key.id}"
        await asked_store(worker(), "devices", lambda store: find_alert(store, alert_id, key.owner))

        def work(unit: Unit) -> ClosedAnswer:
            if not unit.close_alert(alert_id, told.outcome, datetime.now(UTC), note=told.note or None, actor=actor):
                raise ProblemError(409, "The alert was closed before; what was said then stands.", kind=ALREADY_CLOSED)
            counted().taken("alerts_closed", told.outcome)
            return ClosedAnswer(alert_id=alert_id)

        return await recorded_once(worker().writer, request, work)

    return router


async def _known(worker: Worker, device_id: str | None, owner: str | None) -> bool:
    """Whether a device is known, or nobody can say: a forecast needs no store."""
    try:
        return device_id is None or await asked_store(
            worker, "devices", lambda store: is_known(store, device_id, owner))
    except ProblemError:
        return True


def _loaded(worker: Worker) -> Loaded:
    found = worker.forecaster.current()
    if found is None:
        raise ProblemError(503, "Not ready: no device model has been published yet.")
    return found


def _format(asked: QueryParams, worker: Worker) -> str:
    read = Parameters(asked, worker.zone)
    found = read.one("format", lambda text: member(text, ("json", "csv")), "json")
    read.refuse_others(("format",))
    if read.errors:
        raise invalid(read.errors)
    return found


def _json(answer: Any) -> Response:
    return Response(to_json(answer), media_type="application/json", headers={"Cache-Control": "no-store"})


def csv_file(content: bytes, name: str) -> Response:
    """Return a CSV file to save."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"', "Cache-Control": "no-store"}
    return Response(content, media_type=CSV, headers=headers)
