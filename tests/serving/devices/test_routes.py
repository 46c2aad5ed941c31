"""``/v1/devices`` in this process: alerts, single devices, how alerts end, expected parts, and who may see what."""

import base64
import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from fenzhen.store import AlertFilter
from serving.devices.reading import is_known
from tests.serving.application import Desk, problem, running_desk
from tests.serving.devices_made_up import made_alert, told

ALERTS = "/v1/devices/alerts"
NAIVE = base64.urlsafe_b64encode(b'["2026-11-21T00:00:00","A1"]').decode()


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The whole application over two devices with an alert each, for all tests of a module."""
    with running_desk(tmp_path_factory.mktemp("watched")) as desk:
        told(desk.store)
        yield desk


@contextmanager
def as_owner(desk: Desk, owner: str) -> Iterator[None]:
    """Ask with a key that is bound to an owner."""
    kept = desk.client.headers
    desk.client.headers = {"X-API-Key": desk.store.create_key(["devices"], owner=owner).text}
    try:
        yield
    finally:
        desk.client.headers = kept


def ids(desk: Desk, **query: Any) -> list[str]:
    answer = desk.get(ALERTS, params=query)
    assert answer.status_code == 200, answer.text
    return [each["id"] for each in answer.json()["items"]]


def test_an_alert_says_what_rises_and_what_to_bring(watched: Desk) -> None:
    answer = watched.get(ALERTS).json()
    first, second = answer["items"]
    assert (answer["scored"]["model"], answer["scored"]["horizon_days"]) == ("device_failure/2", 7)
    assert (first["id"], first["part"], first["ticket_id"], first["state"]) == ("A1", "风扇组件", "FZ-A1", "open")
    assert first["reasons"][0]["text_zh"] == "近7天振动均值 3.2,平时 1.1"
    assert second["group"] == "batch=2606-B"
    assert [(each["device_id"], each["why"]) for each in answer["held_back"]] == [("D9", "cap")]


@pytest.mark.parametrize(("query", "expected"), [
    ({"device_id": "D1"}, ["A1"]), ({"region": "华东"}, ["A1", "A2"]), ({"region": "华北"}, []),
    ({"group_name": "batch=2606-B"}, ["A2"]), ({"opened_from": "2026-11-20T00:00:00+00:00"}, ["A1"]),
    ({"state": "expired"}, []), ({"state": "all", "component": "fan"}, ["A1", "A2"]),
])
def test_filters_narrow_the_list(watched: Desk, query: dict[str, str], expected: list[str]) -> None:
    assert ids(watched, **query) == expected


def test_pages_go_on_where_the_last_one_ended(watched: Desk) -> None:
    first = watched.get(ALERTS, params={"limit": 1}).json()
    second = watched.get(ALERTS, params={"limit": 1, "cursor": first["next_cursor"]}).json()
    assert [first["items"][0]["id"], second["items"][0]["id"]] == ["A1", "A2"]
    assert (second["next_cursor"], second["held_back"]) == (None, [])


@pytest.mark.parametrize("query", [
    {"state": "lost"}, {"limit": "0"}, {"limit": "201"}, {"cursor": "x"}, {"cursor": "WzEsMl0"},
    {"cursor": NAIVE}, {"foo": "1"},
    {"opened_from": "soon"}, {"format": "xlsx"}, {"site": "x" * 201}, {"component": ["a", "b"]},
])
def test_a_wrong_parameter_is_named(watched: Desk, query: dict[str, Any]) -> None:
    answer = watched.get(ALERTS, params=query)
    assert {each["path"] for each in problem(answer, 422)["errors"]} <= set(query)


def test_a_device_shows_risks_signals_history_and_the_ticket(watched: Desk) -> None:
    found = watched.get("/v1/devices/D1").json()
    assert [(each["component"], each["horizon_days"], each["probability"]) for each in found["risks"]] == [
        ("any", 7, 0.8), ("fan", 7, 0.7), ("belt", 7, 0.2), ("any", 30, 0.9)]
    assert found["signals"]["vibration"] == [1.0, 2.0, 3.2]
    assert [each["kind"] for each in found["history"]] == ["failure", "maintenance", "maintenance", "error", "failure"]
    assert found["similar"][0]["device_id"] == "D7"
    assert found["tickets"][0]["answers"]["category"]["prediction"] == "硬件故障"
    assert problem(watched.get("/v1/devices/D404"), 404)


def test_an_alert_is_closed_once_and_its_place_is_free_again(watched: Desk) -> None:
    watched.store.write_alert_day(_later(made_alert("A3", "D1", component="belt")))
    path, body = f"{ALERTS}/A3/close", {"outcome": "confirmed", "note": "皮带断裂", "actor": "李强"}
    once = {"Idempotency-Key": "a3"}
    assert watched.post(path, body, headers=once).json() == watched.post(path, body, headers=once).json()
    again = watched.post(path, {"outcome": "false"})
    assert problem(again, 409)
    assert (again.json()["type"], again.json()["title"]) == (
        "urn:fenzhen:problem:already-closed", "The alert is closed already")
    closed = next(each for each in watched.get(ALERTS, params={"state": "closed"}).json()["items"])
    assert (closed["id"], closed["outcome"], closed["actor"], closed["note"]) == ("A3", "confirmed", "李强", "皮带断裂")


def _later(alert: Any) -> Any:
    from datetime import timedelta

    from fenzhen.store import AlertDay

    return AlertDay("device_failure", alert.opened_at + timedelta(days=1), 2, [alert])


@pytest.mark.parametrize(("body", "status"), [
    ({"outcome": "won"}, 422), ({}, 422), ({"outcome": "false", "extra": 1}, 422), ([], 422),
    ({"outcome": "false", "note": "x" * 2001}, 422),
])
def test_a_word_that_is_none_closes_nothing(watched: Desk, body: Any, status: int) -> None:
    assert problem(watched.post(f"{ALERTS}/A1/close", body), status)
    assert "A1" in ids(watched)


def test_closing_what_is_unknown_is_a_404(watched: Desk) -> None:
    assert problem(watched.post(f"{ALERTS}/A404/close", {"outcome": "false"}), 404)


def test_a_key_bound_to_an_owner_sees_this_owners_devices_alone(watched: Desk) -> None:
    with as_owner(watched, "李强"):
        assert ids(watched, state="all") == ["A2"]
        assert watched.get(ALERTS).json()["held_back"] == []
        assert watched.get("/v1/devices/D2").status_code == 200
        assert problem(watched.get("/v1/devices/D1"), 404)
        assert problem(watched.post(f"{ALERTS}/A1/close", {"outcome": "false"}), 404)
        assert problem(watched.get("/v1/devices/parts"), 403)


@pytest.mark.parametrize(("device", "owner", "known"), [
    ("D1", None, True), ("D404", None, False), ("D2", "李强", True), ("D1", "李强", False)])
def test_a_device_is_known_to_whoever_may_see_it(watched: Desk, device: str, owner: str | None, known: bool) -> None:
    assert is_known(watched.store, device, owner) == known


def test_expected_parts_are_summed_by_region_and_week(watched: Desk) -> None:
    first, second = watched.get("/v1/devices/parts").json()["items"]
    named = [first[name] for name in ("week", "region", "component", "part")]
    assert named == ["2026-W47", "华东", "fan", "风扇组件"]
    assert (first["devices"], first["expected"], second["expected"]) == (2, 0.8, 0.25)


def test_parts_that_no_alert_ever_named_are_those_of_the_workspace(watched: Desk) -> None:
    assert "皮带" not in {each.part for each in watched.store.alerts(AlertFilter())}
    found = {each["component"]: each["part"] for each in watched.get("/v1/devices/parts").json()["items"]}
    assert found == {"fan": "风扇组件", "belt": "皮带"}


@pytest.mark.parametrize("path", [ALERTS, "/v1/devices/parts"])
def test_files_open_as_chinese_in_a_spreadsheet(watched: Desk, path: str) -> None:
    answer = watched.get(path, params={"format": "csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert "风扇组件" in {each["part"] for each in rows} <= {"风扇组件", "皮带"}
