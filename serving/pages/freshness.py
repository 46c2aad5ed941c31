"""What pages say of the scores themselves: which model's, what they know, and whether they are old."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from fenzhen.store import StoredRun
from serving.pages.amounts import day
from serving.pages.visits import Visit

__all__ = ["freshness"]


def freshness(visit: Visit, scored: StoredRun, stale_after: timedelta) -> Mapping[str, Any]:
    """Return ``until``, ``horizon_days`` and ``model``; ``stale_days`` is None unless the scores are older."""
    run = scored.run
    known = run.data_until or run.as_of
    age = datetime.now(UTC) - known
    return {"until": day(known, visit.worker.zone), "horizon_days": run.horizon_days,
            "model": f"{run.model}/{run.version}", "stale_days": age.days if age > stale_after else None}
