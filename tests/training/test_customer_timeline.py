"""What happened to customers: only what was known, newest first, joined to details as late as they are made."""

from pathlib import Path

import pandas as pd
import pytest

from fenzhen.workspace import Workspace, load_workspace
from training.customer_timeline import MOST, customer_timeline, with_timeline

AS_OF = pd.Timestamp("2026-11-15", tz="UTC")
TABLES = "".join(f'[tables.{name}]\npath = "{name}.csv"\n' for name in (
    "interactions", "returns", "devices", "device_events", "customers"))


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Orders, a return, and a device that failed, before the moment and after it."""
    orders = "".join(f"C2,2026-10-{day:02d} 09:00:00,order,墨盒,120,\n" for day in range(1, 20))
    files = {
        "workspace.toml": TABLES,
        "interactions.csv": "customer_id,at,kind,product,value,quantity\n"
                            "C1,2026-11-01 09:00:00,order,打印机,1999.5,2\n"
                            "C1,2024-01-01 09:00:00,order,很久以前,1,1\nC1,2026-11-20 09:00:00,order,以后,1,1\n"
                            f"C1,2026-10-30 09:00:00,call,,,\n{orders}",
        "customers.csv": "customer_id,currency\nC1,CNY\nC3,\n",
        "returns.csv": "return_id,customer_id,at,product,reason\nR-1,C1,2026-11-09 09:00:00,打印机,无法开机\n",
        "devices.csv": "device_id,customer_id\nSN1,C1\n",
        "device_events.csv": "device_id,at,kind,component\nSN1,2026-11-05 09:00:00,failure,主板\n"
                             "SN1,2026-11-06 09:00:00,log,\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return load_workspace(tmp_path)


def test_a_customers_year_is_told_newest_first(workspace: Workspace) -> None:
    found = customer_timeline(workspace, AS_OF)
    assert [(each["kind"], each["id"], each["text_zh"]) for each in found["C1"]] == [
        ("return", "R-1", "退货 打印机 无法开机"), ("failure", "SN1", "设备故障 主板"),
        ("order", None, "订单 打印机 数量 2 金额 2,000 CNY"), ("call", None, "电话")]
    assert found["C1"][0]["at"] == "2026-11-09T01:00:00+00:00"
    assert found["C1"][2]["text_en"] == "order 打印机 quantity 2 value 2,000 CNY"
    assert len(found["C2"]) == MOST
    assert found["C2"][0]["text_zh"] == "订单 墨盒 金额 120"


def test_a_workspace_without_such_tables_tells_nothing(tmp_path: Path) -> None:
    (tmp_path / "workspace.toml").write_text('[tables.customers]\npath = "customers.csv"\n', encoding="utf-8")
    assert customer_timeline(load_workspace(tmp_path), AS_OF) == {}


def test_details_get_the_timeline_when_they_are_made() -> None:
    asked: list[int] = []

    def details(start: int, stop: int) -> list[dict[str, int]]:
        asked.append(start)
        return [{"row": row} for row in range(start, stop)]

    timeline = {"C2": [{"kind": "order"}]}
    lazy = with_timeline(details, ["C1", "C2"], timeline)
    assert asked == []
    assert callable(lazy)
    assert lazy(1, 2) == [{"timeline": [{"kind": "order"}], "row": 1}]
    listed = with_timeline(iter(details(0, 2)), ["C1", "C2"], timeline)
    assert not callable(listed)
    assert [each["timeline"] for each in listed] == [[], [{"kind": "order"}]]
