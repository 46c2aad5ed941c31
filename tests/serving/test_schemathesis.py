"""Every operation of the OpenAPI document with made-up requests that fit it and that do not.

No 5xx, no undocumented status, content type, header or shape; what does not fit is refused.
"""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, seed, settings

from fenzhen.exports import Champion
from serving.access import PAGE, TABLE
from serving.devices.forecaster import Loaded
from serving.document.openapi import openapi_document
from tests.serving.application import Desk, running_desk

schemathesis = pytest.importorskip("schemathesis")
from schemathesis import checks  # noqa: E402
from schemathesis.generation import GenerationMode  # noqa: E402
from schemathesis.specs.openapi import checks as rules  # noqa: E402

pytestmark = pytest.mark.slow

EXAMPLES = 25
CHECKS = [
    checks.not_a_server_error, rules.status_code_conformance, rules.content_type_conformance,
    rules.response_headers_conformance, rules.response_schema_conformance,
]
# BentoML's metrics need its parent process, pages are for people
ROWS = [row for row in TABLE if row.path != "/metrics" and row.mark != PAGE]


class Forecasts:
    """A device model that reads every window and always fears the same."""

    vocabulary = SimpleNamespace(sensors=("pressure",))
    known_models = ("M1",)
    settings = SimpleNamespace(telemetry_known_after=pd.Timedelta(0))

    def current(self) -> Loaded:
        """Return what answers."""
        return Loaded(Champion("device_failure", 1, Path("."), "0" * 64, None, "2026-11-21"), self)

    def forecast(self, telemetry: Any, events: Any, _device: Any, as_of: Any) -> pd.DataFrame:
        """Return one risk, as of the moment asked or of the newest that was sent."""
        moments = [frame["at"] for frame in (telemetry, events) if frame is not None and len(frame)]
        moment = as_of if as_of is not None else pd.concat(moments).max()
        row = {"as_of": moment, "component": "any", "horizon_days": 7, "probability": 0.1, "risk_level": "low"}
        return pd.DataFrame([row])


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """An application whose key may send as fast as it likes, with a device model that fits every fleet."""
    with running_desk(tmp_path_factory.mktemp("schemathesis"), FENZHEN_RATE="1000000") as found:
        found.worker.forecaster = Forecasts()  # type: ignore[assignment]
        yield found


def send(desk: Desk, case: Any) -> None:
    """Send a made-up request and hold the answer against the document."""
    wanted = case.as_transport_kwargs(base_url="http://fenzhen")
    wanted["headers"] = {name: value for name, value in wanted["headers"].items() if name.lower() != "authorization"}
    content = wanted.pop("data", None)
    request = {name: wanted[name] for name in ("headers", "params", "json", "cookies") if wanted.get(name) is not None}
    if content is not None:
        request["content"] = content if isinstance(content, bytes) else str(content).encode()
    try:
        response = desk.client.request(wanted["method"], wanted["url"], **request)
    except (UnicodeEncodeError, ValueError):  # a header that no client can send
        return
    case.validate_response(response, checks=CHECKS)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("mode", list(GenerationMode), ids=str)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.method} {row.path}")
def test_an_operation_keeps_to_the_document(desk: Desk, row: Any, mode: Any) -> None:
    schema = schemathesis.openapi.from_dict(openapi_document("1", "key", "open"))
    operation = schema[row.path][row.method]
    if mode is GenerationMode.NEGATIVE and not (operation.body or operation.query or operation.headers):
        pytest.skip("nothing about it can be wrong")

    @seed(20261122)
    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def every_case(case: Any) -> None:
        send(desk, case)

    every_case()
