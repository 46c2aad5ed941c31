"""Made-up scores of customers for tests of the store, the service and its pages."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd

from fenzhen.store import RiskRun

MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
WEEK = timedelta(days=7)

Said = Mapping[str, tuple[float, str, Mapping[str, Any]]]
"""Customer -> probability, level, details."""


def made_run(weeks: int = 0, **changes: Any) -> RiskRun:
    """A scoring some weeks after the first one."""
    return RiskRun(**{"model": "churn", "version": 1, "as_of": MONDAY + weeks * WEEK, "horizon_days": 90, **changes})


def made_details(code: str | None = "tickets_reopened_90d", **attributes: Any) -> dict[str, Any]:
    """Why a customer is at risk."""
    reason = {"code": code, "value": 3.0, "own": 0.4, "peers": 0.3, "weight": 0.41, "action": "安排资深工程师回访",
              "text_zh": "近90天重新打开 3 次,平时 0.4 次", "text_en": "reopened 3 times in 90 days, usually 0.4"}
    value = {name: attributes.pop(name) for name in ("value_at_risk", "currency", "timeline") if name in attributes}
    return {"reasons": [reason] if code else [], "protective": [], "attributes": attributes,
            "too_little_history": False, "value_at_risk": None, "currency": None, **value}


def made_frame(said: Said, run: RiskRun) -> pd.DataFrame:
    """The scores as `fenzhen score` has them."""
    return pd.DataFrame({
        "customer_id": list(said), "as_of": run.as_of, "horizon_days": run.horizon_days,
        "probability": [each[0] for each in said.values()], "risk_level": [each[1] for each in said.values()],
    })


def details_of(said: Said) -> Sequence[Mapping[str, Any]]:
    """The details of all, in order."""
    return [each[2] for each in said.values()]
