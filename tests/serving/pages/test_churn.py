"""``/app/churn``, ``/app/account`` and ``/app/outcome`` in this process."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from serving.accounts.answers import TimelineEntry
from serving.pages.account import beyond_kind
from serving.pages.language import Words
from serving.pages.words import WORDS
from serving.pages.words_churn import CHURN
from tests.serving.accounts_made_up import AS_OF, SECOND, WEEK, score, told
from tests.serving.application import Desk, running_desk
from tests.serving.pages.visitor import Shown, Visitor, shown

LINKS = '[settings]\ncustomer_link = "https://crm.example/c/{id}"\nticket_link = "https://desk.example/t/{id}"\n'


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk whose customers have been scored twice, with links into a CRM and a helpdesk."""
    workspace = tmp_path_factory.mktemp("churn")
    (workspace / "workspace.toml").write_text(LINKS, encoding="utf-8")
    with running_desk(workspace) as found:
        told(found.store)
        yield found


def signed_in(desk: Desk, owner: str | None, language: str = "zh-CN") -> Visitor:
    found = Visitor(desk, language=language)
    assert found.sign_in(desk.store.create_key(["churn"], owner=owner).text).headers["location"] == "churn"
    return found


@pytest.fixture
def manager(desk: Desk) -> Visitor:
    """Somebody whose key sees every account."""
    return signed_in(desk, None)


@pytest.fixture
def wang(desk: Desk) -> Visitor:
    """An account manager with a key of her own."""
    return signed_in(desk, "王芳")


def text(page: Shown) -> str:
    return " ".join("".join(page.text).split())


def links(page: Shown) -> list[str]:
    return [str(each["href"]) for each in page.all("a")]


def test_it_opens_on_my_accounts_and_what_changed_this_week(wang: Visitor) -> None:
    page = shown(wang.get("/app/churn"))
    assert all(words in text(page) for words in (
        "本周变化", "新升为高风险 1", "风险降低 1", "主要依据改变 0", "我的客户 · 王芳",
        "3 个客户 · 高 1 · 中 0 · 低 2",
        "高风险预计流失 128.4 万元", "华东精密机械有限公司", "中 → 高", "近90天重新打开 3 次,平时 0.4 次"))
    assert "晨光文具" not in text(page)
    assert f"数据截至 {AS_OF.astimezone().date().isoformat()[:4]}" in text(page)
    assert "判断依据是相关性，不是因果" in text(page)
    assert links(page).count("account?id=C1") == 2
    assert len(page.all("polyline")) == 3


def test_names_are_shown_and_escaped(manager: Visitor) -> None:
    page = shown(manager.get("/app/churn"))
    assert "全部客户" in text(page)
    assert "=1+1@新客户" in text(page)
    assert "历史太少，仅供参考" in text(page)


@pytest.mark.parametrize(("query", "names"), [
    ("q=物流", {"C2"}), ("risk_level=high", {"C1"}), ("owner=李强", {"C3"}), ("customer_tier=VIP", {"C1"}),
    ("renewal_within=30", {"C1"}), ("renewal_within=180", {"C1"}), ("changes=recovered", {"C2"}),
    ("changes=newly_high", {"C1"}), ("changes=reason", {"C3"}), ("q=没有这个", set()),
    ("region=华东&sort=renewal_at", {"C1", "C4"}), ("changes=unknown&renewal_within=soon", set(SECOND)),
])
def test_filters_and_search_narrow_the_list(manager: Visitor, query: str, names: set[str]) -> None:
    page = shown(manager.get(f"/app/churn?{query}"))
    found = {each.removeprefix("account?id=") for each in links(page) if each.startswith("account?id=")}
    assert found == names
    assert "筛选结果" in text(page)
    assert "本周变化" not in text(page)


def test_a_filter_that_is_none_is_told(manager: Visitor) -> None:
    shown(manager.get("/app/churn?risk_level=highest"), 422)


def test_pages_follow_each_other(manager: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serving.pages.churn.PAGE", 3)
    first = shown(manager.get("/app/churn?sort=-value_at_risk"))
    following = next(each for each in links(first) if "cursor=" in each)
    second = shown(manager.get(f"/app/{following}"))
    assert "回到第一页" in text(second)
    assert {each for each in links(first) + links(second) if each.startswith("account?id=")} == {
        f"account?id={entity}" for entity in SECOND}


def test_the_list_is_a_file_too(wang: Visitor) -> None:
    page = shown(wang.get("/app/churn?risk_level=high"))
    address = next(each for each in links(page) if "format=csv" in each)
    answer = wang.get(f"/app/{address}")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines] == ["id", "C1"]
    shown(wang.get("/app/accounts-file"), 422)


def test_an_account_shows_numbers_tickets_actions_and_where_to_find_it(wang: Visitor) -> None:
    answer = wang.get("/app/account?id=C1")
    page = shown(answer)
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert all(words in text(page) for words in (
        "82%", "128.4 万元", "自身平时0.4", "同类客户0.3", "建议动作 安排资深工程师回访", "退货 打印机,无法开机",
        "判断依据是相关性，不是因果", "未跟进"))
    assert {"https://crm.example/c/C1", "https://desk.example/t/T-1", "https://desk.example/t/T-2"} <= set(links(page))
    assert [each["data-probability"] for each in page.all("tr") if "data-at" in each] == ["0.35", "0.82"]
    assert [each["src"].partition("?")[0] for each in page.all("script") if each["src"]] == [
        "static/uPlot.iife.min.js", "static/trend.js"]


