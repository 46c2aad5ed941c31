"""What every page has in common: its language, who is signed in, where forms come from, how errors look."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from fenzhen.store import KeyRecord
from serving.guard import REQUEST_ID
from serving.keys import KEY
from serving.pages import sessions
from serving.pages.language import COOKIE, PARAMETER, Words, asked_language, language_of
from serving.pages.navigation import page_of, pages_of
from serving.pages.rendering import rendered
from serving.problems import ProblemError
from serving.worker import Worker

LANGUAGE_SECONDS = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of a page; ``key`` is whose session it is, if anyone is signed in."""

    request: Request
    worker: Worker
    words: Words
    key: KeyRecord | None = None

    def may(self, scope: str) -> bool:
        """Return whether the signed-in key has a scope."""
        return self.key is not None and self.key.has(scope)

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """Return a template as a page in the visit's language."""
        here = page_of(self.request.scope["path"])
        return rendered(template, status, t=self.words, visit=self, pages=pages_of(self.key), here=here,
                        again=self._again(here, values.get("root", "")), **values)

    def _again(self, here: str, root: str) -> str:
        """Return the address of this page in the other language; a form that was sent leads to its page."""
        kept: list[tuple[str, str]] = []
        if self.request.method == "GET" and not root:
            here = quote(self.request.scope["path"].rpartition("/")[2], safe="") or here
            kept = [(name, value) for name, value in self.request.query_params.multi_items() if name != PARAMETER]
        return f"{here}?{urlencode([*kept, (PARAMETER, self.words.other)])}"


Handler = Callable[[Visit], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


class Visits:
    """Makes endpoints of handlers. A form from elsewhere is refused, a problem is shown as a page."""

    def __init__(self, worker: Callable[[], Worker]) -> None:
        self._worker = worker

    def open(self, handler: Handler) -> Endpoint:
        """Return the endpoint of a page that anyone may see."""
        async def endpoint(request: Request) -> Response:
            return await self._answered(Visit(request, self._worker(), Words(language_of(request))), handler)

        return endpoint

    def signed_in(self, handler: Handler, *scopes: str) -> Endpoint:
        """Return the endpoint of a page for keys with all of ``scopes``; others are asked to sign in, or refused."""
        async def guarded(visit: Visit) -> Response:
            key = await sessions.session_key(visit.worker.link, visit.request)
            if key is None:
                return _asked_to_sign_in(visit.request)
            visit.request.scope[KEY] = key
            known = Visit(visit.request, visit.worker, visit.words, key)
            visit.worker.gate.take(key)
            if lacking := [scope for scope in scopes if not key.has(scope)]:
                return problem_page(known, ProblemError(403, visit.words("problem.scope", scopes=",".join(lacking))))
            return await _shown(known, handler)

        return self.open(guarded)

    async def _answered(self, visit: Visit, handler: Handler) -> Response:
        if visit.request.method == "POST" and not sessions.is_from_here(visit.request):
            response = problem_page(visit, ProblemError(403, visit.words("problem.origin")))
        else:
            response = await _shown(visit, handler)
        if (asked := asked_language(visit.request)) is not None:
            secure = sessions.is_secure(visit.request)
            response.set_cookie(COOKIE, asked, LANGUAGE_SECONDS, path=sessions.PATH, secure=secure, samesite="strict")
        return response


def problem_page(visit: Visit, problem: ProblemError, root: str = "", about: str = "") -> Response:
    """Return a problem as a page, with the headers it asks for; ``root`` leads to where pages are.

    ``about`` says what to do about it where the usual words do not fit.
    """
    title = visit.words.named("problem", str(problem.status))
    about = problem.detail if problem.status == 403 else about or visit.words.about(problem.status)
    response = visit.page(
        "problem.html", problem.status, title=title, about=about, request_id=visit.request.scope.get(REQUEST_ID, ""),
        root=root,
    )
    response.headers.update(problem.headers)
    return response


async def _shown(visit: Visit, handler: Handler) -> Response:
    try:
        return await handler(visit)
    except ProblemError as problem:
        return problem_page(visit, problem)


def _asked_to_sign_in(request: Request) -> Response:
    ended = "&ended=1" if sessions.COOKIE in request.cookies else ""
    headers = {"Cache-Control": "no-store"}
    return RedirectResponse(f"sign-in?next={page_of(request.scope['path'])}{ended}", 303, headers)
