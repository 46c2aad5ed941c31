"""What each system of the made-up company exports: one sheet a file, its headers and its rows."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from fenzhen.simulate.arrivals import midnight
from fenzhen.simulate.dealings import draw_dealings
from fenzhen.simulate.device_log import DeviceEvent, draw_device_events
from fenzhen.simulate.history import History
from fenzhen.simulate.reference import assignee_rows, customer_rows, device_rows, taxonomy_rows
from fenzhen.simulate.rows import Row, event_rows, ticket_row, time_text, trial_rows
from fenzhen.simulate.sheets import write_csv, write_parquet, write_xlsx
from fenzhen.simulate.team import build_team
from fenzhen.simulate.telemetry import draw_readings

__all__ = ["Sheet", "sheets_of"]

CHAT_CHANNEL = "微信"
CONTACTS = {"call": "来电", "visit": "上门"}
ORDERS_SHEET = {"order_id": "订单号", "customer_id": "客户编号", "at": "下单时间", "product": "商品",
                "quantity": "数量", "price": "单价", "channel": "渠道"}
CONTACTS_SHEET = {"customer_id": "客户编号", "at": "时间", "kind": "方式"}
DEVICE_LOG_SHEET = {"device_id": "设备编号", "at": "时间", "level": "级别", "code": "故障码", "message": "内容"}
REPAIRS_SHEET = {"device_id": "设备", "at": "时间", "kind": "类型", "code": "代码", "component": "部件",
                 "message": "说明"}
REPAIR_KINDS = {"failure": "故障", "maintenance": "维护"}


@dataclass(frozen=True)
class Sheet:
    """One file: its name in the folder, canonical columns to headers, and its rows, or whole columns for parquet."""

    path: str
    headers: Mapping[str, str]
    rows: Sequence[Row] | Mapping[str, object]
    encoding: str = "utf-8"

    def write(self, folder: Path) -> Path:
        """Write it in the format of its suffix."""
        path = folder / self.path
        if isinstance(self.rows, Mapping):
            return write_parquet(path, self.headers, self.rows)
        if path.suffix == ".xlsx":
            return write_xlsx(path, self.headers, self.rows)
        return write_csv(path, self.headers, self.rows, self.encoding)


def sheets_of(history: History, workspace: str) -> tuple[Sheet, ...]:
    """Return every export of ``history``, named and with the headers that the text of workspace.toml maps."""
    tables = tomllib.loads(workspace)["tables"]
    return (*_tickets(history, tables), *_reference(history, tables), *_dealings(history, tables),
            *_devices(history, tables))


def _sheet(source: Mapping[str, Any], rows: Sequence[Row] | Mapping[str, object], encoding: str | None = None) -> Sheet:
    return Sheet(source["path"], source["columns"], rows, encoding or source.get("encoding", "utf-8"))


def _tickets(history: History, tables: Mapping[str, Any]) -> list[Sheet]:
    calls, chats = tables["tickets"]
    end = midnight(history.company.until)
    spoken = [ticket_row(ticket, end) for ticket in history.tickets if ticket.scene.channel != CHAT_CHANNEL]
    chatted = [ticket_row(ticket, end) for ticket in history.tickets if ticket.scene.channel == CHAT_CHANNEL]
    return [_sheet(calls, [*spoken, *trial_rows(history.tickets)], "utf-8-sig"), _sheet(chats, chatted),
            _sheet(tables["ticket_events"], event_rows(history.tickets))]


def _reference(history: History, tables: Mapping[str, Any]) -> list[Sheet]:
    company = history.company
    team, last = build_team(company.until), company.until - timedelta(days=1)
    units = [unit for units in company.devices.values() for unit in units]
    return [_sheet(tables["assignees"], assignee_rows(team, last, history.volume)),
            _sheet(tables["taxonomy"], taxonomy_rows(company.bank, team)),
            _sheet(tables["customers"], customer_rows(company, history.loyalty.left)),
            _sheet(tables["devices"], device_rows(units))]


def _dealings(history: History, tables: Mapping[str, Any]) -> list[Sheet]:
    dealings = draw_dealings(history)
    orders: list[Row] = [{
        "order_id": order.order_id, "customer_id": order.customer.customer_id, "at": time_text(order.at),
        "product": order.product, "quantity": str(order.quantity), "price": f"{order.price:.2f}",
        "channel": order.channel} for order in dealings.orders]
    returns: list[Row] = [{
        "return_id": each.return_id, "customer_id": each.customer.customer_id, "order_id": each.order_id,
        "at": time_text(each.at), "product": each.product, "channel": each.channel, "amount": f"{each.amount:.2f}",
        "reason": each.reason, "outcome": each.outcome} for each in dealings.returns]
    contacts: list[Row] = [{"customer_id": each.customer.customer_id, "at": time_text(each.at),
                            "kind": CONTACTS[each.kind]} for each in dealings.contacts]
    order_source, contact_source, *_ = tables["interactions"]
    return [Sheet(order_source["path"], ORDERS_SHEET, orders),
            Sheet(contact_source["path"], CONTACTS_SHEET, contacts), _sheet(tables["returns"], returns)]


def _devices(history: History, tables: Mapping[str, Any]) -> list[Sheet]:
    company, left = history.company, history.loyalty.left
    readings = draw_readings(history.fleet, company.until, left, company.seed)
    ids = [device.device_id for device in history.fleet.devices]
    columns: dict[str, object] = {
        "device_id": [ids[row] for row in readings.device], "at": readings.at, **readings.values}
    events = draw_device_events(history.fleet, company.until, left, company.seed)
    log, _, repairs, _ = tables["device_events"]
    return [_sheet(tables["telemetry"], columns),
            Sheet(log["path"], DEVICE_LOG_SHEET, [_line(event) for event in events if event.kind in ("log", "error")]),
            Sheet(repairs["path"], REPAIRS_SHEET, [_line(event) for event in events if event.kind in REPAIR_KINDS])]


def _line(event: DeviceEvent) -> Row:
    return {"device_id": event.device.device_id, "at": time_text(event.at), "kind": REPAIR_KINDS.get(event.kind, ""),
            "code": event.code, "component": event.component, "level": event.level, "message": event.message}
