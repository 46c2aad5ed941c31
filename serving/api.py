"""Everything under /v1 that is no prediction call, as the FastAPI application that BentoML mounts there."""

from collections.abc import Callable

from fastapi import FastAPI

from serving.accounts.routes import accounts_router
from serving.catalogue import catalogue_router
from serving.devices.routes import devices_router
from serving.events import events_router
from serving.feedback import feedback_router
from serving.modes import modes_router
from serving.routing.assignees import assignees_router
from serving.worker import Worker


def api_app(worker: Callable[[], Worker]) -> FastAPI:
    """Return the application; ``worker`` gives what lives in this process. It answers errors as problems."""
    app = FastAPI(title="Fenzhen", openapi_url=None, docs_url=None, redoc_url=None)
    for router in (
        catalogue_router(lambda: worker().snapshot), events_router(worker), feedback_router(worker),
        modes_router(worker), accounts_router(worker), assignees_router(worker), devices_router(worker),
    ):
        app.include_router(router)
    return app
