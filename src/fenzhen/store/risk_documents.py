"""How a score's history and details are kept: as JSON, the details compressed."""

import json
import zlib
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from fenzhen.store.columns import dumped
from fenzhen.store.risk import LEVELS, TrendPoint

__all__ = ["history_document", "history_of", "packed", "unpacked"]

COMPRESSION = 1


def history_document(history: Sequence[TrendPoint]) -> list[list[Any]]:
    """Return a history as JSON: seconds since 1970, probability to four digits, level as a number."""
    return [[round(point.as_of.timestamp()), round(point.probability, 4), LEVELS.index(point.risk_level)]
            for point in history]


def history_of(document: Sequence[Sequence[Any]]) -> tuple[TrendPoint, ...]:
    """Return what :func:`history_document` wrote."""
    return tuple(TrendPoint(datetime.fromtimestamp(at, UTC), probability, LEVELS[level])
                 for at, probability, level in document)


def packed(details: Mapping[str, Any]) -> bytes:
    """Return details as they are kept; moments become ISO 8601.

    >>> unpacked(packed({"reasons": [], "value_at_risk": float("nan")}))
    {'reasons': [], 'value_at_risk': None}
    """
    try:
        text = _ENCODER.encode(details)
    except ValueError:  # a number that is not finite
        text = dumped(json.loads(_LENIENT.encode(details)))
    return zlib.compress(text.encode("utf-8", "replace"), COMPRESSION)


def unpacked(content: bytes) -> Mapping[str, Any]:
    """Return what :func:`packed` wrote."""
    found: Mapping[str, Any] = json.loads(zlib.decompress(content))
    return found


def _plain(value: Any) -> Any:
    """Return what JSON has no word for: moments and dates as ISO 8601, NumPy's scalars as Python's."""
    if isinstance(value, date):
        return None if value != value else value.isoformat()
    return value.item()


_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain)
_LENIENT = json.JSONEncoder(ensure_ascii=False, default=_plain)
