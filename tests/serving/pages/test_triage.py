"""``/app/triage`` and ``/app/feedback`` in this process."""

import re
import time
from datetime import UTC, datetime

import pytest

from fenzhen.store import ModeChange
from serving.champions import Snapshot
from serving.pages.rendering import templates
from serving.pages.static_files import FOLDER, MEDIA_TYPES
from serving.pages.words import WORDS
from serving.problems import ProblemError
from tests.serving.application import Desk
from tests.serving.fitted import CLASSES
from tests.serving.pages.visitor import Shown, Visitor, shown

TICKET = {"subject": "打印机卡纸了", "body": "三楼的打印机每打两页就卡纸,重启过了没用。", "ticket_id": "T-1"}
NASTY = (
    '<script>alert(1)</script>"><img src=x onerror=alert(2)>', "'; DROP TABLE--", "{{ 7 * 7 }}{% raw %}",
    "\u202e\u0645\u0631\u062d\u0628\u0627\u202c", "🖨\ufe0f👨\u200d👩\u200d👧卡纸😀", "\ufffd\u200b\ufeff\u2028",
    "&lt;b&gt; &amp;",
)


def classify(agent: Visitor, **changed: str) -> Shown:
    return shown(agent.post("/app/triage", {**TICKET, **changed}))


def correct(page: Shown, say: str, **values: str) -> dict[str, str]:
    names = ("prediction_id", "subject", "body", "ticket_id")
    return {**{name: page.value(name) for name in names}, "say": say, **values}


def feedback(desk: Desk, prediction_id: str) -> list[tuple[str, str, str | None, bool]]:
    found = desk.store.feedback_of(prediction_id)
    return [(each.field, each.verdict, each.value, each.current) for each in found]


def test_a_ticket_is_shown_with_category_confidence_decision_and_alternatives(agent: Visitor) -> None:
    page = classify(agent)
    text = " ".join("".join(page.text).split())
    assert re.search(r"类别 硬件故障 (建议|自动应用)", text)
    assert re.search(r"把握度 \d+% · [高中低]", text)
    assert "备选" in text
    assert all(name in text for name in CLASSES)
    assert "ticket_category/1" in text


def test_the_words_that_spoke_for_it_are_marked_in_the_text_as_pasted(agent: Visitor) -> None:
    page = classify(agent, subject="😀ＰＲＩＮＴ 打印机卡纸了", body="")
    assert any("卡纸" in each or "打印机" in each for each in page.marked)
    assert "😀ＰＲＩＮＴ 打印机卡纸了" in "".join(page.text)


def test_the_page_speaks_english_when_asked_or_preferred(desk: Desk, agent: Visitor) -> None:
    english = Visitor(desk, dict(agent.cookies), language="en-GB,en;q=0.9")
    assert all(word in "".join(classify(english).text) for word in ("Category", "Confidence", "Suggested", "Reasons"))
    assert "工单归类" in agent.get("/app/triage").text
    answer = agent.get("/app/triage?lang=en")
    assert '<html lang="en">' in answer.text
    assert '<html lang="en">' in agent.get("/app/triage").text
    assert '<html lang="zh-CN">' in agent.get("/app/triage?lang=zh").text
    assert '<html lang="zh-CN">' in agent.get("/app/triage?lang=%22%3E").text


def test_an_answer_is_logged_as_any_other(desk: Desk, agent: Visitor) -> None:
    prediction_id = classify(agent).value("prediction_id")
    until = time.monotonic() + 5
    while (found := desk.store.prediction(prediction_id)) is None:
        assert time.monotonic() < until
        time.sleep(0.02)
    assert found.prediction.ticket_id == "T-1"
    assert (found.prediction.subject, found.prediction.body) == (None, None)


def test_a_correction_is_recorded_and_shown(desk: Desk, agent: Visitor) -> None:
    page = classify(agent)
    sent = correct(page, "corrected:category", **{"value.category": "网络问题"})
    again = shown(agent.post("/app/feedback", sent))
    assert "已改正为：网络问题" in "".join(again.text)
    assert again.value("prediction_id") == page.value("prediction_id")
    assert again.marked == page.marked
    assert feedback(desk, page.value("prediction_id")) == [("category", "corrected", "网络问题", True)]


