"""A worker does not outlive its parent: orphans would go on answering, and hold the port that a restart needs."""

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable

__all__ = ["end_with_parent", "name_parent"]

PARENT = "FENZHEN_PARENT_PID"

WORKER_MODULE = "_bentoml_impl.worker.service"
LOOK_SECONDS = 0.5

logger = logging.getLogger("serving.parent")


def name_parent() -> None:
    """Tell the workers to come which process is their parent, for it may be gone before they have started."""
    os.environ[PARENT] = str(os.getpid())


def end_with_parent() -> None:
    """Have this worker stop gracefully, as on SIGTERM, once its parent is gone; does nothing in another process.

    A parent that ends by itself ends its workers; this is for one that was killed.
    """
    if is_worker():
        threading.Thread(target=_watch, args=(_parent(),), name="parent", daemon=True).start()


def is_worker() -> bool:
    """Return whether BentoML's parent process started this one."""
    spec = getattr(sys.modules["__main__"], "__spec__", None)
    return getattr(spec, "name", "") == WORKER_MODULE


def _parent() -> int:
    named = os.environ.get(PARENT, "")
    return int(named) if named.isdecimal() else os.getppid()


def _watch(
    parent: int, *, parent_now: Callable[[], int] = os.getppid, sleep: Callable[[float], None] = time.sleep,
    end: Callable[[], None] = lambda: os.kill(os.getpid(), signal.SIGTERM),
) -> None:
    while parent_now() == parent:
        sleep(LOOK_SECONDS)
    logger.warning("parent is gone", extra={"facts": {"parent": parent}})
    end()
