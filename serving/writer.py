"""What a worker writes to the store: one thread, one transaction for all that waits (group commit).

Predictions are put down and forgotten: they are written within a fifth of a second, kept in memory while the store
is away, and the oldest are dropped with a count once too many wait. Any other work is awaited: it is acknowledged
after its commit, or not at all.
"""

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from fenzhen.errors import StoreBusy, StoreError
from fenzhen.store import Prediction, Unit
from serving.logs import without_text
from serving.metrics import counted
from serving.problems import ProblemError
from serving.store_link import StoreLink

MOST_PREDICTIONS = 20_000
MOST_JOBS = 512
GROUP_JOBS = 128
GROUP_PREDICTIONS = 2_000
GATHER_SECONDS = 0.2
BACK_OFF_SECONDS = 0.5
ONE_BY_ONE_SECONDS = 1.5
"""A group that failed sooner (a deadlock with another worker, one bad job) is tried again job by job."""

Result = TypeVar("Result")
Work = Callable[[Unit], Any]

logger = logging.getLogger("serving.writer")


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    work: Work
    loop: asyncio.AbstractEventLoop
    answer: "asyncio.Future[Any]"

    def settle(self, result: Any, error: BaseException | None) -> None:
        """Hand the outcome to the waiting request, if it still waits."""
        def put() -> None:
            if self.answer.done():
                return
            if error is None:
                self.answer.set_result(result)
            else:
                self.answer.set_exception(error)

        self.loop.call_soon_threadsafe(put)


class Writer:
    """Writes in a thread of its own between :meth:`start` and :meth:`stop`."""

    def __init__(self, link: StoreLink, *, gather_seconds: float = GATHER_SECONDS) -> None:
        self._link = link
        self._gather = gather_seconds
        self._jobs: deque[_Job] = deque()
        self._predictions: deque[Prediction] = deque()
        self._changed = threading.Condition()
        self._stopping = False
        self._retry_at = 0.0
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to write."""
        self._thread = threading.Thread(target=self._run, name="store", daemon=True)
        self._thread.start()

    def stop(self, seconds: float = 5.0) -> None:
        """Write all that waits, then end; what the store does not take in time is dropped with a count."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(seconds)
        if self._predictions:
            self._drop(len(self._predictions))

    def put(self, predictions: Sequence[Prediction]) -> None:
        """Have predictions written soon; never waits and never fails."""
        with self._changed:
            first = not self._predictions
            self._predictions.extend(predictions)
            excess = len(self._predictions) - MOST_PREDICTIONS
            for _ in range(excess):
                self._predictions.popleft()
            if first or len(self._predictions) >= GROUP_PREDICTIONS:
                self._changed.notify()
        if excess > 0:
            self._drop(excess, "too many predictions wait for the store")

    def later(self, work: Work) -> None:
        """Have ``work`` done without waiting for it; never fails."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Any] = loop.create_future()
        answer.add_done_callback(lambda done: done.cancelled() or done.exception())
        with self._changed:
            self._jobs.append(_Job(work, loop, answer))
            self._changed.notify()

    async def run(self, work: Callable[[Unit], Result]) -> Result:
        """Return what ``work`` returns once it is committed; a 503 if the store or this worker cannot take it now.

        A ``ProblemError`` that ``work`` raises undoes its writes alone.
        """
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Result] = loop.create_future()
        with self._changed:
            if self._stopping or len(self._jobs) >= MOST_JOBS:
                counted().refused("overloaded")
                raise ProblemError(503, "Too much is waiting for the store.", headers={"Retry-After": "1"})
            self._jobs.append(_Job(work, loop, answer))
            self._changed.notify()
        try:
            return await answer
        except StoreError as error:
            retry = max(1, round(error.retry_after)) if isinstance(error, StoreBusy) else 5
            detail = "The store cannot be written at the moment; nothing was recorded."
            raise ProblemError(503, detail, headers={"Retry-After": str(retry)}) from None

    def _run(self) -> None:
        while (group := self._next_group()) is not None:
            jobs, predictions = group
            if jobs or predictions:
                self._write(jobs, predictions)
            counted().queued(len(self._jobs) + len(self._predictions))

    def _next_group(self) -> tuple[list[_Job], list[Prediction]] | None:
        """Wait for something to write; predictions alone are gathered a while. None at the end."""
        with self._changed:
            while not (self._jobs or self._predictions or self._stopping):
                self._changed.wait()
            self._wait_for_more()
            if self._stopping and not (self._jobs or self._predictions):
                return None
            jobs = [self._jobs.popleft() for _ in range(min(GROUP_JOBS, len(self._jobs)))]
            rows = [self._predictions.popleft() for _ in range(min(GROUP_PREDICTIONS, len(self._predictions)))]
            return jobs, rows

    def _wait_for_more(self) -> None:
        """Gather predictions until there are many, a job comes or time is up; longer after a failure."""
        now = time.monotonic()
        until = max(now + self._gather, self._retry_at)
        while not self._jobs and (now := time.monotonic()) < until:
            if self._stopping and now >= self._retry_at:
                return
            if len(self._predictions) >= GROUP_PREDICTIONS and now >= self._retry_at:
                return
            self._changed.wait(until - now)

    def _write(self, jobs: list[_Job], predictions: list[Prediction]) -> None:
        started = time.monotonic()
        try:
            outcomes = self._commit(jobs, predictions)
        except Exception as error:
            if not isinstance(error, StoreError):
                logger.error("writing failed", extra={"facts": without_text(error)})
            self._put_back(predictions, error)
            if len(jobs) + bool(predictions) > 1 and time.monotonic() - started < ONE_BY_ONE_SECONDS:
                for job in jobs:
                    self._write([job], [])
                return
            outcomes = [(None, error) for _ in jobs]
        for job, (result, problem) in zip(jobs, outcomes, strict=True):
            job.settle(result, problem)

    def _commit(self, jobs: list[_Job], predictions: list[Prediction]) -> list[tuple[Any, BaseException | None]]:
        with self._link.lend("write") as store, store.unit() as unit:
            if predictions:
                unit.write_predictions(predictions)
            outcomes = [_outcome(unit, job) for job in jobs]
        self._retry_at = 0.0
        return outcomes

    def _put_back(self, predictions: list[Prediction], error: Exception) -> None:
        """Keep predictions for another try half a second later, or drop them if the store is not only busy."""
        if not isinstance(error, StoreBusy):
            if predictions:
                self._drop(len(predictions), "predictions could not be written")
            return
        self._retry_at = time.monotonic() + BACK_OFF_SECONDS
        with self._changed:
            self._predictions.extendleft(reversed(predictions))

    def _drop(self, count: int, why: str = "the service ended while the store was away") -> None:
        counted().dropped(count)
        logger.warning("predictions dropped", extra={"facts": {"count": count, "reason": why}})


def _outcome(unit: Unit, job: _Job) -> tuple[Any, BaseException | None]:
    """Do one job under a savepoint of its own: a refusal undoes it alone, a failure ends the whole group."""
    try:
        with unit.nested():
            return job.work(unit), None
    except ProblemError as problem:
        return None, problem
