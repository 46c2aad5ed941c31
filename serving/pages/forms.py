"""What a form sends: ``application/x-www-form-urlencoded`` in UTF-8, read without any library of its own."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import Request

from serving.problems import ProblemError

MOST_FIELDS = 100
MEDIA_TYPE = "application/x-www-form-urlencoded"


async def read_form(request: Request) -> Mapping[str, str]:
    """Return the fields by name, the last one where a name comes twice; a 415 or 422 for what no form sends."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != MEDIA_TYPE:
        raise ProblemError(415, f"Expected a form as {MEDIA_TYPE}.")
    body = (await request.body()).decode("utf-8", "replace")
    try:
        pairs = parse_qsl(body, keep_blank_values=True, errors="replace", max_num_fields=MOST_FIELDS)
    except ValueError:
        raise ProblemError(422, f"Expected at most {MOST_FIELDS} fields.") from None
    return {plain_text(name): plain_text(value) for name, value in pairs}


def plain_text(value: str) -> str:
    r"""Return a text as it also comes back from a page: line ends as ``\n``, without U+0000.

    Browsers send line ends as two characters and read them as one; reasons count characters, so there is one way.

    >>> plain_text("卡纸\r\n重启\r\0")
    '卡纸\n重启\n'
    """
    return value.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
