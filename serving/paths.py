"""The path of a request as it was sent: ASGI hands on a decoded one, in which %2F looks like a slash between parts."""

from urllib.parse import unquote, unquote_to_bytes

from starlette.requests import Request
from starlette.types import Scope

from serving.access import ROUTE, Access
from serving.body import invalid
from serving.problems import FieldError

__all__ = ["path_in_parts", "path_value"]


def path_in_parts(scope: Scope) -> str:
    """Return the decoded path with NUL for a slash that was sent as ``%2F``: it is part of a value, ends no part.

    A value with NUL is nobody's; a route whose values may hold slashes reads them by :func:`path_value`.

    >>> path_in_parts({"path": "/v1/assignees/王/1", "raw_path": b"/v1/assignees/%E7%8E%8B%2f1"})
    '/v1/assignees/王\\x001'
    """
    sent: bytes = scope["raw_path"]
    if b"%2F" not in sent.upper():
        return str(scope["path"])
    return "/".join(unquote(part).replace("/", "\0") for part in sent.decode("ascii").split("/"))


def path_value(request: Request, name: str) -> str:
    """Return what stands in the path where the route's template has ``{name}``, slashes sent as ``%2F`` included.

    A 422 if it is not UTF-8.
    """
    route: Access = request.scope[ROUTE]
    part = request.scope["raw_path"].split(b"/")[route.path.split("/").index(f"{{{name}}}")]
    try:
        return unquote_to_bytes(part).decode()
    except UnicodeDecodeError:
        raise invalid([FieldError(name, "not_utf8", "expected UTF-8, percent-encoded")]) from None
