"""The peer over HTTP: a BentoML service that reads the same body and always gives the same answer.

BentoML's own application with the settings of ``fenzhen serve``: asynchronous, one worker, metrics on, access log and
tracing off, the same time-out, start-up objects out of the garbage collector's way.
"""

import gc
import json
import os
from pathlib import Path
from typing import Any

import bentoml

ANSWER = "FENZHEN_BENCHMARK_ANSWER"
"""Names the file whose JSON is the answer."""
WORKERS = "FENZHEN_BENCHMARK_WORKERS"
"""Names the number of workers, 1 by default."""


@bentoml.service(
    name="constant", workers=int(os.environ.get(WORKERS, "1")), traffic={"timeout": 10}, metrics={"enabled": True},
    logging={"access": {"enabled": False}},
)
class Constant:
    """Answers without looking."""

    def __init__(self) -> None:
        self._answer: dict[str, Any] = json.loads(Path(os.environ[ANSWER]).read_text(encoding="utf-8"))
        gc.collect()
        gc.freeze()

    @bentoml.api(route="/v1/classify")  # type: ignore[untyped-decorator]
    async def classify(self, request: dict[str, Any], /) -> dict[str, Any]:  # noqa: ARG002
        """Return the answer."""
        return self._answer
