"""From a score and its details to a row of the store: attributes, what changed, the course so far."""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from fenzhen.errors import StoreError
from fenzhen.store.risk import LEVELS, RiskScore, TrendPoint
from fenzhen.store.risk_runs import RiskRun

__all__ = ["HISTORY", "score_row"]

HISTORY = 26
"""Points that a row remembers: half a year of weeks."""
_ATTRIBUTES = ("name", "owner", "customer_tier", "region")


def score_row(run: RiskRun, entity: str, component: str, probability: float, risk_level: str,
              details: Mapping[str, Any], before: RiskScore | None) -> RiskScore:
    """Return the row of one scored entity, ``before`` being its row in the run before.

    Raises ``StoreError`` for a level that is none and a probability outside [0, 1].
    """
    if risk_level not in LEVELS or not 0 <= probability <= 1:
        raise StoreError(f"got the risk {probability!r}, {risk_level!r} for {entity!r}, expected a probability and one "
                         f"of {', '.join(LEVELS)}")
    attributes = details.get("attributes") or {}
    reasons = details.get("reasons") or ()
    reason = str(reasons[0]["code"]) if reasons else None
    texts: dict[str, Any] = {name: _text(attributes.get(name)) for name in _ATTRIBUTES}
    return RiskScore(
        entity, component, float(probability), risk_level, **_changed(run, risk_level, reason, before), reason=reason,
        **texts, renewal_at=_moment(attributes.get("renewal_at")),
        value_at_risk=_number(details.get("value_at_risk")), currency=_text(details.get("currency")),
        history=continued(() if before is None else before.history, TrendPoint(run.as_of, probability, risk_level)),
    )


def _changed(run: RiskRun, level: str, reason: str | None, before: RiskScore | None) -> dict[str, Any]:
    """Return what changed since the run before; where nothing did, what changed last."""
    if before is None:
        return {"change": "new", "changed_at": run.as_of}
    if level == before.risk_level and reason == before.reason:
        return {name: getattr(before, name) for name in ("change", "changed_at", "previous_level", "previous_reason")}
    rank, rank_before = LEVELS.index(level), LEVELS.index(before.risk_level)
    change = "rose" if rank > rank_before else "fell" if rank < rank_before else "reason"
    return {"change": change, "changed_at": run.as_of, "previous_level": before.risk_level,
            "previous_reason": before.reason}


def continued(history: Sequence[TrendPoint], point: TrendPoint) -> tuple[TrendPoint, ...]:
    """Return a history with one more point: of the weeks before, the last point each.

    >>> week = [TrendPoint(datetime(2026, 11, day, tzinfo=UTC), day / 100, "low") for day in (16, 17, 18, 23)]
    >>> found = ()
    >>> for each in week:
    ...     found = continued(found, each)
    >>> [each.as_of.day for each in found]
    [18, 23]
    """
    kept = list(history)
    if kept and kept[-1].as_of.isocalendar()[:2] == point.as_of.isocalendar()[:2]:
        kept.pop()
    return (*kept, point)[-HISTORY:]


def _text(value: Any) -> str | None:
    return None if value is None or value != value or value == "" else str(value)


def _number(value: Any) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def _moment(value: Any) -> datetime | None:
    """Return a moment of ISO 8601 text, a date or a time; without a zone it is UTC."""
    if value is None or value != value or value == "":
        return None
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    return datetime.fromtimestamp((value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp(), UTC)
