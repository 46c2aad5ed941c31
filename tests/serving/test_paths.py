"""The path as it was sent: which slashes part it, and what stands in its parts."""

import pytest
from starlette.requests import Request

from serving.access import ROUTE, Access
from serving.paths import path_in_parts, path_value
from serving.problems import ProblemError


def request(raw_path: bytes) -> Request:
    row = Access("PUT", "/v1/{kind}/{id}/state", ("admin",))
    return Request({"type": "http", "raw_path": raw_path, ROUTE: row})


def test_a_path_without_encoded_slashes_stays_as_it_was_decoded() -> None:
    assert path_in_parts({"path": "/v1/a b", "raw_path": b"/v1/a%20b"}) == "/v1/a b"


def test_encoded_slashes_do_not_part_a_path() -> None:
    scope = {"path": "/v1/a/b /c", "raw_path": b"/v1/a%2Fb%20/c"}
    assert path_in_parts(scope) == "/v1/a\0b /c"


def test_a_value_is_read_where_the_template_names_it() -> None:
    asked = request(b"/v1/a%2Fb/%E7%8E%8B%252F/state")
    assert (path_value(asked, "kind"), path_value(asked, "id")) == ("a/b", "王%2F")


def test_a_value_that_is_not_utf_8_is_a_422_that_names_it() -> None:
    with pytest.raises(ProblemError) as caught:
        path_value(request(b"/v1/a/%FF/state"), "id")
    assert (caught.value.status, caught.value.errors[0].path) == (422, "id")
