"""The service's prediction calls, and nothing else: ``bentoml serve serving.service:Service``."""

import asyncio
import gc
from collections.abc import Sequence
from typing import Any

import bentoml
from pydantic_core import to_json
from starlette.responses import Response

from serving.answers import Answer
from serving.api import api_app
from serving.application import FenzhenService
from serving.batch import BatchAnswer, answer_batch, batch_json, flat_batch, read_batch
from serving.body import invalid
from serving.calls import CALL, Call
from serving.champions import Snapshot
from serving.config import read_config
from serving.field_scopes import routing_snapshot, text_snapshot
from serving.first_key import prepare_keys
from serving.flat import flat
from serving.logs import configure_logs
from serving.pages import pages_app
from serving.parent import end_with_parent, name_parent
from serving.prediction_log import logged
from serving.predictor import NoChampionError, UnknownFieldError, answer_many, why_unready
from serving.problems import FieldError, ProblemError
from serving.questions import Question, Wish, question_of
from serving.routing.assign import assign_queue, logged_assignment
from serving.routing.assign_answers import AssignAnswer
from serving.schemas import (
    Assignee,
    AssignRequest,
    BatchRequest,
    ClassifyRequest,
    Options,
    RouteRequest,
    TriageRequest,
)
from serving.worker import Worker

LARGE_TEAM = 100


def current_worker() -> Worker:
    """Return what lives in this process beside the endpoints."""
    service: Any = Service
    found: Worker = service.worker
    return found


@bentoml.asgi_app(pages_app(current_worker), path="/app", name="pages")
@bentoml.asgi_app(api_app(current_worker), path="/v1", name="api")
@bentoml.service(name="fenzhen", service_class=FenzhenService)
class Service:
    """分诊 Fenzhen: prediction and triage for after-sales and IT helpdesks."""

    def __init__(self) -> None:
        configure_logs()
        self.worker = current_worker()
        self._bulk = asyncio.Semaphore(1)

    @bentoml.on_deployment  # type: ignore[untyped-decorator]
    @staticmethod
    def prepare() -> None:
        """Give the parent process the workers' logs; make the first key where ``fenzhen serve`` has not."""
        configure_logs()
        name_parent()
        if told := prepare_keys(read_config()):
            print(told, flush=True)

    @bentoml.on_startup  # type: ignore[untyped-decorator]
    def begin(self) -> None:
        """Start the worker's threads; keep start-up objects out of later collections."""
        gc.collect()
        gc.freeze()
        end_with_parent()
        self.worker.start()

    @bentoml.on_shutdown  # type: ignore[untyped-decorator]
    async def end(self) -> None:
        """Write what waits for the store and end the threads."""
        await asyncio.to_thread(self.worker.stop)

    async def __is_ready__(self) -> bool:
        if not self.worker.watcher.ready:
            raise ProblemError(503, f"Not ready: {why_unready(self.worker.snapshot)}.")
        return True

    @bentoml.api(route="/v1/classify")  # type: ignore[untyped-decorator]
    async def classify(self, request: ClassifyRequest, /) -> Answer:
        """What is this ticket about? Every asked text field with value, confidence and decision. 工单归类。"""
        return self._single(text_snapshot(self.worker.snapshot), request)

    @bentoml.api(route="/v1/triage")  # type: ignore[untyped-decorator]
    async def triage(self, request: TriageRequest, /) -> Answer:
        """Every field that is served, in one call. 分诊。"""
        return await self._beside(self.worker.snapshot, request)

    @bentoml.api(route="/v1/route")  # type: ignore[untyped-decorator]
    async def route(self, request: RouteRequest, /) -> Answer:
        """How urgent is it, and who should take it? 派单。"""
        return await self._beside(routing_snapshot(self.worker.snapshot), request)

    @bentoml.api(route="/v1/assign")  # type: ignore[untyped-decorator]
    async def assign(self, request: AssignRequest, /) -> AssignAnswer:
        """Who of a team gets which ticket of a queue? 整队派单。"""
        call = CALL.get()
        async with self._bulk:
            try:
                decided = await asyncio.to_thread(assign_queue, self.worker.snapshot, request)
            except NoChampionError as error:
                raise _problem(error) from None
        self.worker.writer.put(logged_assignment(decided, call))
        return decided.answer

    @bentoml.api(route="/v1/triage/batch")  # type: ignore[untyped-decorator]
    async def triage_batch(self, request: BatchRequest, /) -> BatchAnswer:
        """Triage of up to 1,000 tickets, one at a time with other batches and beside single tickets. 批量分诊。"""
        call = CALL.get()
        async with self._bulk:
            answer: Any = await asyncio.to_thread(self._many, self.worker.snapshot, request, call)
        return answer  # type: ignore[no-any-return]

    async def _beside(self, snapshot: Snapshot, request: TriageRequest) -> Answer:
        """Answer a ticket; ranking a large team takes a while, so others are answered meanwhile."""
        if len(request.assignees or ()) <= LARGE_TEAM:
            return self._single(snapshot, request)
        return await asyncio.to_thread(self._single, snapshot, request)

    def _single(self, snapshot: Snapshot, request: ClassifyRequest) -> Answer:
        call, question = CALL.get(), question_of(request.ticket)
        answer = _asked(snapshot, [question], _wish(request.options, request.team))[0]
        self._log([answer], [question], call)
        return flat(answer) if call.flat else answer  # type: ignore[return-value]

    def _many(self, snapshot: Snapshot, request: BatchRequest, call: Call) -> Response:
        """Answer a batch as bytes, for even these take a while to write."""
        batch = read_batch(request)
        wish = _wish(request.options, request.assignees)
        try:
            answer, answers = answer_batch(snapshot, batch, wish)
        except (NoChampionError, UnknownFieldError) as error:
            raise _problem(error) from None
        self._log(answers, batch.questions, call)
        return Response(to_json(flat_batch(answer)) if call.flat else batch_json(answer), media_type="application/json")

    def _log(self, answers: Any, questions: list[Question], call: Call) -> None:
        self.worker.writer.put(logged(answers, questions, call, keep_text=self.worker.config.keep_text))


def _wish(options: Options, assignees: Sequence[Assignee] | None) -> Wish:
    fields = None if options.fields is None else tuple(options.fields)
    return Wish(fields, options.top_k, options.explain, assignees)


def _asked(snapshot: Snapshot, questions: list[Question], wish: Wish) -> list[Answer]:
    try:
        return answer_many(snapshot, questions, wish)
    except (NoChampionError, UnknownFieldError) as error:
        raise _problem(error) from None


def _problem(error: NoChampionError | UnknownFieldError) -> ProblemError:
    if isinstance(error, NoChampionError):
        return ProblemError(503, f"Not ready: {error}.")
    return invalid([FieldError(f"$.options.fields[{error.index}]", "unknown_field", str(error))])
