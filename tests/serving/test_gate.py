"""Rates and room."""

import asyncio
from typing import Any

import pytest
from starlette.types import Scope

from serving.access import TABLE
from serving.gate import Gate
from serving.problems import ProblemError
from serving.rate_limit import RateLimit
from tests.serving.application import problem, running_desk


def gate(in_flight: int) -> Gate:
    return Gate(None, rate=1, in_flight=in_flight, openings={"docs": "open", "metrics": "open"})  # type: ignore[arg-type]


def test_a_rate_fills_up_again_with_time_and_never_beyond_a_second_s_worth() -> None:
    now = [0.0]
    limit = RateLimit(10, clock=lambda: now[0])
    assert sum(limit.take("k") == 0 for _ in range(20)) == 10
    now[0] = 0.5
    assert sum(limit.take("k") == 0 for _ in range(20)) == 5
    now[0] = 1000.0
    assert sum(limit.take("k") == 0 for _ in range(20)) == 10


def test_a_clock_that_goes_back_gives_nothing_and_takes_nothing() -> None:
    now = [100.0]
    limit = RateLimit(1, clock=lambda: now[0])
    assert limit.take("k") == 0
    now[0] = 0.0
    assert limit.take("k") == 1
    now[0] = 1.0
    assert limit.take("k") == 0


def test_a_full_worker_refuses_with_a_time_to_wait_but_answers_health_checks() -> None:
    found = gate(2)
    triage = next(row for row in TABLE if row.path == "/v1/triage")
    health = next(row for row in TABLE if row.path == "/livez")
    found.enter(triage)
    found.enter(triage)
    with pytest.raises(ProblemError) as caught:
        found.enter(triage)
    assert (caught.value.status, caught.value.headers["Retry-After"]) == (503, "1")
    found.enter(health)
    found.leave()
    found.leave()
    found.enter(triage)


@pytest.mark.parametrize(("method", "status"), [("DELETE", 405), ("OPTIONS", 405), ("GET" * 50, 405)])
def test_a_method_that_a_path_does_not_know_is_a_405(method: str, status: int) -> None:
    scope: Scope = {"path": "/livez", "raw_path": b"/livez", "method": method, "headers": []}
    with pytest.raises(ProblemError) as caught:
        asyncio.run(gate(1).admit(scope))
    assert (caught.value.status, caught.value.headers["Allow"]) == (status, "GET, HEAD")


def test_a_key_that_is_too_fast_gets_a_429_and_others_do_not(tmp_path: Any) -> None:
    with running_desk(tmp_path, FENZHEN_RATE="2") as desk:
        statuses = [desk.get("/v1/models").status_code for _ in range(6)]
        assert statuses[:2] == [200, 200]
        assert 429 in statuses
        other = desk.store.create_key(["triage"]).text
        assert desk.get("/v1/models", headers={"Authorization": f"Bearer {other}"}).status_code == 200
        limited = next(found for _ in range(5) if (found := desk.get("/v1/models")).status_code == 429)
        problem(limited, 429)
        assert int(limited.headers["retry-after"]) >= 1
