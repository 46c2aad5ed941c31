"""The seam to BentoML: how its service becomes our ASGI application.

BentoML 1.4 answers errors in three shapes, counts metrics by raw path, holds each request's state for the whole
time-out and lets an exception in a middleware hang the client. Its application factory is specialised here: endpoints
read strictly and raise problems, its middlewares are left out, and :class:`serving.guard.Guard` is put around it all.
"""

import asyncio
from typing import Any

from _bentoml_impl.server.app import ServiceAppFactory  # type: ignore[import-untyped]
from _bentoml_sdk.service.factory import Service  # type: ignore[import-untyped]
from pydantic_core import to_json
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp

from serving.answers import Answer, answer_json
from serving.body import check_media_type, read_model
from serving.calls import CALL, call_of
from serving.config import ServingConfig, read_config
from serving.document.openapi import openapi_document
from serving.document.page import page, start_script
from serving.flat import wants_flat
from serving.guard import REQUEST_ID, Guard
from serving.idempotency import PredictOnce
from serving.metrics import counted
from serving.pages.refusals import page_refusals
from serving.problems import MEDIA_TYPE, ProblemError, problem_body, problem_of_status
from serving.worker import Worker

PREDICTIONS = frozenset({"/v1/classify", "/v1/route", "/v1/triage", "/v1/triage/batch", "/v1/assign"})
LARGE_BODY_BYTES = 64 * 1024
"""Larger bodies are read in a thread, so that they do not hold up other requests."""


class ApplicationFactory(ServiceAppFactory):  # type: ignore[misc]
    """BentoML's application with our errors, without its middlewares."""

    config: ServingConfig

    def __call__(self) -> Starlette:
        """Return the application; BentoML's start page, which asks Google for a script, gives way to ours."""
        app: Starlette = super().__call__()
        app.router.redirect_slashes = False
        app.router.routes[:] = [each for each in app.router.routes if getattr(each, "name", None) != "index"]
        app.add_route("/", lambda _: RedirectResponse("docs"), name="index")
        app.add_route("/app", lambda _: RedirectResponse("app/triage"), name="pages-start")
        app.add_route("/docs", page, name="docs")
        app.add_route("/docs/start.js", start_script, name="docs-start")
        for each in (app, *(mounted for mounted, *_ in self.service.mount_apps)):
            each.add_exception_handler(ProblemError, _problem_response)
            each.add_exception_handler(HTTPException, _http_error_response)
        return app

    @property
    def middlewares(self) -> list[Middleware]:
        """Return those that the service asks for; BentoML's own are replaced by the guard."""
        return [Middleware(each, **options) for each, options in self.service.middlewares]

    async def api_endpoint_wrapper(self, name: str, request: Request) -> Response:
        """Read the body as the endpoint's model, call the endpoint and write its answer."""
        method = self.service.apis[name]
        check_media_type(request.headers)
        wanted_flat = bool(request.scope["query_string"]) and wants_flat(request.query_params)
        body = await request.body()
        if len(body) > LARGE_BODY_BYTES:
            question = await asyncio.to_thread(read_model, body, method.input_spec)
        else:
            question = read_model(body, method.input_spec)
        CALL.set(call_of(request.scope, request.scope[REQUEST_ID], flat=wanted_flat))
        answer = await getattr(self._service_instance, name).local(question)
        if isinstance(answer, Response):
            return answer
        content = answer_json(answer) if isinstance(answer, Answer) else to_json(answer)
        return Response(content, media_type="application/json")

    async def openapi_spec_view(self, _: Request) -> Response:
        """Answer ``/docs.json``."""
        bento = self.service.bento
        version = str(bento.tag.version) if bento else "0.1.0"
        return JSONResponse(openapi_document(version, self.config.metrics, self.config.docs))


class FenzhenService(Service):  # type: ignore[misc]
    """A BentoML service whose settings come from :func:`serving.config.read_config`."""

    worker: Worker

    def inject_config(self) -> None:
        """Give BentoML the settings of this process."""
        config = read_config()
        self.config.update(
            workers=config.workers,
            traffic={"timeout": config.timeout_seconds},
            http={"host": config.host, "port": config.port},
            metrics={"enabled": config.metrics != "off"},
            logging={"access": {"enabled": False}},
        )
        super().inject_config()

    def to_asgi(self, is_main: bool = True) -> ASGIApp:
        """Return the whole application with a worker of its own, the guard outermost."""
        self.inject_config()
        config = read_config()
        worker = Worker(config)
        self.worker = worker
        factory = ApplicationFactory(self, is_main=is_main)
        factory.config = config
        return Guard(
            PredictOnce(factory(), lambda: worker.writer, PREDICTIONS),
            gate=worker.gate,
            timeout_seconds=config.timeout_seconds,
            observe=counted().answered,
            refusal=page_refusals(worker),
        )


def _problem(error: ProblemError, request: Request) -> Response:
    body = problem_body(error, request.scope.get(REQUEST_ID, ""))
    return Response(body, error.status, headers={"Cache-Control": "no-store", **error.headers}, media_type=MEDIA_TYPE)


async def _problem_response(request: Request, error: Any) -> Response:
    return _problem(error, request)


async def _http_error_response(request: Request, error: Any) -> Response:
    found = problem_of_status(error.status_code, error.headers)
    if isinstance(error.detail, str) and error.status_code == 503:
        found.detail = error.detail
    return _problem(found, request)