def test_a_later_word_supersedes_and_the_same_again_is_written_once(desk: Desk, agent: Visitor) -> None:
    page = classify(agent)
    for say in ("accepted:category", "rejected:category", "rejected:category"):
        shown(agent.post("/app/feedback", correct(page, say)))
    found = feedback(desk, page.value("prediction_id"))
    assert found == [("category", "accepted", "硬件故障", False), ("category", "rejected", None, True)]


@pytest.mark.parametrize(("say", "values", "told"), [
    ("corrected:category", {}, "请先选择正确的取值"),
    ("corrected:category", {"value.category": "没有这一类"}, "不在当前的分类体系中"),
    ("accepted:assignee", {}, "没有记录"),
])
def test_feedback_that_cannot_be_is_told_beside_the_ticket(
    desk: Desk, agent: Visitor, say: str, values: dict[str, str], told: str,
) -> None:
    page = classify(agent)
    again = shown(agent.post("/app/feedback", correct(page, say, **values)), 422)
    assert told in "".join(again.text)
    assert again.value("subject") == TICKET["subject"]
    assert feedback(desk, page.value("prediction_id")) == []


def test_feedback_on_an_unknown_prediction_is_not_recorded(agent: Visitor) -> None:
    sent = {**TICKET, "prediction_id": "01J00000000000000000000000", "say": "accepted:category"}
    assert "找不到这次预测" in "".join(shown(agent.post("/app/feedback", sent), 422).text)


@pytest.mark.parametrize("sent", [
    {"say": ""}, {"say": "praised:category", "prediction_id": "x"}, {"say": "accepted:category"},
])
def test_a_form_that_no_page_sends_is_refused(agent: Visitor, sent: dict[str, str]) -> None:
    assert "内容不对" in "".join(shown(agent.post("/app/feedback", sent), 422).text)


def test_json_and_too_many_fields_are_refused(agent: Visitor) -> None:
    many = {f"f{index}": "1" for index in range(200)}
    assert shown(agent.post("/app/triage", many), 422)
    assert shown(agent.post("/app/triage", TICKET, headers={"Content-Type": "application/json"}), 415)


def test_a_key_without_feedback_sees_no_buttons_and_cannot_correct(desk: Desk, visitor: Visitor) -> None:
    visitor.sign_in(desk.store.create_key(["triage"]).text)
    page = classify(visitor)
    assert not any(each.get("name") == "say" for each in page.all("button"))
    assert visitor.post("/app/feedback", correct(page, "accepted:category")).status_code == 403
    assert feedback(desk, page.value("prediction_id")) == []


@pytest.mark.parametrize(("changed", "told"), [
    ({"subject": " ", "body": "\n"}, "请填写标题或问题描述"),
    ({"subject": "长" * 2001}, "文字过长"),
    ({"body": "长" * 200_001}, "文字过长"),
    ({"ticket_id": "1" * 201}, "文字过长"),
])
def test_a_ticket_that_cannot_be_read_is_told_and_kept(agent: Visitor, changed: dict[str, str], told: str) -> None:
    page = shown(agent.post("/app/triage", {**TICKET, **changed}), 422)
    assert told in "".join(page.text)
    assert page.value("subject") == {**TICKET, **changed}["subject"]


@pytest.mark.parametrize("text", [*NASTY, "打印机卡纸。" * 3334], ids=range(len(NASTY) + 1))
def test_any_text_is_shown_as_text(agent: Visitor, text: str) -> None:
    page = shown(agent.post("/app/triage", {"subject": text[:2000], "body": f"\n{text}\r\n打印机卡纸"}))
    assert not page.all("script")
    assert [each["src"] for each in page.all("img")] == [page.all("img")[0]["src"]]
    assert page.value("subject") == text[:2000]
    assert page.value("body") == f"\n{text}\n打印机卡纸"
    assert "".join(page.text).count(text) >= 2  # in the reasons and in the text box


def test_a_long_ticket_says_how_much_was_read(agent: Visitor) -> None:
    page = classify(agent, body="打印机卡纸了。" * 3000)
    assert "只读取前两万字" in "".join(page.text)


