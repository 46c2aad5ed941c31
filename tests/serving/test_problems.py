"""The shape of errors."""

import json

import pytest

from serving.problems import (
    MOST_ERRORS,
    TITLES,
    FieldError,
    ProblemError,
    problem_body,
    problem_document,
    problem_of_status,
)


@pytest.mark.parametrize("status", TITLES)
def test_every_status_has_type_title_and_instance(status: int) -> None:
    document = problem_document(problem_of_status(status), "01JREQUEST")
    assert document["type"].startswith("urn:fenzhen:problem:")
    assert document["status"] == status
    assert document["title"]
    assert document["detail"]
    assert document["instance"] == "urn:fenzhen:request:01JREQUEST"


def test_a_503_says_when_to_come_back() -> None:
    assert ProblemError(503, "not yet").headers["Retry-After"].isdigit()


def test_errors_are_listed_up_to_a_limit() -> None:
    errors = [FieldError(f"$.context.k{i}", "extra_forbidden", "no such field") for i in range(1000)]
    document = problem_document(ProblemError(422, "many", errors=errors), "01J")
    assert len(document["errors"]) == MOST_ERRORS
    assert document["errors"][0] == {"path": "$.context.k0", "code": "extra_forbidden", "message": "no such field"}


def test_text_that_utf8_cannot_say_does_not_break_the_answer() -> None:
    assert json.loads(problem_body(ProblemError(422, "half \ud800"), "01J"))["detail"] == "half ?"
