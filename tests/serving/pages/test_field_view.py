"""Several fields on one page, some answered, some not."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from serving.answers import Alternative, Answer, Prediction, Thresholds, Unavailable
from serving.pages.asked_facts import AskedFacts
from serving.pages.field_view import FieldView, field_view
from serving.pages.language import Words
from serving.pages.rendering import rendered
from serving.pages.triage import shown
from serving.questions import Question
from tests.serving.pages.visitor import Shown

QUESTION = Question("打印机<b>卡纸</b>", "急!", "T-1")
CATEGORY = Prediction(
    "ok", "硬件故障", "12", ["硬件故障", "打印机"], 0.87, "high", "suggest", Thresholds(None, 0.5),
    [Alternative("网络问题", None, 0.08)],
    [{"code": "rule", "rule": "printer"}, {"code": "text", "field": "subject", "start": 6, "end": 8, "weight": 0.4},
     {"code": "solved_alike", "text_zh": "同类已解决 31/40", "text_en": "solved 31 of 40 alike"}],
    None, "硬件故障", "ticket_category/17",
)
SENTIMENT = replace(CATEGORY, value=None, path=[], decision="abstain", confidence=None, confidence_level=None,
                    alternatives=[], reasons=[], model_value=None, model="ticket_sentiment/2")
ANSWER = Answer("01J", "T-1", {
    "category": CATEGORY, "sentiment": SENTIMENT, "priority": Unavailable("unavailable", "no_champion"),
}, [], 1.0)


def view(field: str, language: str = "zh") -> FieldView:
    return field_view(field, ANSWER.predictions[field], QUESTION, ["网络问题"], None, Words(language))  # type: ignore[arg-type]


def page(language: str) -> Shown:
    visit = SimpleNamespace(may=lambda _: True, key=None)
    fields = [view(field, language) for field in ANSWER.predictions]
    values = shown(QUESTION, AskedFacts(), fields=fields, answer=ANSWER)
    words = Words(language)  # type: ignore[arg-type]
    frame = {"t": words, "visit": visit, "pages": [], "here": "triage", "again": ""}
    return Shown(bytes(rendered("triage.html", **frame, **values).body).decode())


def test_texts_are_cut_where_words_spoke() -> None:
    found = view("category")
    assert [(piece.text, piece.strength) for piece in found.subject] == [
        ("打印机<b>", 0), ("卡纸", 3), ("</b>", 0),
    ]
    assert [(piece.text, piece.strength) for piece in found.body] == [("急!", 0)]
    assert found.highlighted
    assert not view("sentiment").highlighted


def test_reasons_that_are_no_words_are_told_in_the_language_of_the_page() -> None:
    assert view("category").spoken == ["命中规则 printer", "同类已解决 31/40"]
    assert view("category", "en").spoken == ["Rule printer applied", "solved 31 of 40 alike"]


def test_a_rule_that_was_met_is_told_also_when_abstaining() -> None:
    withheld = replace(SENTIMENT, rule={"id": "danger", "mode": "raise", "value": "紧急"})
    told = field_view("priority", withheld, QUESTION, [], None, Words("zh")).spoken
    assert told == ["命中规则 danger"]
    answered = replace(CATEGORY, rule={"id": "printer", "mode": "override", "value": "硬件故障"})
    assert field_view("category", answered, QUESTION, [], None, Words("zh")).spoken.count("命中规则 printer") == 1


@pytest.mark.parametrize(("language", "told"), [
    ("zh", ("类别", "情绪", "优先级", "硬件故障 › 打印机", "转人工", "此字段没有在用版本。", "命中规则 printer")),
    ("en", ("Category", "Sentiment", "Priority", "For a person", "No version is in use for this field.")),
])
def test_every_field_of_an_answer_has_a_card(language: str, told: tuple[str, ...]) -> None:
    found = page(language)
    assert len(found.all("article")) == 3
    assert all(words in "".join(found.text) for words in told)
    assert found.marked == ["卡纸"]
    assert [each["name"] for each in found.all("select")] == ["value.category", "value.sentiment"]


def test_only_the_first_field_shows_its_text_at_once() -> None:
    assert ["open" in each for each in page("zh").all("details")] == [True, False]