def test_a_factor_told_by_a_name_stands_on_the_account(manager: Visitor) -> None:
    assert "所在地区为华东" in text(shown(manager.get("/app/account?id=C5")))


def test_a_timeline_does_not_say_the_kind_twice() -> None:
    call = TimelineEntry(at=AS_OF, kind="call", id=None, text_zh="电话", text_en="call")
    order = TimelineEntry(at=AS_OF, kind="order", id=None, text_zh="订单 滤芯 金额 193 CNY",
                          text_en="order 滤芯 value 193 CNY")
    assert [beyond_kind(each, Words("zh")) for each in (call, order)] == ["", "滤芯 金额 193 CNY"]
    assert [beyond_kind(each, Words("en")) for each in (call, order)] == ["", "滤芯 value 193 CNY"]


def test_what_was_done_is_recorded_and_counted(desk: Desk, wang: Visitor) -> None:
    sent = {"id": "C4", "outcome": "saved", "reason": "", "note": "送了<b>滤芯</b>"}
    answer = wang.post("/app/outcome", {**sent, "until": "2026-12-01"})
    assert (answer.status_code, answer.headers["location"]) == (303, "account?id=C4&told=1#outcomes")
    page = shown(wang.get("/app/account?id=C4&told=1"))
    assert all(words in text(page) for words in ("已记录。", "已挽回", "送了<b>滤芯</b>", "王芳"))
    assert "已处理 1 个，挽回 1 个" in text(shown(wang.get("/app/churn")))
    said = desk.store.outcomes_of("churn", "C4")[0].said
    assert (said.actor, said.owner, said.until, said.risk_level) == ("王芳", "王芳", None, "low")


def test_a_snooze_ends_when_its_day_begins_where_the_workspace_is(desk: Desk, wang: Visitor) -> None:
    day = (AS_OF + timedelta(days=9)).date()
    assert wang.post("/app/outcome", {"id": "C2", "outcome": "snoozed", "until": day.isoformat()}).status_code == 303
    until = desk.store.outcomes_of("churn", "C2")[0].said.until
    assert until is not None
    assert (until + timedelta(hours=8)).date() == day
    assert "account?id=C2" not in links(shown(wang.get("/app/churn?handled=none")))


@pytest.mark.parametrize(("sent", "words"), [
    ({"outcome": "snoozed"}, "需要选择提醒日期"), ({"outcome": "snoozed", "until": "soon"}, "需要选择提醒日期"),
    ({"outcome": "snoozed", "until": "2001-01-01"}, "需要选择提醒日期"),
    ({}, "请选择跟进结果"), ({"outcome": "won"}, "请选择跟进结果"),
    ({"outcome": "saved", "note": "x" * 2001}, "请选择跟进结果"),
])
def test_what_cannot_be_recorded_is_told_on_the_page(wang: Visitor, sent: dict[str, str], words: str) -> None:
    assert words in text(shown(wang.post("/app/outcome", {"id": "C1", **sent}), 422))


def test_others_accounts_do_not_exist(desk: Desk, wang: Visitor) -> None:
    for entity in ("C3", "C5", "nobody", "", "x" * 500):
        page = shown(wang.get(f"/app/account?id={entity}"), 404)
        assert "没有这个客户，或不在您的客户范围内。" in text(page)
        shown(wang.post("/app/outcome", {"id": entity, "outcome": "saved"}), 404)
    assert links(shown(wang.get("/app/churn?owner=李强"))).count("account?id=C3") == 0
    assert desk.store.outcomes_of("churn", "C3") == []


def test_a_key_without_the_scope_sees_none_of_it(desk: Desk, visitor: Visitor) -> None:
    visitor.sign_in(desk.store.create_key(["triage"], owner="王芳").text)
    for path in ("/app/churn", "/app/account?id=C1", "/app/accounts-file?format=csv"):
        shown(visitor.get(path), 403)
    shown(visitor.post("/app/outcome", {"id": "C1", "outcome": "saved"}), 403)


def test_english_keeps_the_account_when_the_language_changes(desk: Desk) -> None:
    visitor = signed_in(desk, "王芳", "en")
    page = shown(visitor.get("/app/account?id=C1"))
    said = text(page)
    assert all(words in said for words in ("CNY 1,284,000", "Reasons are associations, not causes", "Usually0.4"))
    assert "account?id=C1&lang=zh" in links(page)
    assert "This week's changes" in text(shown(visitor.get("/app/churn")))


def test_every_word_is_said_in_both_languages() -> None:
    assert all(chinese and english for chinese, english in CHURN.values())
    assert set(CHURN) <= set(WORDS)


def test_before_anything_was_scored_the_page_says_so_and_old_scores_are_warned_of(tmp_path: Path) -> None:
    with running_desk(tmp_path) as desk:
        visitor = signed_in(desk, "王芳")
        assert "还没有评分" in text(shown(visitor.get("/app/churn")))
        shown(visitor.get("/app/account?id=C1"), 404)
        score(desk.store, SECOND, AS_OF - 3 * WEEK)
        for path in ("/app/churn", "/app/account?id=C1"):
            assert "数据已有 21 天没有更新" in text(shown(visitor.get(path)))
