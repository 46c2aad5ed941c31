"""Refusals that a visitor meets before any page is asked: the guard's problems under ``/app``, as pages."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from serving.pages.language import Words, language_of
from serving.pages.visits import Visit, problem_page
from serving.problems import ProblemError
from serving.worker import Worker

__all__ = ["page_refusals"]

Refusal = Callable[[Scope, ProblemError], Response | None]
_ROOT = "/app"


def page_refusals(worker: Worker) -> Refusal:
    """Return what shows a problem as a page in the visitor's language, and None where no page was asked for."""
    def refusal(scope: Scope, problem: ProblemError) -> Response | None:
        if not is_page(scope["path"]):
            return None
        request = Request(scope)
        return problem_page(Visit(request, worker, Words(language_of(request))), problem, root=way_up(scope["path"]))

    return refusal


def is_page(path: str) -> bool:
    """Return whether a path is one of pages, be there a page or not.

    >>> is_page("/app/nothing"), is_page("/apple"), is_page("/app")
    (True, False, True)
    """
    return path == _ROOT or path.startswith(f"{_ROOT}/")


def way_up(path: str) -> str:
    """Return what leads from a path to where pages are; the service itself may stand below a proxy's prefix.

    >>> way_up("/app/triage"), way_up("/app/a/b"), way_up("/app")
    ('', '../', 'app/')
    """
    return "app/" if path == _ROOT else "../" * (path.count("/") - 2)
