"""Who may call what: every route of the application against the one table."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.routing import BaseRoute, Mount, Route

from fenzhen.store import SCOPES
from serving.access import DOCS, PAGE, TABLE, Access
from serving.application import ApplicationFactory
from serving.config import ServingConfig
from serving.document.operations import OPERATIONS
from tests.serving.application import Desk, problem, running_desk

KEYED = [row for row in TABLE if row.mark is None]
IDS = [f"{row.method} {row.path}" for row in KEYED]


def application_routes(config: ServingConfig) -> set[tuple[str, str]]:
    from serving.service import Service

    factory = ApplicationFactory(Service, is_main=True)
    factory.config = config
    return {each for route in factory().routes for each in found(route)}


def found(route: BaseRoute, below: str = "") -> set[tuple[str, str]]:
    if isinstance(route, Mount):
        inner = list(route.routes or ())
        path = f"{below}{route.path}"
        if not inner:
            return {("GET", f"{path}/{{file}}")}
        return set().union(*(found(each, path) for each in inner))
    if (included := getattr(route, "original_router", None)) is not None:
        return set().union(*(found(each, below) for each in included.routes))
    assert isinstance(route, Route)
    return {(method, below + route.path) for method in (route.methods or {"GET"}) - {"HEAD"}}


def ask(desk: Desk, row: Access, key: str | None) -> Any:
    desk.client.headers = {} if key is None else {"X-API-Key": key}
    try:
        filled = {"field": "category", "file": "swagger-ui.css", "id": "C9", "assignee_id": "a1"}
        path = re.sub(r"\{(\w+)\}", lambda found: filled[found[1]], row.path)
        return desk.client.request(row.method, path, json={} if row.method != "GET" else None)
    finally:
        desk.client.headers = {"Authorization": f"Bearer {desk.key}"}


def test_the_table_holds_every_route_of_the_application_and_no_other(desk: Desk) -> None:
    assert application_routes(desk.worker.config) == {(row.method, row.path) for row in TABLE}


def test_every_route_but_the_pages_is_documented() -> None:
    assert set(OPERATIONS) == {(row.method, row.path) for row in TABLE if row.mark != PAGE}


@pytest.mark.parametrize("row", KEYED, ids=IDS)
def test_nothing_is_readable_without_a_key(desk: Desk, row: Access) -> None:
    assert "bearer" in ask(desk, row, None).headers["www-authenticate"].lower()
    problem(ask(desk, row, None), 401)
    problem(ask(desk, row, "fz_unknown"), 401)


@pytest.mark.parametrize("row", KEYED, ids=IDS)
def test_nothing_is_readable_without_its_scope(desk: Desk, row: Access) -> None:
    others = desk.store.create_key(set(SCOPES) - set(row.scopes)).text
    problem(ask(desk, row, others), 403)


@pytest.mark.parametrize("row", KEYED, ids=IDS)
def test_each_of_its_scopes_opens_a_route(desk: Desk, row: Access) -> None:
    for scope in row.scopes:
        assert ask(desk, row, desk.store.create_key([scope]).text).status_code in (200, 204, 404, 422)


@pytest.mark.parametrize("row", [row for row in TABLE if row.mark not in (None, PAGE)], ids=lambda row: row.path)
def test_routes_with_a_mark_are_open_or_locked_as_the_settings_say(desk: Desk, row: Access) -> None:
    expected = 401 if row.path == "/metrics" else 307 if row.path == "/" else 200
    assert ask(desk, row, None).status_code == expected


def test_a_key_of_any_scope_opens_what_the_settings_lock(tmp_path: Any) -> None:
    with running_desk(tmp_path, FENZHEN_DOCS="key", FENZHEN_METRICS="off") as desk:
        key = desk.store.create_key(["hooks"]).text
        for row in TABLE:
            if row.mark == DOCS:
                problem(ask(desk, row, None), 401)
                assert ask(desk, row, key).status_code in (200, 307)


def test_expired_and_revoked_keys_are_refused_in_the_words_of_unknown_ones(desk: Desk) -> None:
    row = KEYED[0]
    expired = desk.store.create_key(["triage"], expires_at=datetime.now(UTC) - timedelta(seconds=1)).text
    revoked = desk.store.create_key(["triage"])
    assert ask(desk, row, revoked.text).status_code == 422
    desk.store.revoke_key(revoked.record.id)
    desk.look()
    told = {problem(ask(desk, row, key), 401)["detail"] for key in (expired, revoked.text, "fz_unknown", "x" * 5000)}
    assert len(told) == 1


def test_a_key_works_at_once_though_it_was_unknown_before(desk: Desk) -> None:
    made = desk.store.create_key(["triage"])
    assert ask(desk, KEYED[0], made.text).status_code == 422


@pytest.mark.parametrize("header", ["Basic abc", "Bearer", "Bearer  ", ""])
def test_a_header_without_a_key_is_a_401(desk: Desk, header: str) -> None:
    problem(desk.get("/v1/models", headers={"Authorization": header}), 401)


@pytest.mark.parametrize("path", [
    "/v1/models\n", "/v1//models", "//v1/models", "/V1/models", "/v1/modes/a/b", "/v1%2Fmodels", "/v1/%2Fmodels",
    "/v1/models%2F", "%2Fv1/models", "/v1/churn%2faccounts", "/app%2Ftriage",
])
def test_a_path_that_only_looks_like_a_route_is_a_404(desk: Desk, path: str) -> None:
    problem(desk.get(path.replace("\n", "%0A")), 404)
