"""The service's endpoints, and nothing else: ``bentoml serve serving.service:Service``."""

import gc

import bentoml

from fenzhen.exports import Exports
from models.artefact import load_scorer
from serving.answers import Answer
from serving.application import FenzhenService
from serving.body import invalid
from serving.catalogue import catalogue_app
from serving.champions import Snapshot
from serving.config import read_config
from serving.logs import configure_logs
from serving.predictor import NoChampionError, Question, UnknownFieldError, why_unready
from serving.predictor import classify as classify_ticket
from serving.problems import FieldError, ProblemError
from serving.schemas import ClassifyRequest
from serving.watcher import Watcher


def current_snapshot() -> Snapshot:
    """Return what this worker serves at this moment."""
    snapshot: Snapshot = bentoml.get_current_service().watcher.snapshot
    return snapshot


@bentoml.asgi_app(catalogue_app(current_snapshot), path="/v1", name="catalogue")
@bentoml.service(name="fenzhen", service_class=FenzhenService)
class Service:
    """分诊 Fenzhen: prediction and triage for after-sales and IT helpdesks."""

    def __init__(self) -> None:
        configure_logs()
        self.watcher = Watcher(Exports(read_config().exports_dir), load_scorer)

    @bentoml.on_deployment  # type: ignore[untyped-decorator]
    @staticmethod
    def prepare() -> None:
        """Give the parent process the same logs as the workers."""
        configure_logs()

    @bentoml.on_startup  # type: ignore[untyped-decorator]
    def begin(self) -> None:
        """Look for champions from now on, off the event loop; keep start-up objects out of later collections."""
        gc.collect()
        gc.freeze()
        self.watcher.start()

    @bentoml.on_shutdown  # type: ignore[untyped-decorator]
    def end(self) -> None:
        """Stop looking for champions."""
        self.watcher.stop()

    async def __is_ready__(self) -> bool:
        if not self.watcher.ready:
            raise ProblemError(503, f"Not ready: {why_unready(self.watcher.snapshot)}.")
        return True

    @bentoml.api(route="/v1/classify")  # type: ignore[untyped-decorator]
    async def classify(self, request: ClassifyRequest, /) -> Answer:
        """What is this ticket about? Every asked field with value, confidence and decision. 工单归类。"""
        ticket, options = request.ticket, request.options
        fields = None if options.fields is None else tuple(options.fields)
        question = Question(ticket.subject, ticket.body, ticket.id, fields, options.top_k, options.explain)
        try:
            return classify_ticket(self.watcher.snapshot, question)
        except NoChampionError as error:
            raise ProblemError(503, f"Not ready: {error}.") from None
        except UnknownFieldError as error:
            raise invalid([FieldError(f"$.options.fields[{error.index}]", "unknown_field", str(error))]) from None
