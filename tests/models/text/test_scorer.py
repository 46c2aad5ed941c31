"""Calibrated probabilities and warnings, the same alone and among others, and the same after saving."""

import json
import random
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.text.ticket_text import BODY_LIMIT, SUBJECT_LIMIT
from models.artefact import load_scorer
from models.text.scorer import TextLabelScorer
from tests.models import foreign
from tests.models.made_up import IDENTITY, SEGMENTER, fitting, folds_of, simulated, simulated_scorer

TEXTS = st.none() | st.text(max_size=40)


@pytest.fixture(scope="module")
def chinese_scorer() -> TextLabelScorer:
    """A scorer that has seen Chinese only."""
    examples = simulated(1_500, seed=1)
    chinese = examples.take(np.flatnonzero([is_chinese(text) for text in examples.texts]))
    return fitting().scorer(chinese, folds_of(len(chinese)))


def is_chinese(text: str) -> bool:
    letters = re.findall(r"[^\W\d_]", text)
    ideographs = re.findall("[\u3400-\u9fff]", text)
    return bool(ideographs) and len(ideographs) >= len(letters) / 2


def unknown(scorer: TextLabelScorer, texts: list[str]) -> float:
    """Return the share of texts in an unknown language."""
    _, warnings = scorer.probabilities([None] * len(texts), texts)
    return float(np.mean(["unknown_language" in found for found in warnings]))


def test_a_ticket_gets_the_same_alone_and_among_others(scorer: TextLabelScorer) -> None:
    tickets = simulated(3_000, 5)
    together, warnings = scorer.probabilities(tickets.subjects, tickets.bodies)
    for row in random.Random(1).sample(range(3_000), 150):
        alone, warned = scorer.probabilities([tickets.subjects[row]], [tickets.bodies[row]])
        np.testing.assert_allclose(alone[0], together[row], rtol=0, atol=1e-9)
        assert warned == [warnings[row]]


def test_the_order_of_tickets_is_irrelevant(scorer: TextLabelScorer) -> None:
    tickets = simulated(2_500, 5)
    order = np.random.default_rng(2).permutation(2_500)
    forward, warnings = scorer.probabilities(tickets.subjects, tickets.bodies)
    shuffled, warned = scorer.probabilities(tickets.subjects[order], tickets.bodies[order])
    np.testing.assert_allclose(shuffled, forward[order], rtol=0, atol=1e-9)
    assert warned == [warnings[row] for row in order]


def test_lists_and_arrays_are_alike(scorer: TextLabelScorer) -> None:
    tickets = simulated(50, 5)
    arrays, _ = scorer.probabilities(tickets.subjects, tickets.bodies)
    lists, _ = scorer.probabilities(tickets.subjects.tolist(), tickets.bodies.tolist())
    np.testing.assert_array_equal(arrays, lists)


@settings(deadline=None)
@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=5))
def test_any_unicode_has_probabilities_that_sum_to_one(tickets: list[tuple[str | None, str | None]]) -> None:
    scorer = simulated_scorer()
    found, warnings = scorer.probabilities([subject for subject, _ in tickets], [body for _, body in tickets])
    assert found.shape == (len(tickets), len(scorer.classes))
    assert len(warnings) == len(tickets)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    assert (found >= 0).all()


def test_text_that_is_already_cut_scores_as_raw_text(scorer: TextLabelScorer) -> None:
    raw = ["打印机卡纸", "路由器连不上网", "申请退款"]
    cut = [" ".join(SEGMENTER.cut(text)) for text in raw]
    found, _ = scorer.probabilities(cut, [None] * 3, segmented=True)
    np.testing.assert_array_equal(found, scorer.probabilities(raw, [None] * 3)[0])


