"""The triage page asks for the region and a workspace's own columns where models read them, and sends what is given."""

from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from serving.champions import Served, Snapshot
from serving.pages.asked_facts import MOST_COLUMNS, AskedFacts, asked_facts
from serving.pages.ticket_form import COLUMN
from tests.serving.application import Desk
from tests.serving.fake_router import ProductRouter
from tests.serving.pages.visitor import Shown, Visitor, shown
from tests.serving.routing_desk import routing_desk

NASTY = '"><script>alert(1)</script>{{ 7 * 7 }}\n状态'
COLUMNS = {"group": ("product", "保修状态", "region"), "assignee": ("customer_id", "保修状态", "site", NASTY)}
GIVEN = {"region": "华东", "site": "S<1>", "保修状态": '在保"', NASTY: "是&否"}
TICKET = {"subject": "打印机卡纸了", "product": "P20"}
SENT = {**TICKET, **{COLUMN + name: value for name, value in GIVEN.items()}}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """An application whose models of groups and people read further columns, one with a name that breaks pages."""
    folder = tmp_path_factory.mktemp("columns")
    with routing_desk(folder, {"a1": "硬件", "a2": "硬件"}, columns=COLUMNS) as found:
        yield found


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Mapping[str, Any]]:
    """The tickets that the models of groups and people were asked about."""
    found: list[Mapping[str, Any]] = []
    rank = ProductRouter.rank

    def noted(router: ProductRouter, ticket: Mapping[str, Any], *others: Any, **options: Any) -> Any:
        found.append(ticket)
        return rank(router, ticket, *others, **options)

    monkeypatch.setattr(ProductRouter, "rank", noted)
    return found


def columns(page: Shown) -> list[str]:
    """Return the further columns that a page has a box for, in order."""
    boxes = [each for each in page.all("input") if "id" in each]
    return [name.removeprefix(COLUMN) for each in boxes if (name := str(each["name"])).startswith(COLUMN)]


def block(page: Shown) -> dict[str, str | None]:
    """Return the attributes of the block of further columns, the last of those that open."""
    return page.all("details")[-1]


def test_each_column_that_a_model_reads_is_asked_once_the_contracts_own_first(agent: Visitor) -> None:
    page = shown(agent.get("/app/triage"))
    assert columns(page) == ["site", "region", "保修状态", NASTY]
    assert all(words in "".join(page.text) for words in ("更多字段", "区域", "网点", "保修状态", NASTY))
    assert "open" not in block(page)
    labels = {each["for"] for each in page.all("label")}
    assert {each["id"] for each in page.all("input") if "id" in each} <= labels


def test_english_names_what_the_contract_knows(desk: Desk, agent: Visitor) -> None:
    text = "".join(shown(Visitor(desk, dict(agent.cookies), language="en").get("/app/triage")).text)
    assert all(words in text for words in ("More fields", "Region", "Site", "保修状态"))


def test_what_is_given_reaches_the_models_as_programs_send_it(agent: Visitor, asked: list[Mapping[str, Any]]) -> None:
    shown(agent.post("/app/triage", SENT))
    assert len(asked) == 2
    for ticket in asked:
        assert (ticket["region"], ticket["site"], ticket["product"]) == ("华东", "S<1>", "P20")
        assert ticket["context"] == {"保修状态": '在保"', NASTY: "是&否"}


def test_what_is_given_stays_in_the_form_and_opens_it(agent: Visitor) -> None:
    page = shown(agent.post("/app/triage", SENT))
    assert {name: page.value(COLUMN + name) for name in GIVEN} == GIVEN
    assert "open" in block(page)
    assert not page.all("script")
    assert "open" not in block(shown(agent.post("/app/triage", TICKET)))


def test_feedback_asks_the_models_about_the_same_ticket_again(agent: Visitor, asked: list[Mapping[str, Any]]) -> None:
    page = shown(agent.post("/app/triage", SENT))
    hidden = {str(each["name"]): str(each["value"]) for each in page.all("input") if each.get("type") == "hidden"}
    after = shown(agent.post("/app/feedback", {**hidden, "say": "accepted:assignee"}))
    assert asked[0] == asked[-1]
    assert len(asked) == 4
    assert {name: after.value(COLUMN + name) for name in GIVEN} == GIVEN


def test_names_come_back_as_browsers_send_their_line_ends(agent: Visitor, asked: list[Mapping[str, Any]]) -> None:
    shown(agent.post("/app/triage", {**TICKET, COLUMN + NASTY.replace("\n", "\r\n"): "是"}))
    assert asked[0]["context"] == {NASTY: "是"}


def test_a_column_that_no_model_reads_is_no_part_of_the_ticket(
    agent: Visitor, asked: list[Mapping[str, Any]],
) -> None:
    shown(agent.post("/app/triage", {**TICKET, COLUMN + "created_at": "昨天", COLUMN + "颜色": "红"}))
    assert asked[0] == {"subject": TICKET["subject"], "body": "", "product": "P20"}


@pytest.mark.parametrize("name", ["region", "保修状态"])
def test_a_value_that_is_too_long_is_told_and_kept(agent: Visitor, name: str) -> None:
    page = shown(agent.post("/app/triage", {**TICKET, COLUMN + name: "长" * 201}), 422)
    assert "文字过长" in "".join(page.text)
    assert page.value(COLUMN + name) == "长" * 201


def served(family: str, **scorer: Any) -> Served:
    manifest = {"family": family}
    return Served(SimpleNamespace(), SimpleNamespace(manifest=manifest, **scorer))  # type: ignore[arg-type]


def fields(*names: str) -> SimpleNamespace:
    return SimpleNamespace(names=names)


def test_the_model_of_priorities_is_asked_for_what_it_reads_too() -> None:
    priority = SimpleNamespace(space=SimpleNamespace(fields=fields("报单入口", "customer_tier", "region")))
    snapshot = Snapshot({"category": served("text_label"), "priority": served("priority", priority=priority)})
    assert asked_facts(snapshot) == AskedFacts(routes=True, columns=("region", "报单入口"))


def test_texts_alone_ask_for_nothing_more() -> None:
    assert asked_facts(Snapshot({"category": served("text_label")})) == AskedFacts()


def test_no_more_is_asked_than_a_ticket_may_have() -> None:
    wide = served("routing", read=(*(f"列{number}" for number in range(MOST_COLUMNS + 1)), "region"))
    found = asked_facts(Snapshot({"group": wide})).columns
    assert (len(found), found[0], found[-1]) == (MOST_COLUMNS, "region", f"列{MOST_COLUMNS - 2}")
