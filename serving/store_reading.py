"""Questions to the store from the event loop: asked in a thread, a 503 while it does not answer."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from fenzhen.errors import StoreError
from fenzhen.store import Store
from serving.problems import ProblemError
from serving.worker import Worker

__all__ = ["asked_store"]

Result = TypeVar("Result")


async def asked_store(worker: Worker, operation: str, ask: Callable[[Store], Result]) -> Result:
    """Return what ``ask`` finds in the store; a failure is logged and counted as one of ``operation``."""
    def asked() -> Result:
        with worker.link.lend(operation) as store:
            return ask(store)

    try:
        return await asyncio.to_thread(asked)
    except StoreError:
        raise ProblemError(503, "Nothing can be read at the moment: the store does not answer.") from None
