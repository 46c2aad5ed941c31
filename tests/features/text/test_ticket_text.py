"""Tickets as one run of code points: what is kept, where words begin, and the way back to what was sent."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.text.mask import KINDS, mask_text
from features.text.normalise import normalise_text
from features.text.segment import Segmenter
from features.text.ticket_text import (
    BODY_LIMIT,
    FIELD_BREAK,
    SUBJECT_LIMIT,
    TextBatch,
    in_chunks,
    marked_text,
    text_batch,
)
from fenzhen.simulate import fresh_tickets
from tests.features.placeholders import PLACEHOLDERS

SEGMENTER = Segmenter()
TEXTS = st.none() | st.text(
    st.one_of(
        st.characters(),
        st.sampled_from(f"打印机卡紙ＷＩ 1389\n\u3000&<br>é\u0301😀👨\u200d👩\uf8ff{PLACEHOLDERS}\ud800")
    )
)
TICKETS = st.tuples(TEXTS, TEXTS)


def cleaned(subject: str | None, body: str | None) -> str:
    parts = [mask_text(normalise_text(text)) for text in (subject, body)]
    return FIELD_BREAK.join(part.replace(" ", "") for part in parts if part)


def string_of(batch: TextBatch, row: int) -> str:
    start, end = batch.text_starts[row : row + 2]
    return "".join(map(chr, batch.codes[start:end]))


def words_of(batch: TextBatch, row: int) -> list[str]:
    first, last = np.searchsorted(batch.word_starts[:-1], batch.text_starts[row : row + 2])
    bounds = [*batch.word_starts[first:last], batch.text_starts[row + 1]]
    return ["".join(map(chr, batch.codes[start:end])) for start, end in pairwise(bounds)]


def assert_same(found: TextBatch, expected: TextBatch) -> None:
    for name in ("codes", "text_starts", "word_starts"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name), err_msg=name)
        assert getattr(found, name).dtype == getattr(expected, name).dtype


def simulated(count: int) -> tuple[list[str], list[str]]:
    rows = [row["ticket"] for row in fresh_tickets(3, count, datetime(2026, 1, 1))]
    return [row["subject"] for row in rows], [row["body"] for row in rows]


@settings(deadline=None)
@given(st.lists(TICKETS, max_size=6))
def test_each_text_is_its_visible_characters_cut_into_words(tickets: Sequence[tuple[str | None, str | None]]) -> None:
    batch = text_batch([subject for subject, _ in tickets], [body for _, body in tickets], SEGMENTER)
    assert len(batch) == len(tickets)
    assert batch.word_starts[-1] == batch.text_starts[-1] == len(batch.codes)
    assert (np.diff(batch.word_starts) > 0).all()
    for row, (subject, body) in enumerate(tickets):
        assert string_of(batch, row) == cleaned(subject, body)
        assert "".join(words_of(batch, row)) == cleaned(subject, body)


@settings(deadline=None)
@given(st.lists(TICKETS, max_size=6))
def test_a_ticket_is_cut_the_same_alone_and_among_others(tickets: Sequence[tuple[str | None, str | None]]) -> None:
    batch = text_batch([subject for subject, _ in tickets], [body for _, body in tickets], SEGMENTER)
    for row, (subject, body) in enumerate(tickets):
        assert words_of(batch, row) == words_of(text_batch([subject], [body], SEGMENTER), 0)


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_a_marked_text_is_the_batch_of_the_one_ticket(subject: str | None, body: str | None) -> None:
    assert_same(marked_text(subject, body, SEGMENTER).batch, text_batch([subject], [body], SEGMENTER))


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_every_character_leads_back_into_what_was_sent(subject: str | None, body: str | None) -> None:
    text = marked_text(subject, body, SEGMENTER)
    sent = {"subject": subject or "", "body": body or ""}
    for position in np.flatnonzero(text.batch.codes != ord(FIELD_BREAK)).tolist():
        field, start, end = text.original_span(position, position + 1)
        assert 0 <= start < end <= len(sent[field])


def test_raw_text_and_its_words_with_spaces_between_are_the_same_batch() -> None:
    raw = [(normalise_text(subject), normalise_text(body)) for subject, body in zip(*simulated(300), strict=True)]
    cut = [(" ".join(SEGMENTER.cut(subject)), " ".join(SEGMENTER.cut(body))) for subject, body in raw]
    plain = [row for row in range(300) if all(mask_text(text) == text for text in (*raw[row], *cut[row]))]
    assert len(plain) > 150
    from_raw, from_cut = ([[tickets[row][field] for row in plain] for field in (0, 1)] for tickets in (raw, cut))
    assert_same(text_batch(*from_raw, SEGMENTER), text_batch(*from_cut, SEGMENTER, segmented=True))


def test_white_space_in_segmented_text_decides_the_words() -> None:
    batch = text_batch(["打 印机  卡纸"], [" 急 "], SEGMENTER, segmented=True)
    assert words_of(batch, 0) == ["打", "印机", "卡纸", FIELD_BREAK, "急"]


@pytest.mark.parametrize("empty", [None, "", " \u3000\u200b", "<br>"])
def test_a_field_without_text_leaves_no_break(empty: str | None) -> None:
    batch = text_batch(["卡纸", empty, empty], [empty, "卡纸", empty], SEGMENTER)
    assert [string_of(batch, row) for row in range(3)] == ["卡纸", "卡纸", ""]


def test_what_exceeds_the_limits_is_not_read() -> None:
    batch = text_batch(["好" * SUBJECT_LIMIT + "坏"], ["好" * BODY_LIMIT + "坏"], SEGMENTER)
    assert len(batch.codes) == SUBJECT_LIMIT + 1 + BODY_LIMIT
    assert ord("坏") not in batch.codes


def test_a_placeholder_leads_back_to_the_whole_number() -> None:
    text = marked_text("😀回電１３８００１３８０００", "謝謝", SEGMENTER)
    position = int(np.flatnonzero(text.batch.codes == ord(KINDS["mobile"]))[0])
    assert text.original_span(position, position + 1) == ("subject", 3, 14)
    assert text.original_span(position + 2, position + 4) == ("body", 0, 2)


def test_the_models_of_all_fields_read_a_ticket_once_unless_they_cut_it_differently() -> None:
    read = text_batch(["打印机卡纸"], ["换硒鼓架"], Segmenter())
    assert text_batch(["打印机卡纸"], ["换硒鼓架"], Segmenter()) is read
    assert text_batch(["打印机卡纸"], ["换硒鼓"], Segmenter()) is not read
    longer = text_batch(["打印机卡纸"], ["换硒鼓架"], Segmenter(user_words=["硒鼓架"]))
    assert len(longer.word_starts) < len(read.word_starts)


def test_chunks_are_all_tickets_in_order_and_bounded() -> None:
    bodies = ["字" * length for length in (5, 0, 40, 1, 1, 1, 1, 30_000)]
    found = [list(chunk) for _, chunk in in_chunks([None] * 8, bodies, size=3, characters=40)]
    assert [[len(body) for body in chunk] for chunk in found] == [[5, 0, 40], [1, 1, 1], [1, 30_000]]
    assert list(in_chunks([], [], 3)) == []
