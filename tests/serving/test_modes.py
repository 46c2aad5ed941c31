"""``/v1/modes``: off, suggest, auto and the kill switch."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.serving.application import Desk, problem


@pytest.fixture(autouse=True)
def default_modes(desk: Desk) -> Iterator[None]:
    """Leave nothing set."""
    yield
    for row in desk.store.modes().rows:
        put(desk, row.field, mode="default", value=row.value)


def put(desk: Desk, field: str, **body: Any) -> Any:
    return desk.client.put(f"/v1/modes/{field}", json={"reason": "试验", **body})


def decision(desk: Desk) -> str:
    answer = desk.post("/v1/triage", {"ticket": {"subject": "打印机卡纸了"}}).json()
    return str(answer["predictions"]["category"]["decision"])


@pytest.fixture
def sure(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Thresholds that every ticket reaches."""
    scorer = desk.worker.watcher.snapshot.served["category"].scorer
    for limits in scorer.thresholds.values():
        monkeypatch.setitem(limits, "auto", 0.2)
        monkeypatch.setitem(limits, "suggest", 0.1)


@pytest.mark.usefixtures("sure")
def test_every_field_suggests_at_most_until_an_administrator_says_auto(desk: Desk) -> None:
    assert decision(desk) == "suggest"
    assert put(desk, "category", mode="auto").status_code == 200
    assert decision(desk) == "auto"


@pytest.mark.usefixtures("sure")
def test_auto_may_hold_for_one_class_alone(desk: Desk) -> None:
    put(desk, "category", mode="auto", value="网络问题")
    assert decision(desk) == "suggest"
    found = put(desk, "category", mode="auto", value="硬件故障").json()
    assert decision(desk) == "auto"
    values = {"硬件故障": "auto", "网络问题": "auto"}
    assert found["fields"] == [{"field": "category", "mode": "suggest", "values": values}]


@pytest.mark.usefixtures("sure")
@pytest.mark.parametrize("field", ["category", "*"])
def test_the_kill_switch_stops_a_field_or_all_and_gives_them_back(desk: Desk, field: str) -> None:
    put(desk, "category", mode="auto", value="硬件故障")
    put(desk, field, mode="off")
    assert decision(desk) == "abstain"
    put(desk, field, mode="default")
    assert decision(desk) == "auto"


def test_every_change_is_in_the_ledger_with_who_and_why(desk: Desk) -> None:
    put(desk, "category", mode="auto", value="硬件故障", reason="周报达标", actor="王工")
    entry = desk.store.ledger()[-1]
    assert (entry.action, entry.actor, entry.reason) == ("mode", "王工", "周报达标")
    put(desk, "*", mode="off")
    assert desk.store.ledger()[-1].actor.startswith("key:k_")


def test_what_is_set_can_be_read(desk: Desk) -> None:
    put(desk, "category", mode="off", reason="先停用")
    found = desk.get("/v1/modes").json()
    assert [(row["field"], row["value"], row["mode"], row["reason"]) for row in found["set"]] == [
        ("category", "*", "off", "先停用")
    ]
    assert found["fields"][0]["mode"] == "off"


@pytest.mark.parametrize(
    ("field", "body", "status"),
    [
        ("colour", {"mode": "off"}, 404), ("category", {"mode": "on"}, 422),
        ("category", {"mode": "off", "reason": " "}, 422),
        ("category", {"mode": "auto", "value": "无此分类"}, 422), ("*", {"mode": "off", "value": "硬件故障"}, 422),
    ],
)
def test_a_change_without_sense_is_refused(desk: Desk, field: str, body: dict[str, str], status: int) -> None:
    problem(put(desk, field, **body), status)
