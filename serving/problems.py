"""The one shape of every error over HTTP: RFC 9457 ``application/problem+json``.

====== ============================ ==========================================================
status type                         when
====== ============================ ==========================================================
400    invalid-json                 the body is not JSON as RFC 8259 and UTF-8 have it
401    unauthenticated              no key, or one that is unknown, expired or revoked (``WWW-Authenticate``)
403    forbidden                    the key lacks the scope that the path needs
404    not-found                    no such path, or nothing of that id
405    method-not-allowed           the path exists, the method does not (``Allow`` names those that do)
408    slow-request                 the body did not arrive in time
409    idempotency-clash            the ``Idempotency-Key`` was used with another body, or its request still runs
409    already-closed               the alert was closed before
413    body-too-large               more than the limit, counted while it arrives
415    unsupported-media-type       not JSON, another charset than UTF-8, or compressed
422    invalid-request              JSON of another shape; ``errors`` holds a JSON path each
429    too-many-requests            more requests than the key may send (``Retry-After``)
500    internal-error               a fault of the service, logged under the request id
503    not-ready                    no champion yet, too much in hand, or the store is away (``Retry-After``)
504    timeout                      the answer took longer than ``FENZHEN_TIMEOUT``
====== ============================ ==========================================================
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:fenzhen:problem:"
RETRY_AFTER_SECONDS = 5
MOST_ERRORS = 50

TITLES: Mapping[int, tuple[str, str]] = {
    400: ("invalid-json", "The body is not JSON"),
    401: ("unauthenticated", "A key is needed"),
    403: ("forbidden", "The key does not allow this"),
    404: ("not-found", "There is nothing of this name"),
    405: ("method-not-allowed", "The path does not know this method"),
    408: ("slow-request", "The body did not arrive in time"),
    409: ("idempotency-clash", "The Idempotency-Key stands for another request"),
    413: ("body-too-large", "The body is too large"),
    415: ("unsupported-media-type", "The body is not sent as JSON in UTF-8"),
    422: ("invalid-request", "The request does not have the expected shape"),
    429: ("too-many-requests", "The key has sent too many requests"),
    500: ("internal-error", "The service failed"),
    503: ("not-ready", "The service is not ready"),
    504: ("timeout", "The answer took too long"),
}


ALREADY_CLOSED = ("already-closed", "The alert is closed already")
"""Type and title of a conflict that has nothing to do with keys."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing that is wrong with a request: where (``$.ticket.created_at``), which rule, in words."""

    path: str
    code: str
    message: str


class ProblemError(Exception):
    """A request that is answered with a problem instead of a prediction.

    ``kind`` is the type and title of a problem that is another than its status has by itself.
    """

    def __init__(
        self, status: int, detail: str, *, errors: Sequence[FieldError] = (), headers: Mapping[str, str] | None = None,
        kind: tuple[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = tuple(errors)
        self.kind = kind or TITLES.get(status, ("", ""))
        self.headers = dict(headers or {})
        if status in (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS):
            self.headers.setdefault("Retry-After", str(RETRY_AFTER_SECONDS))
        if status == HTTPStatus.UNAUTHORIZED:
            self.headers.setdefault("WWW-Authenticate", 'Bearer realm="fenzhen"')


def problem_document(error: ProblemError, request_id: str) -> dict[str, Any]:
    """Return the problem as a mapping.

    >>> problem_document(ProblemError(404, "no /v2"), "01J")["type"]
    'urn:fenzhen:problem:not-found'
    >>> problem_document(ProblemError(418, "teapot"), "01J")["type"]  # a status without words of ours
    'about:blank'
    """
    slug, title = error.kind
    document: dict[str, Any] = {
        "type": TYPE_PREFIX + slug if slug else "about:blank",
        "title": title or _phrase(error.status),
        "status": error.status,
        "detail": error.detail,
        "instance": f"urn:fenzhen:request:{request_id}",
        "request_id": request_id,
    }
    if error.errors:
        document["errors"] = [asdict(each) for each in error.errors[:MOST_ERRORS]]
    return document


def problem_body(error: ProblemError, request_id: str) -> bytes:
    """Return the problem as JSON in UTF-8; what UTF-8 cannot say is replaced."""
    return json.dumps(problem_document(error, request_id), ensure_ascii=False).encode("utf-8", "replace")


def problem_of_status(status: int, headers: Mapping[str, str] | None = None) -> ProblemError:
    """Return the problem for an error that some library answered in its own shape."""
    return ProblemError(status, TITLES.get(status, ("", _phrase(status)))[1] + ".", headers=headers)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"
