"""From the bytes of a request to a validated model, or a problem that says where it is wrong."""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError

from serving.problems import FieldError, ProblemError

_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
_LONGEST_NAME = 100

_WORDS = {
    "extra_forbidden": "no such field",
    "missing": "this field is needed",
    "string_type": "expected a text",
    "model_type": "expected an object",
    "dict_type": "expected an object",
    "list_type": "expected a list",
    "int_type": "expected a whole number",
    "bool_type": "expected true or false",
}

Model = TypeVar("Model", bound=BaseModel)


def check_media_type(headers: Mapping[str, str]) -> None:
    """Raise a 415 unless the body is sent as plain JSON in UTF-8; a missing Content-Type counts as JSON."""
    media_type, _, parameters = headers.get("content-type", "application/json").lower().partition(";")
    media_type = media_type.strip()
    if not re.fullmatch(r"application/([\w.-]+\+)?json", media_type):
        raise ProblemError(415, f"Got Content-Type {media_type[:_LONGEST_NAME]!r}, expected application/json.")
    charset = re.search(r"charset\s*=\s*\"?([\w.-]+)", parameters)
    if charset and charset[1] not in ("utf-8", "utf8", "us-ascii"):
        raise ProblemError(415, f"Got charset {charset[1][:_LONGEST_NAME]!r}, expected utf-8.")
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise ProblemError(415, "Got a compressed body (Content-Encoding), expected it as it is.")


def read_json(raw: bytes) -> Any:
    """Return the value that ``raw`` holds, read strictly.

    Refused with a 400: what is not UTF-8 or not JSON, ``NaN`` and infinities, a key given twice, a half of a
    surrogate pair, nesting deeper than the reader goes. A byte order mark is skipped.

    >>> read_json(b'{"a": [1, "\\\\u6253"]}')
    {'a': [1, '打']}
    >>> read_json(b'{"a": 1, "a": 2}')
    Traceback (most recent call last):
        ...
    serving.problems.ProblemError: The key "a" is given twice in one object.
    """
    try:
        text = raw.decode("utf-8-sig")
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
        if _SURROGATE.search(raw):
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except json.JSONDecodeError as error:
        raise ProblemError(400, f"{error.msg} at line {error.lineno}, column {error.colno}.") from None
    except UnicodeDecodeError as error:
        raise ProblemError(400, f"The byte at offset {error.start} is not UTF-8.") from None
    except UnicodeEncodeError:
        raise ProblemError(400, "A \\u escape is half of a surrogate pair.") from None
    except RecursionError:
        raise ProblemError(400, "The value is nested too deeply.") from None
    except ValueError:
        raise ProblemError(400, "A number has too many digits.") from None
    return value


def read_model(raw: bytes, model: type[Model]) -> Model:
    """Return the body as ``model``; a 400 if it is not JSON, a 422 with a JSON path for each thing that is wrong."""
    try:
        return model.model_validate(read_json(raw))
    except ValidationError as error:
        raise invalid([field_error(each) for each in error.errors(include_url=False, include_input=False)]) from None


def invalid(errors: Sequence[FieldError]) -> ProblemError:
    """Return the 422 for ``errors``; its detail is the first of them and how many more there are."""
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return ProblemError(422, f"{errors[0].path}: {errors[0].message}{more}.", errors=errors)


def json_path(location: Sequence[str | int]) -> str:
    """Return where a value is, as a JSON path (RFC 9535).

    >>> json_path(("ticket", "created_at")), json_path(("options", "fields", 0)), json_path(())
    ('$.ticket.created_at', '$.options.fields[0]', '$')
    >>> json_path(("ticket", "打印 机"))
    '$.ticket["打印 机"]'
    """
    return "$" + "".join(_step(each) for each in location)


def _step(part: str | int) -> str:
    if isinstance(part, int):
        return f"[{part}]"
    shown = part[:_LONGEST_NAME]
    return f".{shown}" if _IDENTIFIER.fullmatch(shown) else f"[{json.dumps(shown, ensure_ascii=False)}]"


def field_error(error: Any, below: Sequence[str | int] = ()) -> FieldError:
    """Return one of pydantic's errors in our words; ``below`` is where the value stood in the body."""
    code = str(error["type"])
    message = _WORDS.get(code) or str(error["msg"]).removeprefix("Value error, ").removesuffix(".")
    return FieldError(json_path((*below, *error["loc"])), code, message)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise ProblemError(400, f'The key "{twice[:_LONGEST_NAME]}" is given twice in one object.')
    return value


def _no_constant(name: str) -> NoReturn:
    raise ProblemError(400, f"{name} is not a JSON number.")
