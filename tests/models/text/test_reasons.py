"""Spans of what the customer wrote."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.text.reasons import Reason
from models.text.scorer import TextLabelScorer
from tests.models.made_up import simulated, simulated_scorer

TEXTS = st.none() | st.text(
    st.one_of(st.characters(), st.sampled_from("打印機卡纸發票退款網絡斷了 １３８\n😀👨\u200d👩é\u0301<br>&\ud800")),
    max_size=60,
)


def spoken(reason: Reason, subject: str | None, body: str | None) -> str:
    text = subject if reason["field"] == "subject" else body
    return (text or "")[reason["start"] : reason["end"]]


def best_class(scorer: TextLabelScorer, subject: str | None, body: str | None) -> str:
    return scorer.classes[int(scorer.probabilities([subject], [body])[0][0].argmax())]


def assert_sound(reasons: list[Reason], subject: str | None, body: str | None) -> None:
    sent = {"subject": len(subject or ""), "body": len(body or "")}
    weights = [reason["weight"] for reason in reasons]
    assert weights == sorted(weights, reverse=True)
    assert all(weight > 0 for weight in weights)
    for reason in reasons:
        assert 0 <= reason["start"] < reason["end"] <= sent[reason["field"]]
    spans = sorted((reason["field"], reason["start"], reason["end"]) for reason in reasons)
    for (field, _, end), (next_field, start, _) in pairwise(spans):
        assert field != next_field or end <= start


@settings(deadline=None)
@given(TEXTS, TEXTS, st.integers(0, 7))
def test_spans_lie_in_what_was_sent_by_falling_weight(subject: str | None, body: str | None, value: int) -> None:
    scorer = simulated_scorer()
    assert_sound(scorer.explain(subject, body, scorer.classes[value]), subject, body)


def test_tickets_have_reasons_for_what_they_are() -> None:
    scorer, tickets = simulated_scorer(), simulated(150, 9)
    for subject, body, label in zip(tickets.subjects, tickets.bodies, tickets.labels, strict=True):
        assert_sound(scorer.explain(subject, body, label), subject, body)
        found = scorer.explain(subject, body, best_class(scorer, subject, body))
        assert 1 <= len(found) <= 5


@pytest.mark.parametrize(("subject", "body", "word"), [
    (None, "麻烦看看,打印机一直卡纸", "打印机"),
    (None, "麻烦看看😀👨\u200d👩\u200d👧😀,打印机一直卡纸", "打印机"),
    (None, "麻煩看看,印表機和列印機,打印機一直卡紙", "卡紙"),
    (None, "電話１３８００１３８０００,ＷＩＦＩ連不上", "ＷＩＦＩ"),
    (None, "订单号20250312345678,打印机<br/>&nbsp;一直&amp;卡纸", "打印机"),
    ("打印机一直卡纸", None, "卡纸"),
    ("急", "麻烦看看,打印机一直卡纸", "打印机"),
])
def test_the_word_that_spoke_is_found_in_what_was_sent(subject: str | None, body: str | None, word: str) -> None:
    scorer = simulated_scorer()
    found = scorer.explain(subject, body, best_class(scorer, subject, body), limit=9)
    assert any(word in spoken(reason, subject, body) for reason in found)


def test_a_masked_number_is_spoken_whole() -> None:
    scorer = simulated_scorer()
    for text in ("回电１３８００１３８０００谢谢", "回电138-0013-8000谢谢"):
        for value in scorer.classes:
            for reason in scorer.explain(None, text, value, limit=9):
                inside = spoken(reason, None, text)
                assert not any(digit in inside for digit in "３8") or text[2:-2] in inside


def test_emoji_before_a_word_shift_its_span_by_their_code_points() -> None:
    scorer, text = simulated_scorer(), "打印机一直卡纸"
    value = best_class(scorer, None, text)
    plain = {(each["start"], each["end"]) for each in scorer.explain(None, text, value)}
    shifted = {(each["start"] - 3, each["end"] - 3) for each in scorer.explain(None, f"😀👍🏽{text}", value)}
    assert plain == shifted


def test_weights_are_log_odds_against_the_average_of_the_other_classes() -> None:
    scorer, text = simulated_scorer(), "卡纸"
    target = scorer.classes.index(best_class(scorer, None, text))
    logits = np.log(scorer.probabilities([None], [text])[0][0]) - scorer.calibrator.shift
    logits -= scorer.calibrator.scale * scorer.linear.intercept
    against = logits[target] - np.delete(logits, target).mean()
    reason, = scorer.explain(None, text, scorer.classes[target])
    assert reason["weight"] == pytest.approx(against, abs=1e-3)


def test_there_are_at_most_as_many_as_asked_for() -> None:
    scorer = simulated_scorer()
    text = ";".join(simulated(9, 9).bodies)
    value = best_class(scorer, None, text)
    assert [len(scorer.explain(None, text, value, limit=limit)) for limit in (0, 1, 3)] == [0, 1, 3]


@pytest.mark.parametrize("text", [None, "", " ", "ζηθ"])
def test_nothing_known_gives_no_reasons(text: str | None) -> None:
    scorer = simulated_scorer()
    assert [scorer.explain(text, text, value) for value in scorer.classes] == [[]] * len(scorer.classes)


def test_a_value_that_is_no_class_has_no_reasons() -> None:
    assert simulated_scorer().explain("打印机卡纸", None, "没有这一类") == []
