"""Whose key came with a request: looked up once in the store, remembered until the keys change."""

import asyncio
import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.types import Scope

from fenzhen.errors import StoreError
from fenzhen.store import KeyRecord
from serving.problems import ProblemError
from serving.store_link import StoreLink

KEY = "fenzhen.key"
"""The place of the :class:`KeyRecord` in an ASGI scope."""
MOST_REMEMBERED = 4096
MOST_WAITING = 64


class KeyRing:
    """The keys that this worker has met, unknown ones included.

    What is remembered is forgotten with :meth:`forget`, which the worker calls within a second after any key was
    created or revoked. While the store is away, keys met before go on working.
    """

    def __init__(self, link: StoreLink) -> None:
        self._link = link
        self._known: dict[str, KeyRecord | None] = {}
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="keys")
        self._waiting = 0

    async def find(self, text: str) -> KeyRecord | None:
        """Return the key's record, None for an unknown one; a 503 if the store cannot say at the moment."""
        digest = hashlib.sha256(text.encode()).hexdigest()
        try:
            return self._known[digest]
        except KeyError:
            return await self._looked_up(digest)

    def forget(self) -> None:
        """Ask the store again from now on."""
        self._known = {}

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _looked_up(self, digest: str) -> KeyRecord | None:
        if self._waiting >= MOST_WAITING:
            raise ProblemError(503, "Too many unknown keys are being looked up.")
        known = self._known
        self._waiting += 1
        try:
            record = await asyncio.get_running_loop().run_in_executor(self._threads, self._read, digest)
        except StoreError:
            raise ProblemError(503, "Keys cannot be read at the moment: the store does not answer.") from None
        finally:
            self._waiting -= 1
        if len(known) >= MOST_REMEMBERED:
            known.clear()
        known[digest] = record
        return record

    def _read(self, digest: str) -> KeyRecord | None:
        with self._link.lend("key") as store:
            return store.key(digest)


def key_text(scope: Scope) -> str | None:
    """Return the key that a request names, by ``Authorization: Bearer`` or ``X-API-Key``.

    >>> key_text({"headers": [(b"authorization", b"bearer fz_1")]}), key_text({"headers": [(b"x-api-key", b"fz_2")]})
    ('fz_1', 'fz_2')
    """
    plain: str | None = None
    for name, value in scope["headers"]:
        if name == b"authorization":
            word, _, rest = value.decode("latin-1").strip().partition(" ")
            return rest.strip() if word.lower() == "bearer" else None
        if name == b"x-api-key":
            plain = value.decode("latin-1").strip()
    return plain


def require_usable(record: KeyRecord | None) -> KeyRecord:
    """Return a key that may be used now; a 401 for an unknown, expired or revoked one, all in the same words."""
    if record is None or not record.usable(datetime.now(UTC)):
        raise ProblemError(401, "The key is unknown, expired or revoked.")
    return record


def current_key(request: Request) -> KeyRecord:
    """Return the key of the request; for FastAPI's ``Depends`` in mounted routers. A 401 where there is none."""
    record: KeyRecord | None = request.scope.get(KEY)
    if record is None:
        raise ProblemError(401, "A key is needed.")
    return record
