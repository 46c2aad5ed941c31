"""The triage page calls people by their names, wherever somebody or the model of people knows them."""

from collections.abc import Iterator

import pytest

from tests.serving.application import Desk
from tests.serving.pages.visitor import Visitor, shown
from tests.serving.routing_desk import routing_desk, solved

PEOPLE = {"E301": "硬件", "E302": "硬件", "E303": "硬件", "E304": "硬件", "AM1 许宁": "硬件"}
NAMES = {"E301": "王工", "E302": "李<b>工", "E303": "赵工", "AM1 许宁": "许宁", "硬件": "不是人"}
TICKET = {"subject": "打印机卡纸了", "product": "P20"}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """An application whose model knows names; of E303, who is away, another name was told since."""
    with routing_desk(tmp_path_factory.mktemp("named"), PEOPLE, NAMES) as found:
        found.post("/v1/events", [each for number in range(4) for each in solved(f"H-{number}", "P20", "E301")])
        told = {"group": "硬件", "status": "away", "name": "赵师傅"}
        assert found.client.put("/v1/assignees/E303", json=told).status_code == 200
        found.worker.follower.look()
        yield found


def test_value_alternatives_and_the_left_out_have_names_beside_their_ids(agent: Visitor) -> None:
    found = shown(agent.post("/app/triage", TICKET))
    text = " ".join("".join(found.text).split())
    card = text.partition("处理人 ")[2]
    assert card.startswith("王工 (E301) ")
    assert "李<b>工 (E302)" in card.partition("备选")[2]
    assert "E304" in card.partition("备选")[2]
    assert "许宁 (" not in card
    assert "赵师傅 (E303)不在线" in card.partition("未参与派单（1）")[2]
    assert "赵工" not in text


def test_a_group_is_called_by_its_own_name_alone(agent: Visitor) -> None:
    assert "不是人" not in "".join(shown(agent.post("/app/triage", TICKET)).text)


def test_a_correction_is_chosen_and_told_by_name(desk: Desk, agent: Visitor) -> None:
    found = shown(agent.post("/app/triage", TICKET))
    assert "李<b>工 (E302)" in found.text
    assert "E302" in [each.get("value") for each in found.all("option")]
    sent = {**TICKET, "prediction_id": found.value("prediction_id")}
    after = shown(agent.post("/app/feedback", {**sent, "say": "corrected:assignee", "value.assignee": "E302"}))
    assert "已改正为：李<b>工 (E302)" in "".join(after.text)
    assert desk.store.feedback_of(sent["prediction_id"])[0].value == "E302"


def test_the_answer_to_programs_has_ids_alone(desk: Desk) -> None:
    found = desk.post("/v1/triage", {"ticket": {"subject": "卡纸", "product": "P20"}}).json()
    person = found["predictions"]["assignee"]
    assert person["value"] == "E301"
    assert {each["value"] for each in person["alternatives"]} == {"E302", "E304", "AM1 许宁"}
    assert [each["value"] for each in person["excluded"]] == ["E303"]
    assert not any(name in str(found) for name in ("王工", "李<b>工", "赵师傅"))
