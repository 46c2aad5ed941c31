"""Made-up devices, their scores and alerts, as `fenzhen score` and `fenzhen run-daily` leave them in the store."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd

from fenzhen.store import AlertDay, DeviceAlert, DeviceTicket, RiskRun, Store

AS_OF = datetime(2026, 11, 20, tzinfo=UTC)
RISKS = {("D1", "any"): 0.8, ("D1", "fan"): 0.7, ("D1", "belt"): 0.2, ("D2", "any"): 0.1, ("D2", "fan"): 0.1,
         ("D2", "belt"): 0.05}
PARTS = {"fan": "风扇组件", "belt": "皮带"}
OWNERS = {"D1": "王芳", "D2": "李强"}
REASON = {"code": "vibration_mean_7d", "value": 3.2, "own": 1.1, "peers": 1.0, "weight": 0.8, "action": None,
          "text_zh": "近7天振动均值 3.2,平时 1.1", "text_en": "vibration 3.2 over 7 days, usually 1.1"}


def made_details(device: str, component: str = "fan") -> dict[str, Any]:
    days = [(AS_OF - timedelta(days=number)).date().isoformat() for number in range(3, 0, -1)]
    return {
        "reasons": [REASON], "protective": [], "too_little_history": False, "part": PARTS.get(component),
        "skill": "电机",
        "attributes": {"model": "M1", "batch": "2606-B", "region": "华东", "site": "上海", "owner": OWNERS[device],
                       "customer_id": f"C-{device}"},
        "signals": {"days": days, "vibration": [1.0, 2.0, 3.2]},
        "timeline": [{"at": "2026-11-19T20:00:00+00:00", "kind": "failure", "code": None, "component": "fan"},
                     {"at": "2026-11-10T02:00:00+00:00", "kind": "maintenance", "code": "换件", "component": "belt"},
                     {"at": "2026-11-09T02:00:00+00:00", "kind": "maintenance", "code": "保养", "component": None},
                     {"at": "2026-11-08T02:00:00+00:00", "kind": "error", "code": "B02", "component": None},
                     {"at": "2026-11-01T00:00:00+00:00", "kind": "failure", "id": None, "text_zh": "风扇故障",
                      "text_en": "fan failed"}],
        "similar": [{"device_id": "D7", "component": "fan", "at": "2026-08-01T00:00:00+00:00"}],
        "horizons": [{"component": "any", "horizon_days": 30, "probability": 0.9}],
    }


def made_alert(alert_id: str, device: str, **changes: Any) -> DeviceAlert:
    facts = {"alert_id": alert_id, "model": "device_failure", "version": 2, "device_id": device, "component": "fan",
             "opened_at": AS_OF, "last_at": AS_OF, "last_high_at": AS_OF, "probability": 0.7, "peak": 0.7,
             "horizon_days": 7, "region": "华东", "batch": "2606-B", "owner": OWNERS[device], "part": "风扇组件",
             "customer_id": f"C-{device}", "details": made_details(device)}
    return DeviceAlert(**(facts | changes))


def told(store: Store) -> None:
    """Write one scoring of two devices and alerts of two days."""
    run = RiskRun("device_failure", 2, AS_OF, 7)
    frame = pd.DataFrame({"device_id": [device for device, _ in RISKS], "component": [part for _, part in RISKS],
                          "probability": list(RISKS.values()), "risk_level": "high"})
    store.write_scores(run, frame, [made_details(device, part) for device, part in RISKS])
    before = AS_OF - timedelta(days=1)
    old = made_alert("A2", "D2", opened_at=before, last_at=before, last_high_at=before, group_name="batch=2606-B")
    store.write_alert_day(AlertDay("device_failure", before, 2, [old]))
    ticket = DeviceTicket("FZ-A1", "A1", AS_OF, "D1", "C-D1", "M1", "风扇组件", "设备预警:D1 风扇", "预计7天内故障。",
                          {"category": {"prediction": "硬件故障", "confidence": 0.9}})
    held = [{"device_id": "D9", "component": "belt", "probability": 0.5, "why": "cap"}]
    store.write_alert_day(AlertDay("device_failure", AS_OF, 2, [made_alert("A1", "D1", ticket_id="FZ-A1")],
                                   held_back=held, tickets=[ticket]))