@pytest.mark.parametrize(("subject", "body", "expected"), [
    (None, None, ("empty_text",)),
    ("", " \u3000\u200b", ("empty_text",)),
    ("<p></p>", "<!-- 空 -->", ("empty_text",)),
    ("打印机卡纸", None, ()),
    ("打印机卡纸", "😀😀😀 123", ()),
    ("印表機卡紙", "列印機卡紙", ()),
    ("123 456", "!!!", ("unknown_language",)),
    ("😀", None, ("unknown_language",)),
    ("卡" * (SUBJECT_LIMIT + 1), None, ("subject_truncated",)),
    ("卡" * SUBJECT_LIMIT, "纸" * (BODY_LIMIT + 1), ("body_truncated",)),
])
def test_warnings(scorer: TextLabelScorer, subject: str | None, body: str | None, expected: tuple[str, ...]) -> None:
    assert scorer.probabilities([subject], [body])[1] == [expected]


def test_a_model_of_few_labels_says_so(scorer: TextLabelScorer, tmp_path: Path) -> None:
    scorer.save(tmp_path, {**IDENTITY, "few_labels": True})
    assert load_scorer(tmp_path).probabilities(["打印机卡纸", None], [None, None])[1] == [
        ("few_labels",), ("few_labels", "empty_text"),
    ]


@pytest.mark.parametrize("language", ["JAPANESE", "KOREAN", "RUSSIAN", "ENGLISH", "THAI", "ARABIC"])
def test_most_sentences_of_another_language_are_unknown(chinese_scorer: TextLabelScorer, language: str) -> None:
    sentences = getattr(foreign, language)
    assert len(sentences) == 30
    assert unknown(chinese_scorer, sentences) >= 0.9


def test_chinese_tickets_are_known(chinese_scorer: TextLabelScorer) -> None:
    assert unknown(chinese_scorer, [text for text in simulated(3_000, 77).texts if is_chinese(text)]) < 0.01


def test_a_model_that_has_seen_some_english_reads_english_tickets(scorer: TextLabelScorer) -> None:
    english = [text for text in simulated(3_000, 77).texts if text.isascii()]
    assert len(english) > 20
    assert unknown(scorer, english) < 0.2
    assert unknown(scorer, foreign.ENGLISH) > 0.6  # sentences about other things


def test_memory_is_bounded_by_characters_not_by_tickets(scorer: TextLabelScorer) -> None:
    import tracemalloc

    scorer.probabilities(["预热"], [None])
    tracemalloc.start()
    scorer.probabilities([None] * 100, ["打印机一直卡纸怎么办" * 2_000] * 100)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 300e6  # in one piece it would be twice as much, and more for more tickets


def test_saved_and_loaded_gives_equal_answers(scorer: TextLabelScorer, folder: Path) -> None:
    tickets, loaded = simulated(500, 5), load_scorer(folder)
    found, warnings = loaded.probabilities(tickets.subjects, tickets.bodies)
    expected, warned = scorer.probabilities(tickets.subjects, tickets.bodies)
    np.testing.assert_array_equal(found, expected)
    assert (warnings, loaded.classes, loaded.thresholds) == (warned, scorer.classes, scorer.thresholds)
    assert (loaded.model, loaded.field, loaded.second_field) == ("ticket_category", "category", "subcategory")
    for subject, body in zip(tickets.subjects[:50], tickets.bodies[:50], strict=True):
        for value in scorer.classes:
            assert loaded.explain(subject, body, value) == scorer.explain(subject, body, value)
            assert loaded.second_level(subject, body, value) == scorer.second_level(subject, body, value)


def test_user_words_are_kept(tmp_path: Path) -> None:
    words = tmp_path / "user_words.txt"
    words.write_text("硒鼓架 3 n\n＃一号机\n３·15\nＨＰ 1020 5\n", encoding="utf-8")
    from dataclasses import replace

    from features.text.segment import Segmenter

    before = replace(fitting(), segmenter=Segmenter(user_words=words)).scorer(simulated(300, 1), folds_of(300))
    before.save(tmp_path / "artefact", IDENTITY)
    assert load_scorer(tmp_path / "artefact").segmenter.describe() == before.segmenter.describe()


def test_the_same_scorer_is_saved_as_the_same_bytes(scorer: TextLabelScorer, tmp_path: Path) -> None:
    hashes = {scorer.save(tmp_path / name, IDENTITY) for name in ("a", "b")}
    assert len(hashes) == 1
    assert json.loads((tmp_path / "a" / "manifest.json").read_text("utf-8"))["second_level"] is True
