"""The seam to BentoML: how its service becomes our ASGI application.

BentoML 1.4 answers errors in three shapes, counts metrics by raw path, holds each request's state for the whole
time-out and lets an exception in a middleware hang the client. Its application factory is specialised here: endpoints
read strictly and raise problems, its middlewares are left out, and :class:`serving.guard.Guard` is put around it all.
"""

from typing import Any

from _bentoml_impl.server.app import ServiceAppFactory  # type: ignore[import-untyped]
from _bentoml_sdk.service.factory import Service  # type: ignore[import-untyped]
from pydantic_core import to_json
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp

from serving.body import check_media_type, read_model
from serving.config import BODY_LIMIT_BYTES, ServingConfig, read_config
from serving.guard import REQUEST_ID, Guard
from serving.metrics import request_observer
from serving.openapi import openapi_document
from serving.problems import MEDIA_TYPE, ProblemError, problem_body, problem_of_status

DOCUMENT_ROUTES = ("openapi-spec", "index", "static_content", "assets")


class ApplicationFactory(ServiceAppFactory):  # type: ignore[misc]
    """BentoML's application with our errors, without its middlewares."""

    config: ServingConfig
    _document: dict[str, Any] | None = None

    def __call__(self) -> Starlette:
        """Return the application; the routes of the documentation are left out where the setting says so."""
        app: Starlette = super().__call__()
        app.router.redirect_slashes = False
        if not self.config.docs:
            app.router.routes[:] = [r for r in app.router.routes if getattr(r, "name", None) not in DOCUMENT_ROUTES]
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
        question = read_model(await request.body(), method.input_spec)
        answer = await getattr(self._service_instance, name).local(question)
        return Response(to_json(answer), media_type="application/json")

    async def openapi_spec_view(self, _: Request) -> Response:
        """Answer ``/docs.json``."""
        if self._document is None:
            self._document = openapi_document(self.service)
        return JSONResponse(self._document)


class FenzhenService(Service):  # type: ignore[misc]
    """A BentoML service whose settings come from :func:`serving.config.read_config`."""

    def inject_config(self) -> None:
        """Give BentoML the settings of this process."""
        config = read_config()
        self.config.update(
            workers=config.workers,
            traffic={"timeout": config.timeout_seconds},
            http={"host": config.host, "port": config.port},
            metrics={"enabled": config.metrics},
            logging={"access": {"enabled": False}},
        )
        super().inject_config()

    def to_asgi(self, is_main: bool = True) -> ASGIApp:
        """Return the whole application, the guard outermost."""
        self.inject_config()
        factory = ApplicationFactory(self, is_main=is_main)
        factory.config = read_config()
        return Guard(
            factory(),
            body_limit_bytes=BODY_LIMIT_BYTES,
            timeout_seconds=factory.config.timeout_seconds,
            observe=request_observer() if factory.config.metrics else None,
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
