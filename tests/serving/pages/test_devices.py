"""``/app/devices``, ``/app/device`` and ``/app/alert`` in this process."""

from collections.abc import Iterator
from datetime import timedelta
from typing import get_args

import pytest

from fenzhen.store import AlertDay, AlertState
from models.devices.alerts import GROUPED_BY
from serving.pages.words import WORDS
from serving.pages.words_devices import DEVICES
from tests.serving.application import Desk, running_desk
from tests.serving.devices_made_up import AS_OF, made_alert, told
from tests.serving.pages.visitor import Shown, Visitor, shown


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk with two scored devices and an alert each."""
    with running_desk(tmp_path_factory.mktemp("devices")) as found:
        told(found.store)
        yield found


def signed_in(desk: Desk, owner: str | None = None, language: str = "zh-CN") -> Visitor:
    found = Visitor(desk, language=language)
    assert found.sign_in(desk.store.create_key(["devices"], owner=owner).text).headers["location"] == "devices"
    return found


@pytest.fixture
def planner(desk: Desk) -> Visitor:
    """Somebody whose key sees the whole fleet."""
    return signed_in(desk)


def text(page: Shown) -> str:
    return " ".join("".join(page.text).split())


def test_it_opens_on_open_alerts_with_parts_and_what_was_held_back(planner: Visitor) -> None:
    page = text(shown(planner.get("/app/devices")))
    assert all(words in page for words in (
        "设备预警", "D1", "D2", "70%", "近7天振动均值 3.2,平时 1.1", "风扇组件", "同批次风险：2606-B", "未处理",
        "另有 1 条未发出", "D9 · belt · 50%：超过当日上限", "预计备件（未来一周）", "相关性，不是因果"))


def test_a_device_shows_risks_reasons_telemetry_history_and_ticket(planner: Visitor) -> None:
    page = text(shown(planner.get("/app/device?id=D1")))
    assert all(words in page for words in (
        "M1 · 2606-B", "整机", "7 天", "30 天", "当前3.2", "自身平时1.1", "同型设备1", "vibration", "风扇故障",
        "相似的历史故障", "D7", "设备预警:D1 风扇", "硬件故障"))


def test_history_tells_days_of_the_workspace_codes_and_what_was_done(planner: Visitor) -> None:
    page = text(shown(planner.get("/app/device?id=D1")))
    assert all(words in page for words in (
        "2026-11-20故障fan", "2026-11-10维护 · 换件belt", "2026-11-09维护 · 保养整机", "2026-11-08报错 · B02整机"))


def test_what_a_record_ended_says_so_and_can_be_filtered(desk: Desk, planner: Visitor) -> None:
    opened = [made_alert(name, "D1", component=name, opened_at=AS_OF + timedelta(days=5)) for name in ("电机", "主板")]
    desk.store.write_alert_day(AlertDay("device_failure", AS_OF + timedelta(days=5), 2, opened))
    later = AS_OF + timedelta(days=6)
    desk.store.write_alert_day(AlertDay(
        "device_failure", later, 2, ended={"电机": ("failed", later), "主板": ("serviced", later)}))
    page = text(shown(planner.get("/app/devices?state=failed")))
    assert "电机" in page
    assert "主板" not in page
    assert all(words in text(shown(planner.get("/app/device?id=D1"))) for words in (
        "电机 · 70% 故障已发生", "主板 · 70% 已维护或更换"))


def test_an_alert_is_closed_by_a_form_and_only_once(desk: Desk, planner: Visitor) -> None:
    alert = made_alert("A9", "D1", component="belt", opened_at=AS_OF + timedelta(days=3))
    desk.store.write_alert_day(AlertDay("device_failure", alert.opened_at, 2, [alert]))
    form = {"id": "D1", "alert": "A9", "outcome": "false", "note": "检查正常"}
    answer = planner.post("/app/alert", form)
    assert (answer.status_code, answer.headers["location"]) == (303, "device?id=D1&told=1")
    page = text(shown(planner.get("/app/device?id=D1&told=1")))
    assert all(words in page for words in ("已记录，预警已关闭。", "误报", "检查正常"))
    again = planner.post("/app/alert", form)
    assert (again.status_code, "已经处理过了" in again.text) == (409, True)
    found = desk.store.alert("A9")
    assert found is not None
    assert (found.state, found.outcome, found.note) == ("closed", "false", "检查正常")


def test_a_form_without_an_outcome_is_told(planner: Visitor) -> None:
    answer = planner.post("/app/alert", {"id": "D1", "alert": "A1"})
    assert (answer.status_code, "请选择检查结果。" in answer.text) == (422, True)


def test_an_owner_sees_only_the_devices_of_own_customers(desk: Desk) -> None:
    li = signed_in(desk, "李强")
    page = text(shown(li.get("/app/devices")))
    assert "D2" in page
    assert all(words not in page for words in ("D1", "D9", "预计备件"))
    assert li.get("/app/device?id=D1").status_code == 404
    assert li.post("/app/alert", {"id": "D2", "alert": "A1", "outcome": "false"}).status_code == 404


@pytest.mark.parametrize(("path", "status"), [
    ("/app/device?id=D404", 404), ("/app/device", 404), ("/app/devices?state=lost", 422),
    ("/app/devices?cursor=x", 422), (f"/app/device?id={'x' * 500}", 404),
])
def test_what_is_not_there_is_a_page_that_says_so(planner: Visitor, path: str, status: int) -> None:
    answer = planner.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")


@pytest.mark.parametrize(("query", "column"), [("", "alert_id"), ("?list=parts", "week")])
def test_lists_can_be_had_as_files(planner: Visitor, query: str, column: str) -> None:
    answer = planner.get(f"/app/alerts-file{query}")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.content.startswith(f"\ufeff{column},".encode())


def test_without_the_scope_there_is_no_page(desk: Desk) -> None:
    other = Visitor(desk)
    other.sign_in(desk.store.create_key(["triage"]).text)
    assert other.get("/app/devices").status_code == 403


def test_every_word_is_there_in_both_languages(desk: Desk) -> None:
    assert all(zh and en for zh, en in DEVICES.values())
    assert set(DEVICES) <= set(WORDS)
    assert {f"devices.group.{each}" for each in GROUPED_BY} | {f"alert.{each}" for each in get_args(AlertState)} <= set(
        DEVICES)
    assert "Device alerts" in text(shown(signed_in(desk, language="en").get("/app/devices")))
