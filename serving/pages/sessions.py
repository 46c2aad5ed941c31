"""Who is signed in: an opaque cookie stands for a session in the store, which stands for a key."""

import asyncio
import re
from datetime import timedelta
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from fenzhen.errors import StoreError
from fenzhen.store import KeyRecord
from serving.problems import ProblemError
from serving.store_link import StoreLink

COOKIE = "fenzhen_session"
PATH = "/app"
LASTS = timedelta(hours=8)
_OPAQUE = re.compile(r"[A-Za-z0-9_-]{40,60}")


async def session_key(link: StoreLink, request: Request) -> KeyRecord | None:
    """Return the key that the request's cookie stands for; None where it stands for none any more."""
    opaque = request.cookies.get(COOKIE, "")
    return await asyncio.to_thread(_read, link, opaque) if _OPAQUE.fullmatch(opaque) else None


async def open_session(link: StoreLink, request: Request, key: KeyRecord, response: Response) -> None:
    """Put the cookie of a new session into the response; only its SHA-256 is kept."""
    opaque = await asyncio.to_thread(_open, link, key.id)
    response.set_cookie(
        COOKIE, opaque, max_age=int(LASTS.total_seconds()), path=PATH, secure=is_secure(request), httponly=True,
        samesite="strict",
    )


async def end_session(link: StoreLink, request: Request, response: Response) -> None:
    """End the session, here and in the browser."""
    opaque = request.cookies.get(COOKIE, "")
    if _OPAQUE.fullmatch(opaque):
        await asyncio.to_thread(_end, link, opaque)
    response.delete_cookie(COOKIE, path=PATH, secure=is_secure(request), httponly=True, samesite="strict")


def is_secure(request: Request) -> bool:
    """Return whether the browser speaks TLS, with us or with a proxy before us."""
    return request.url.scheme == "https" or request.headers.get("x-forwarded-proto", "").lower() == "https"


def is_from_here(request: Request) -> bool:
    """Return whether a form was sent by a page of this host.

    Browsers name the origin of every form and pages of others cannot change it. A proxy that does not pass the host
    on names it in ``X-Forwarded-Host``, which no form can set.
    """
    origin = urlsplit(request.headers.get("origin", ""))
    hosts = {request.headers.get(name, "").lower() for name in ("host", "x-forwarded-host")} - {""}
    return origin.scheme in ("http", "https") and origin.netloc.lower() in hosts


def _read(link: StoreLink, opaque: str) -> KeyRecord | None:
    try:
        with link.lend("session") as store:
            return store.session(opaque)
    except StoreError:
        raise _away() from None


def _open(link: StoreLink, key_id: str) -> str:
    try:
        with link.lend("session") as store:
            return store.open_session(key_id)
    except StoreError:
        raise _away() from None


def _end(link: StoreLink, opaque: str) -> None:
    try:
        with link.lend("session") as store:
            store.end_session(opaque)
    except StoreError:
        raise _away() from None


def _away() -> ProblemError:
    return ProblemError(503, "Sessions cannot be read or written at the moment: the store does not answer.")
