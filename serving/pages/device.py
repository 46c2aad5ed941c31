"""``/app/device``: one device with risks, reasons, telemetry and history; ``/app/alert`` records how an alert ended."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from models.devices.outcomes import ANY
from serving.devices.answers import device_answer
from serving.devices.closing import LONGEST_NOTE, CloseRequest
from serving.devices.reading import find_alert, find_device
from serving.keys import current_key
from serving.metrics import counted
from serving.pages.account_view import in_words
from serving.pages.amounts import day
from serving.pages.devices import alert_view, named, scored_of
from serving.pages.forms import read_form
from serving.pages.trend import trend_rows
from serving.pages.visits import Visit
from serving.parameters import LONGEST_ID
from serving.problems import ProblemError
from serving.store_reading import asked_store


async def shown(visit: Visit) -> Response:
    """Show the device that the address names."""
    asked = visit.request.query_params
    return await _page(visit, asked.get("id", ""), thanks="device.thanks" if "told" in asked else None)


async def told(visit: Visit) -> Response:
    """Close an alert as a form says, then show its device again; what cannot be recorded is told."""
    sent, key = await read_form(visit.request), current_key(visit.request)
    alert_id, device_id = sent.get("alert", "")[:LONGEST_ID], sent.get("id", "")
    try:
        note = sent.get("note", "").strip() or None
        said = CloseRequest.model_validate({"outcome": sent.get("outcome"), "note": note})
    except ValidationError:
        return await _page(visit, device_id, 422, told="device.choose")
    await asked_store(visit.worker, "devices", lambda store: find_alert(store, alert_id, key.owner))
    actor = key.owner or f"key:{key.id}"
    closed = await visit.worker.writer.run(
        lambda unit: unit.close_alert(alert_id, said.outcome, datetime.now(UTC), note=said.note, actor=actor))
    if not closed:
        return await _page(visit, device_id, 409, told="device.closed_already")
    counted().taken("alerts_closed", said.outcome)
    return RedirectResponse(f"device?{urlencode({'id': device_id, 'told': 1})}", 303, {"Cache-Control": "no-store"})


async def _page(visit: Visit, device_id: str, status: int = 200, *, told: str | None = None,
                thanks: str | None = None) -> Response:
    if not 0 < len(device_id) <= LONGEST_ID:
        raise ProblemError(404, "There is no device of this id.")
    owner = None if visit.key is None else visit.key.owner
    device = await asked_store(visit.worker, "devices", lambda store: find_device(store, device_id, owner))
    answer = device_answer(device)
    risks = [(each, named(visit.words, each.component)) for each in answer.risks]
    return visit.page(
        "device.html", status, scripted=True, device=answer, scored=scored_of(visit, device.run), risks=risks,
        told=told, thanks=thanks, reasons=[(each, in_words(each.model_dump(), visit.words)) for each in answer.reasons],
        alerts=[alert_view(each, visit) for each in device.alerts],
        trend=trend_rows(answer.risks[0].trend if answer.risks else (), visit.worker.zone),
        signals=_signals(answer.signals, visit.worker.zone), zone=visit.worker.zone.key,
        history=_happenings(visit, answer.history), note_limit=LONGEST_NOTE,
        similar=_happenings(visit, answer.similar), ended=lambda moment: day(moment, visit.worker.zone),
    )


def _signals(told: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """Return telemetry as rows of days, which begin at the zone's midnight; empty where there is none."""
    days: Sequence[str] = told.get("days") or ()
    series: Mapping[str, Sequence[float | None]] = {name: each for name, each in told.items() if name != "days"}
    rows = [(each, _seconds(each, zone), [values[place] if place < len(values) else None for values in series.values()])
            for place, each in enumerate(days)]
    return {"names": list(series), "rows": rows} if rows and series else {}


def _happenings(visit: Visit, told: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return what happened in words, on which day of the workspace's zone, newest first; ``code`` is the record's own:
    of an error its number, of maintenance what was done."""
    moments = [datetime.fromtimestamp(_seconds(str(each["at"])), UTC) for each in told if each.get("at")]
    found = [{"day": day(at, visit.worker.zone), "seconds": round(at.timestamp()),
              "kind": str(each.get("kind", "event")), "device_id": each.get("device_id"),
              "component": named(visit.words, str(each.get("component") or ANY)), "code": each.get("code"),
              "text": in_words(each, visit.words) if each.get("text_zh") or each.get("text_en") else None}
             for at, each in zip(moments, (each for each in told if each.get("at")), strict=True)]
    return sorted(found, key=lambda each: -each["seconds"])


def _seconds(moment: str, zone: tzinfo = UTC) -> int:
    """Return the Unix time of an ISO time or day; one without an offset is meant in ``zone``."""
    found = datetime.fromisoformat(moment)
    return round((found if found.tzinfo else found.replace(tzinfo=zone)).timestamp())
