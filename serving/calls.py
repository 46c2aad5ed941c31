"""Who is calling: what a prediction call knows of its request beside the body."""

from contextvars import ContextVar
from dataclasses import dataclass

from starlette.types import Scope

from fenzhen.store import KeyRecord
from serving.keys import KEY


@dataclass(frozen=True, slots=True)
class Call:
    """A request's id and key, and whether it asked for flat answers."""

    request_id: str = ""
    key_id: str = ""
    flat: bool = False


CALL: ContextVar[Call] = ContextVar("fenzhen_call", default=Call())  # noqa: B039 - frozen


def call_of(scope: Scope, request_id: str, *, flat: bool = False) -> Call:
    """Return the call that a request makes."""
    record: KeyRecord | None = scope.get(KEY)
    return Call(request_id, "" if record is None else record.id, flat)
