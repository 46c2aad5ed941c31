"""Known letters of all letters."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.text.ngrams import count_grams
from features.text.segment import Segmenter
from features.text.ticket_text import text_batch
from models.text.familiarity import familiarity, is_letter

SEGMENTER = Segmenter()
KNOWN_WORDS = ("printer", "卡纸")
KNOWN_CHARACTERS = "坏p"


def share(*texts: str | None) -> list[float]:
    """Return familiarity for a model that knows two words and two characters."""
    batch = text_batch(texts, [None] * len(texts), SEGMENTER, segmented=True)
    grams = count_grams(batch)
    sent = "".join(map(chr, batch.codes))
    known = np.array([
        sent[start:end] in (KNOWN_WORDS if row < grams.sizes[0] else KNOWN_CHARACTERS)
        for row, (start, end) in enumerate(zip(grams.starts.tolist(), grams.ends.tolist(), strict=True))
    ], dtype=bool)
    return familiarity(batch, grams, known).tolist()


@pytest.mark.parametrize(("text", "expected"), [
    ("printer", 1.0), ("printer卡", 0.0), ("printer 卡", 7 / 8), ("卡纸", 1.0), ("卡 纸", 0.0), ("坏", 1.0),
    ("坏人 好", 1 / 3), ("pan", 0.0), ("printer 123 !? 😀", 1.0), ("123", 0.0), (None, 0.0), ("", 0.0),
])
def test_letters_of_known_words_and_known_ideographs_are_known(text: str | None, expected: float) -> None:
    assert share(text) == pytest.approx([expected])


def test_texts_have_a_share_each() -> None:
    assert share("坏", None, "坏 人", "人") == pytest.approx([1, 0, 0.5, 0])
    assert share() == []


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_letters_are_what_python_calls_letters(text: str) -> None:
    codes = np.array([ord(each) for each in text], dtype=np.uint32)
    assert is_letter(codes).tolist() == [each.isalpha() for each in text]
