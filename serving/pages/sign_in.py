"""``/app/sign-in`` and ``/app/sign-out``: a key is shown once, from then on a cookie stands for it."""

from starlette.responses import RedirectResponse, Response

from serving.keys import require_usable
from serving.metrics import counted
from serving.pages import sessions
from serving.pages.forms import read_form
from serving.pages.navigation import known_page
from serving.pages.visits import Visit
from serving.problems import ProblemError

LONGEST_KEY = 200


async def form(visit: Visit) -> Response:
    """Ask for a key."""
    asked = visit.request.query_params
    return _form(visit, asked.get("next", ""), "sign_in.ended" if "ended" in asked else None)


async def enter(visit: Visit) -> Response:
    """Open a session for a usable key; all others are told the same."""
    sent = await read_form(visit.request)
    try:
        key = require_usable(await visit.worker.keys.find(sent.get("key", "").strip()[:LONGEST_KEY]))
    except ProblemError as problem:
        if problem.status != 401:
            raise
        counted().refused("bad_key")
        refused = _form(visit, sent.get("next", ""), "sign_in.refused", 401)
        refused.headers.update(problem.headers)
        return refused
    response = RedirectResponse(known_page(sent.get("next", ""), key), 303, {"Cache-Control": "no-store"})
    await sessions.open_session(visit.worker.link, visit.request, key, response)
    return response


async def leave(visit: Visit) -> Response:
    """End the session."""
    response = RedirectResponse("sign-in", 303, {"Cache-Control": "no-store"})
    await sessions.end_session(visit.worker.link, visit.request, response)
    return response


def _form(visit: Visit, then: str, told: str | None, status: int = 200) -> Response:
    return visit.page("sign_in.html", status, then=known_page(then), told=told)
