"""The triage page where groups and people are recommended too."""

from collections.abc import Iterator

import pytest

from tests.serving.application import Desk
from tests.serving.pages.visitor import Shown, Visitor, shown
from tests.serving.routing_desk import routing_desk, solved

TICKET = {"subject": "打印机卡纸了", "product": "P20", "customer_id": "C9", "customer_tier": "VIP",
          "needs": "打印机；扫描"}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """An application with two people, one of whom solved tickets of this product, and one who is away."""
    with routing_desk(tmp_path_factory.mktemp("routed")) as found:
        found.post("/v1/events", [each for number in range(4) for each in solved(f"H-{number}", "P20", "a1")])
        for name, more in (("a1", {"name": "王工"}), ("a2", {}), ("a3", {"status": "away", "name": "李工"})):
            told = {"group": "硬件", "skills": ["打印机", "扫描"], **more}
            assert found.client.put(f"/v1/assignees/{name}", json=told).status_code == 200
        found.worker.follower.look()
        yield found


def page(agent: Visitor, **changed: str) -> Shown:
    return shown(agent.post("/app/triage", {**TICKET, **changed}))


def words(found: Shown) -> str:
    return " ".join("".join(found.text).split())


def test_group_and_person_have_cards_with_names_reasons_and_who_is_left_out(agent: Visitor) -> None:
    text = words(page(agent))
    assert "处理人 王工 (a1) 建议" in text
    assert "同产品已解决 4" in text
    assert "未参与派单（1）" in text
    assert "李工 (a3)" in text.partition("未参与派单（1）")[2]
    assert "受理组 硬件" in text
    assert text.index("类别 ") < text.index("受理组 硬件") < text.index("处理人 王工")
    assert "没有突出的词语" not in text.partition("处理人")[2]


def test_it_speaks_english_too(desk: Desk, agent: Visitor) -> None:
    text = words(page(Visitor(desk, dict(agent.cookies), language="en")))
    assert all(each in text for each in ("Assignee", "solved 4 of this product", "Left out (1)", "For routing"))


def test_what_was_given_for_routing_stays_in_the_form_and_counts(agent: Visitor) -> None:
    found = page(agent)
    assert (found.value("product"), found.value("customer_tier")) == ("P20", "VIP")
    assert found.value("needs") == "打印机;扫描"
    assert "处理人 无人可派" in words(page(agent, needs="焊接"))


def test_a_person_is_corrected_to_somebody_else_by_name(desk: Desk, agent: Visitor) -> None:
    found = page(agent)
    assert {"a2", "a3"} <= {each.get("value") for each in found.all("option")} | set(found.text)
    sent = {name: found.value(name) for name in ("prediction_id", "subject", "body", "ticket_id", "product")}
    after = shown(agent.post("/app/feedback", {**sent, "say": "corrected:assignee", "value.assignee": "a3"}))
    assert "已改正为：李工 (a3)" in words(after)
    assert desk.store.feedback_of(found.value("prediction_id"))[0].value == "a3"


def test_a_person_of_another_group_than_the_one_suggested_is_told_in_words(desk: Desk, agent: Visitor) -> None:
    assert "不属于建议的受理组" not in words(page(agent))
    try:
        desk.client.put("/v1/assignees/a1", json={"group": "网络"})
        assert "建议的处理人不属于建议的受理组" in words(page(agent))
        english = words(page(Visitor(desk, dict(agent.cookies), language="en")))
        assert "The person suggested is not in the group suggested" in english
    finally:
        desk.client.put("/v1/assignees/a1", json={"group": "硬件"})


def test_a_value_that_is_too_long_is_refused(agent: Visitor) -> None:
    assert agent.post("/app/triage", {**TICKET, "product": "x" * 201}).status_code == 422
