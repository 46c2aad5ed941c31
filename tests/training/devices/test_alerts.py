"""From scores in the store to alerts: opened once, told with a ticket, held back after maintenance."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from fenzhen.exports import Exports
from fenzhen.store import AlertFilter, DeviceAlert, RiskRun, Store, alert_writing, open_store
from fenzhen.workspace import Workspace, load_workspace
from models.devices.alerts import AlertRules
from training.devices.alerts import AlertReport, update_alerts
from training.devices.tickets import written_ticket

AS_OF = datetime(2026, 6, 10, tzinfo=UTC)
THRESHOLDS = {"any": 0.5, "风扇": 0.4}
WORKSPACE = """
time_zone = "UTC"
[tables.devices]
path = "devices.csv"
[tables.customers]
path = "customers.csv"
[tables.device_events]
path = "events.csv"
"""


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "workspace.toml").write_text(WORKSPACE)
    (tmp_path / "devices.csv").write_text(
        "device_id,model,batch,customer_id,installed_at\nD1,M1,B1,C1,2025-01-01\nD2,M1,B2,C1,2025-01-01\n")
    (tmp_path / "customers.csv").write_text("customer_id,owner,since\nC1,王芳,2024-01-01\n")
    (tmp_path / "events.csv").write_text("device_id,at,kind,component\nD2,2026-06-09,maintenance,风扇\n")
    return load_workspace(tmp_path)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path / 'store.db'}") as opened:
        yield opened


def score(store: Store, days: int = 0, **risks: float) -> None:
    """Score devices D1, D2, … by their fan."""
    rows = [(device, part, risk) for device, risk in risks.items() for part in ("any", "风扇")]
    frame = pd.DataFrame(rows, columns=["device_id", "component", "probability"]).assign(risk_level="high")
    details = [{"reasons": [{"code": "errors_7d", "text_zh": "近7天报错 9 次"}], "part": "风扇组件"} for _ in rows]
    store.write_scores(RiskRun("device_failure", 1, AS_OF + timedelta(days=days), 7), frame, details)


def update(workspace: Workspace, store: Store, **rules: Any) -> AlertReport | None:
    (workspace.folder / "exports").mkdir(exist_ok=True)
    exports = Exports(workspace.folder / "exports")
    return update_alerts(workspace, store, exports, "device_failure", AlertRules(**rules), THRESHOLDS)


def test_without_scores_nothing_happens(workspace: Workspace, store: Store) -> None:
    assert update(workspace, store) is None


def test_a_standing_alert_goes_with_its_device_to_another_account_manager(workspace: Workspace, store: Store) -> None:
    score(store, D1=0.8)
    update(workspace, store)
    (workspace.folder / "customers.csv").write_text("customer_id,owner,since\nC1,王芳,2024-01-01\nC1,李强,2024-01-01\n")
    score(store, 1, D1=0.8)
    update(load_workspace(workspace.folder), store)
    alert, = store.alerts(AlertFilter())
    assert (alert.customer_id, alert.owner) == ("C1", "李强")


def test_an_alert_knows_device_customer_and_account_manager(workspace: Workspace, store: Store) -> None:
    score(store, D1=0.8, D2=0.1)
    assert update(workspace, store) == AlertReport(1, 0, 0, 0, True)
    alert, = store.alerts(AlertFilter())
    assert (alert.device_id, alert.component, alert.probability, alert.horizon_days) == ("D1", "风扇", 0.8, 7)
    assert (alert.batch, alert.device_model, alert.customer_id, alert.owner) == ("B1", "M1", "C1", "王芳")
    assert (alert.part, alert.details["reasons"][0]["code"]) == ("风扇组件", "errors_7d")


def test_the_same_day_again_changes_nothing(workspace: Workspace, store: Store) -> None:
    score(store, D1=0.8)
    update(workspace, store)
    again = update(workspace, store)
    assert again is not None
    assert not again.new_day
    assert len(store.alerts(AlertFilter())) == 1


def test_what_was_serviced_yesterday_is_held_back(workspace: Workspace, store: Store) -> None:
    score(store, D2=0.9)
    assert update(workspace, store) == AlertReport(0, 0, 0, 1, True)
    told = store.held_back("device_failure")
    assert told is not None
    assert told[1] == [{"device_id": "D2", "component": "风扇", "probability": 0.9, "why": "maintenance"}]


def test_an_alert_goes_on_and_expires_when_its_risk_is_gone(workspace: Workspace, store: Store) -> None:
    score(store, D1=0.8)
    update(workspace, store)
    for days in (1, 2, 3):
        score(store, days, D1=0.1)
        update(workspace, store)
    assert [each.state for each in store.alerts(AlertFilter())] == ["expired"]


def record(workspace: Workspace, *rows: str) -> Workspace:
    """Return the workspace with more events of devices."""
    with (workspace.folder / "events.csv").open("a", encoding="utf-8") as events:
        events.writelines(f"{row}\n" for row in rows)
    return load_workspace(workspace.folder)


def test_a_failure_under_an_alert_confirms_it_as_it_stood_and_a_replacement_makes_another_serviced(
        workspace: Workspace, store: Store) -> None:
    score(store, D1=0.8, D2=0.8)
    update(workspace, store, maintenance_days=0)
    told = record(workspace, "D1,2026-06-11T03:00:00,failure,风扇", "D1,2026-06-11T09:00:00,maintenance,风扇",
                  "D2,2026-06-11T12:00:00,maintenance,")
    score(store, 2, D1=0.02, D2=0.9)
    assert update(told, store) == AlertReport(0, 0, 0, 0, True, failed=1, serviced=1)
    found = {each.device_id: (each.state, each.outcome, each.ended_at, each.probability)
             for each in store.alerts(AlertFilter())}
    assert found == {"D1": ("failed", "confirmed", AS_OF + timedelta(days=1, hours=3), 0.8),
                     "D2": ("serviced", None, AS_OF + timedelta(days=1, hours=12), 0.8)}
    score(store, 3, D2=0.9)
    assert update(told, store) == AlertReport(0, 0, 0, 1, True)


def test_what_a_record_ended_can_still_be_closed_by_a_person_and_only_then_teaches(
        workspace: Workspace, store: Store) -> None:
    score(store, D1=0.8)
    update(workspace, store)
    alert, = store.alerts(AlertFilter())
    score(store, 1, D1=0.8)
    update(record(workspace, "D1,2026-06-10T03:00:00,maintenance,"), store)
    later = AS_OF + timedelta(days=9)
    assert store.closed_alerts("device_failure", later) == []
    assert store.close_alert(alert.alert_id, "false", AS_OF + timedelta(days=2))
    assert [each.outcome for each in store.closed_alerts("device_failure", later)] == ["false"]


def test_those_that_expire_do_not_go_on(workspace: Workspace, store: Store) -> None:
    score(store, D1=0.8, D2=0.8)
    update(workspace, store, maintenance_days=0)
    score(store, 3, D1=0.1, D2=0.8)
    assert update(workspace, store) == AlertReport(0, 1, 1, 0, True)


def test_a_new_alert_yields_a_ticket_in_the_history_of_its_customer(workspace: Workspace, store: Store) -> None:
    score(store, D1=0.62)
    update(workspace, store, create_ticket=True)
    alert, = store.alerts(AlertFilter())
    assert alert.ticket_id is not None
    ticket = store.device_ticket(alert.ticket_id)
    assert ticket is not None
    assert ticket.subject == "设备预警:D1 的风扇预计 7 天内故障"
    assert "近7天报错 9 次" in ticket.body
    assert "建议携带备件:风扇组件" in ticket.body
    event, = store.events_of_customer("C1")
    assert (event.ticket_id, event.event, event.values["device_id"]) == (ticket.ticket_id, "created", "D1")


def test_the_ticket_says_in_chinese_what_rises_together() -> None:
    alert = DeviceAlert("A1", "device_failure", 1, "D1", "风扇", AS_OF, AS_OF, AS_OF, 0.6, 0.6, 7,
                        group_name="supplier=甬通机电")
    body = written_ticket(alert).body
    assert "同供应商设备风险一同升高:甬通机电。" in body
    assert "supplier" not in body


def test_a_process_that_ends_while_alerts_are_written_leaves_neither_alert_nor_event_and_repeats(
    workspace: Workspace, store: Store, monkeypatch: pytest.MonkeyPatch,
) -> None:
    def killed(*_: object) -> None:
        raise Killed

    score(store, D1=0.62)
    with monkeypatch.context() as patch:
        patch.setattr(alert_writing, "write_events", killed)
        with pytest.raises(Killed):
            update(workspace, store, create_ticket=True)
    assert not store.alerts(AlertFilter())
    assert not store.events_of_customer("C1")
    update(workspace, store, create_ticket=True)
    alert, = store.alerts(AlertFilter())
    event, = store.events_of_customer("C1")
    assert (event.source, event.ticket_id) == ("alert", alert.ticket_id)


def test_a_threshold_of_the_workspace_counts_instead_of_the_models(workspace: Workspace, store: Store) -> None:
    score(store, D1=0.8)
    assert update(workspace, store, open_from=0.9) == AlertReport(0, 0, 0, 0, True)
