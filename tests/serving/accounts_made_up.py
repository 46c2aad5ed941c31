"""A desk whose customers have been scored twice, for tests of accounts (made-up scores, tests alone have them)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fenzhen.store import RiskRun, Store, StoredRun, TicketEvent
from tests.fenzhen.store.made_up_risks import made_details, made_frame

NOW = datetime.now(UTC)
AS_OF = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
WEEK = timedelta(days=7)

FIRST: dict[str, tuple[float, str, Any]] = {
    "C1": (0.35, "medium", made_details(name="华东精密机械有限公司", owner="王芳", customer_tier="VIP", region="华东")),
    "C2": (0.9, "high", made_details(name="蓝天物流", owner="王芳", customer_tier="普通", region="华南")),
    "C3": (0.3, "medium", made_details("days_since_last", name="晨光文具", owner="李强", customer_tier="普通")),
    "C4": (0.05, "low", made_details(None, name="小河餐饮", owner="王芳", customer_tier="普通", region="华东")),
}
REGION = {"code": "region", "value": "华东", "own": None, "peers": None, "weight": -0.3, "action": None,
          "text_zh": "所在地区为华东", "text_en": "region 华东"}
SECOND: dict[str, tuple[float, str, Any]] = {
    "C1": (0.82, "high", made_details(
        name="华东精密机械有限公司", owner="王芳", customer_tier="VIP", region="华东", value_at_risk=1_284_000.0,
        currency="CNY", renewal_at=(AS_OF + timedelta(days=20)).isoformat(),
        timeline=[{"at": (AS_OF - timedelta(days=5)).isoformat(), "kind": "return", "id": "R-1",
                   "text_zh": "退货 打印机,无法开机", "text_en": "returned a printer"}])),
    "C2": (0.1, "low", made_details(None, name="蓝天物流", owner="王芳", customer_tier="普通", region="华南",
                                    value_at_risk=8000.0, currency="CNY")),
    "C3": (0.4, "medium", made_details("csat_low_90d", name="晨光文具", owner="李强", customer_tier="普通")),
    "C4": (0.05, "low", made_details(None, name="小河餐饮", owner="王芳", customer_tier="普通", region="华东",
                                     renewal_at=(AS_OF + timedelta(days=200)).isoformat())),
    "C5": (0.6, "medium", {**made_details(None, name="=1+1@新客户", owner=None), "too_little_history": True,
                           "protective": [REGION]}),
}


def score(store: Store, said: dict[str, tuple[float, str, Any]], as_of: datetime, version: int = 3) -> StoredRun:
    """Write made-up scores as of a moment."""
    run = RiskRun("churn", version, as_of, 90)
    return store.write_scores(run, made_frame(said, run), [each[2] for each in said.values()])


def told(store: Store) -> None:
    """Score the customers a week ago and today, and tell the tickets of C1."""
    score(store, FIRST, AS_OF - WEEK)
    score(store, SECOND, AS_OF)
    about = {"customer_id": "C1", "category": "硬件故障", "device_id": "SN1", "product": "P20"}
    store.write_events([
        TicketEvent("T-1", "created", AS_OF - timedelta(days=30), about),
        TicketEvent("T-1", "resolved", AS_OF - timedelta(days=28)),
        TicketEvent("T-1", "reopened", AS_OF - timedelta(days=27)),
        TicketEvent("T-2", "created", AS_OF - timedelta(days=3), about),
        TicketEvent("T-2", "csat", AS_OF - timedelta(days=1), {"csat": 2}),
        TicketEvent("T-3", "created", AS_OF + timedelta(hours=1), about),
    ])


def scored_again_before(monkeypatch: pytest.MonkeyPatch, store: Store, question: str) -> None:
    """Have everybody scored twice more just before the first answer to a question to any store."""
    answer, waiting = getattr(Store, question), [store]

    def interrupted(asked: Store, *words: Any) -> Any:
        if waiting:
            for _ in range(2):
                score(waiting[0], SECOND, AS_OF)
            waiting.clear()
        return answer(asked, *words)

    monkeypatch.setattr(Store, question, interrupted)
