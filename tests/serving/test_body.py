"""From bytes to a model or a problem."""


import pytest

from serving.body import check_media_type, invalid, read_json, read_model
from serving.problems import FieldError, ProblemError
from serving.schemas import ClassifyRequest

TICKET = b'{"ticket": {"subject": "\xe6\x89\x93\xe5\x8d\xb0"}}'


def problem(raw: bytes) -> ProblemError:
    with pytest.raises(ProblemError) as caught:
        read_model(raw, ClassifyRequest)
    return caught.value


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"   ", b"{", "打印".encode("gbk"), b"{'ticket': 1}", b"\xff\xfe{}",
        b'{"a": NaN}', b'{"a": Infinity}', b'{"a": -Infinity}', b'{"a": 1, "a": 1}', b'{"t": {"a": 1, "b": 2, "a": 3}}',
        b'{"a": "\\ud800"}', b'{"\\udc00": 1}', b'"\\ud83d"', b"[" * 100_000, b'{"a":' * 100_000, b"1" * 5000,
        b"{} {}", b'{"a": "\x01"}', b'{"a": 01}', b"<xml/>",
    ],
)
def test_what_is_not_json_is_a_400(raw: bytes) -> None:
    assert problem(raw).status == 400


def test_a_pair_of_surrogate_escapes_is_one_character() -> None:
    assert read_json(b'"\\ud83d\\udda8"') == "🖨"


def test_a_backslash_before_u_is_not_an_escape() -> None:
    assert read_json(rb'"C:\\ud800"') == r"C:\ud800"


def test_a_byte_order_mark_is_skipped() -> None:
    assert read_model(b"\xef\xbb\xbf" + TICKET, ClassifyRequest).ticket.subject == "打印"


def test_one_of_many_keys_that_is_there_twice_is_named() -> None:
    raw = "{" + ",".join(f'"k{i}":1' for i in range(80_000)) + ',"k79999":2}'
    assert "k79999" in problem(raw.encode()).detail


def test_each_wrong_field_is_named_with_its_path() -> None:
    raw = b'{"ticket": {"subject": 5, "colour": 1, "customer": {"id": []}}, "options": {"top_k": "3"}, "assignees": []}'
    errors = {each.path: each.message for each in problem(raw).errors}
    assert errors == {
        "$.ticket.subject": "expected a text",
        "$.ticket.customer.id": "expected a text",
        "$.ticket.colour": "no such field",
        "$.options.top_k": "expected a whole number",
        "$.assignees": "no such field",
    }


@pytest.mark.parametrize("raw", [b"null", b"[]", b'"text"', b"3", b"true"])
def test_json_that_is_no_object_is_a_422_at_the_root(raw: bytes) -> None:
    found = problem(raw)
    assert (found.status, found.errors[0].path, found.errors[0].message) == (422, "$", "expected an object")


def test_the_detail_never_quotes_the_ticket() -> None:
    assert "秘密" not in str(problem('{"ticket": {"subject": ["秘密"], "created_at": "秘密"}}'.encode()).__dict__)


def test_a_long_unknown_name_is_cut() -> None:
    found = problem(('{"ticket": {"subject": ""}, "' + "长" * 10_000 + '": 1}').encode())
    assert len(found.errors[0].path) < 150


def test_more_than_one_error_is_counted_in_the_detail() -> None:
    both = [FieldError("$.a", "x", "wrong"), FieldError("$.b", "x", "wrong")]
    assert invalid(both).detail == "$.a: wrong (and 1 more)."


@pytest.mark.parametrize(
    "headers",
    [
        {}, {"content-type": "application/json"}, {"content-type": "Application/JSON; charset=UTF-8"},
        {"content-type": "application/vnd.desk+json"}, {"content-encoding": "identity"},
    ],
)
def test_json_in_utf8_is_accepted(headers: dict[str, str]) -> None:
    check_media_type(headers)


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "text/plain"}, {"content-type": "application/x-www-form-urlencoded"}, {"content-type": ""},
        {"content-type": "application/json; charset=gbk"}, {"content-encoding": "gzip"},
        {"content-type": "multipart/form-data; boundary=x"}, {"content-type": "application/vnd.bentoml+pickle"},
    ],
)
def test_other_media_types_charsets_and_encodings_are_a_415(headers: dict[str, str]) -> None:
    with pytest.raises(ProblemError) as caught:
        check_media_type(headers)
    assert caught.value.status == 415