def test_an_abstaining_model_says_what_it_leans_to(agent: Visitor) -> None:
    text = "".join(classify(agent, subject="xyzzy qwerty", body="").text)
    assert "转人工" in text
    assert "文字不是模型学过的语言" in text or "最可能：" in text


@pytest.mark.parametrize("path", ["/app/triage", "/app/sign-in"])
def test_a_page_allows_nothing_but_itself_and_asks_for_nothing_from_outside(agent: Visitor, path: str) -> None:
    answer = agent.get(path)
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'")
    assert not any(word in policy for word in ("unsafe", "http", "*", "script-src"))
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    page = shown(answer)
    assert not page.all("script")
    assert not any(name.startswith("on") or name == "style" for _, found in page.tags for name in found)
    addresses = [found[name] for _, found in page.tags for name in ("href", "src", "action") if found.get(name)]
    assert addresses
    assert not any(re.search(r"//|^\w+:", str(each)) for each in addresses)


def test_what_a_page_asks_for_is_there_and_says_nothing_of_outside(visitor: Visitor) -> None:
    for name, media_type in MEDIA_TYPES.items():
        answer = visitor.get(f"/app/static/{name}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
        outside = re.sub(r"/\*.*?\*/", "", answer.text.replace("http://www.w3.org/2000/svg", ""), flags=re.DOTALL)
        assert media_type.startswith("text/plain") or not re.search(r"//|@import|url\(", outside)
    assert visitor.get("/app/static/words.py").status_code == 404
    assert {path.name for path in FOLDER.iterdir()} == set(MEDIA_TYPES)


@pytest.mark.parametrize("path", ["/app", "/app/"])
def test_the_short_address_leads_to_the_first_page(visitor: Visitor, path: str) -> None:
    assert visitor.get(path).headers["location"] in ("app/triage", "triage")


def test_templates_and_code_use_no_word_that_is_missing_in_a_language() -> None:
    assert all(chinese and english for chinese, english in WORDS.values())
    sources = [path.read_text(encoding="utf-8") for path in FOLDER.parent.glob("templates/*.html")]
    asked = {name for source in sources for name in re.findall(r'\bt\("([a-z_.]+)"(?! ~)', source)}
    assert asked
    assert asked <= set(WORDS)
    assert all(templates().get_template(path.name) for path in FOLDER.parent.glob("templates/*.html"))


def test_a_field_that_cannot_be_scored_is_shown_as_not_available(
    desk: Desk, agent: Visitor, monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ValueError("cannot score")

    scorer = desk.worker.snapshot.served["category"].scorer
    monkeypatch.setattr(type(scorer), "probabilities", fails)
    text = "".join(classify(agent).text)
    assert "暂不可用" in text
    assert "计算失败" in text


def test_without_any_champion_the_page_says_so_and_keeps_the_ticket(
    desk: Desk, agent: Visitor, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(type(desk.worker), "snapshot", Snapshot())
    page = shown(agent.post("/app/triage", TICKET), 503)
    assert "暂无可用的模型" in "".join(page.text)
    assert page.value("subject") == TICKET["subject"]


def test_feedback_is_refused_while_the_store_is_away(
    desk: Desk, agent: Visitor, monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = classify(agent)

    async def away(_: object) -> None:
        raise ProblemError(503, "The store cannot be written at the moment; nothing was recorded.")

    monkeypatch.setattr(desk.worker.writer, "run", away)
    assert "暂时无法使用" in "".join(shown(agent.post("/app/feedback", correct(page, "accepted:category")), 503).text)


def test_a_switched_off_model_leaves_the_decision_to_people(desk: Desk, agent: Visitor) -> None:
    desk.store.set_mode(ModeChange("category", "*", "off", "test", "test", datetime.now(UTC)))
    desk.look()
    try:
        text = "".join(classify(agent).text)
        assert "转人工" in text
        assert "最可能\uff1a硬件故障" in text
    finally:
        desk.store.set_mode(ModeChange("category", "*", None, "test", "test", datetime.now(UTC)))
        desk.look()
