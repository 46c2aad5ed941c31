"""The peer over HTTP that does nothing but answer: the same scorer in bare Starlette, without keys, checks or a store.

Run by uvicorn with the event loop and the parser that BentoML uses; the answer is what ``models.decision`` says.
"""

import contextlib
import dataclasses
import gc
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path

from pydantic_core import to_json
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from models.artefact import load_scorer
from models.decision import decide
from models.policy import Policy

__all__ = ["ARTEFACT", "app"]

ARTEFACT = "FENZHEN_BENCHMARK_ARTEFACT"
"""Names the folder of the scorer."""
POLICY = Policy()


@contextlib.asynccontextmanager
async def _loaded(app: Starlette) -> AsyncIterator[None]:
    app.state.scorer = load_scorer(Path(os.environ[ARTEFACT]))
    gc.collect()
    gc.freeze()
    yield


async def _classify(request: Request) -> Response:
    ticket = json.loads(await request.body())["ticket"]
    answer, = decide(request.app.state.scorer, POLICY, [ticket.get("subject")], [ticket.get("body")])
    return Response(to_json(dataclasses.asdict(answer)), media_type="application/json")


async def _ready(_: Request) -> Response:
    return Response()


app = Starlette(
    routes=[Route("/v1/classify", _classify, methods=["POST"]), Route("/readyz", _ready)], lifespan=_loaded,
)
