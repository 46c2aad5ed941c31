"""The triage page where nobody is left who may take a ticket: that is said, not that a model is unsure."""

from collections.abc import Iterator

import pytest

from tests.serving.application import Desk
from tests.serving.pages.visitor import Shown, Visitor, shown
from tests.serving.routing_desk import routing_desk

UNSURE = {"zh": "把握不足", "en": "Not sure enough"}
TICKET = {"subject": "打印机卡纸了", "product": "P20"}
PEOPLE = {"a1": {"skills": ["打印机"], "name": "王工"}, "a2": {"status": "away", "name": "李工"}}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """An application with champions for groups and people, of whom nobody knows any at first."""
    with routing_desk(tmp_path_factory.mktemp("nobody")) as found:
        yield found


@pytest.fixture
def team(desk: Desk) -> None:
    """Two people of one group, one of them away."""
    for name, more in PEOPLE.items():
        assert desk.client.put(f"/v1/assignees/{name}", json={"group": "硬件", **more}).status_code == 200
    desk.worker.follower.look()


def cards(page: Shown) -> str:
    """Return what the cards of group and person say."""
    return " ".join("".join(page.text).split()).partition("受理组 ")[2].partition(" 工单 标题")[0]


def english(desk: Desk, agent: Visitor, **changed: str) -> str:
    page = shown(Visitor(desk, dict(agent.cookies), language="en").post("/app/triage", {**TICKET, **changed}))
    return " ".join("".join(page.text).split()).partition("Group ")[2]


def test_without_anybody_known_the_cards_say_so(desk: Desk, agent: Visitor) -> None:
    text = cards(shown(agent.post("/app/triage", TICKET)))
    assert text.startswith("无组可派 转人工 还没有可派的人员或受理组")
    assert "处理人 无人可派 转人工 还没有可派的人员或受理组" in text
    assert UNSURE["zh"] not in text
    told = english(desk, agent)
    assert told.startswith("No group may take it For a person Nobody is known who could take it")
    assert "Assignee Nobody may take it For a person Nobody is known who could take it" in told
    assert UNSURE["en"] not in told


@pytest.mark.usefixtures("team")
def test_where_all_are_left_out_the_card_says_so_and_shows_why(desk: Desk, agent: Visitor) -> None:
    page = shown(agent.post("/app/triage", {**TICKET, "needs": "焊接"}))
    text = cards(page)
    assert "处理人 无人可派 转人工 所有候选都未参与派单，原因见下方" in text
    assert UNSURE["zh"] not in text
    left_out = text.partition("处理人 ")[2].partition("未参与派单（2）")[2]
    assert "王工 (a1)缺少技能:焊接" in left_out
    assert "李工 (a2)不在线" in left_out
    assert all("open" in each for each in page.all("details") if each.get("class") == "excluded")
    told = english(desk, agent, needs="焊接")
    assert "Assignee Nobody may take it For a person All are left out, for the reasons listed below" in told
    assert UNSURE["en"] not in told


@pytest.mark.usefixtures("team")
def test_where_somebody_is_left_the_card_names_them_and_keeps_the_left_out_closed(agent: Visitor) -> None:
    page = shown(agent.post("/app/triage", TICKET))
    assert "处理人 王工 (a1)" in cards(page)
    assert "可派" not in cards(page)
    assert not any("open" in each for each in page.all("details") if each.get("class") == "excluded")
