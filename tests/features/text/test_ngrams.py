"""Keys of n-grams against the n-grams as strings."""

import csv
import gzip
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.text.ngrams import KINDS, Grams, count_grams, mix
from features.text.segment import Segmenter
from features.text.ticket_text import FIELD_BREAK, TextBatch, text_batch

SEGMENTER = Segmenter()
FIELDS = st.text(st.one_of(st.characters(), st.sampled_from("打印机卡纸不行ab1 \n,😀")), max_size=12)
GOLDEN_KEYS = [
    "0x9e200971ea307da2", "0x5361", "0x7eb8", "0x4e86", "0xa6c207eb8", "0xfd7004e86", "0x14d840fd7004e86",
]
TICKETS = st.lists(st.tuples(FIELDS, FIELDS), max_size=6)


def grams_of(words: Sequence[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each n-gram of one field as its kind and its parts, worked out the slow way."""
    for word in words:
        yield "word", (word,)
    for pair in pairwise(words):
        yield "word_pair", pair
    text = "".join(words)
    for outer in [words[:1], words[-1:], text[:1], text[-1:], text[:2] * (len(text) > 1), text[-2:] * (len(text) > 1)]:
        if outer:
            yield "edge", tuple(outer)
    for size, kind in enumerate(KINDS[2:5], start=1):
        for start in range(len(text) - size + 1):
            yield kind, tuple(text[start : start + size])


def slow_grams(batch: TextBatch) -> list[tuple[int, str, tuple[str, ...]]]:
    text = "".join(map(chr, batch.codes))
    words = [(start, text[start:end]) for start, end in pairwise(batch.word_starts.tolist())]
    found = []
    for row, (first, last) in enumerate(pairwise(batch.text_starts.tolist())):
        fields: list[list[str]] = [[]]
        for start, word in words:
            if first <= start < last:
                if word == FIELD_BREAK:
                    fields.append([])
                else:
                    fields[-1].append(word)
        found += [(row, kind, parts) for field in fields for kind, parts in grams_of(field)]
    return found


def spoken(batch: TextBatch, grams: Grams) -> list[tuple[int, str, str]]:
    text = "".join(map(chr, batch.codes))
    kinds = np.repeat(KINDS, grams.sizes)
    rows = zip(grams.texts.tolist(), kinds.tolist(), grams.starts.tolist(), grams.ends.tolist(), strict=True)
    return [(row, kind, text[start:end]) for row, kind, start, end in rows]


def assert_no_collision(batch: TextBatch) -> int:
    """Check that equal keys mean the same n-gram and different keys different ones; return how many there are."""
    grams = count_grams(batch)
    text = "".join(map(chr, batch.codes))
    inside = dict(zip(batch.word_starts[:-1].tolist(), batch.word_starts[1:].tolist(), strict=True))
    names = []
    whole = sum(grams.sizes[:-1])
    rows = zip(np.repeat(KINDS, grams.sizes)[:whole], grams.starts.tolist(), grams.ends.tolist(), strict=False)
    for kind, start, end in rows:
        cut = inside[start] if kind == "word_pair" else start
        names.append((kind, text[start:cut], text[cut:end]))
    keys = grams.keys[:whole].tolist()
    distinct = dict(zip(names, keys, strict=True))
    assert [distinct[name] for name in names] == keys
    assert len(set(distinct.values())) == len(distinct)
    assert not set(grams.keys[whole:].tolist()) & set(keys)
    return len(distinct)


def unpacked(key: int) -> str:
    """Return the characters of a packed key, the field break as |."""
    parts = [key >> 42 & 0x1FFFFF, key >> 21 & 0x1FFFFF, key & 0x1FFFFF]
    return "".join(map(chr, filter(None, parts))).replace(FIELD_BREAK, "|")


def test_edges_say_how_a_field_begins_and_ends() -> None:
    grams = count_grams(text_batch(["卡纸 了"], ["急"], SEGMENTER, segmented=True))
    edges = grams.keys[sum(grams.sizes[:-1]) :].tolist()
    assert [unpacked(key) for key in edges if not key >> 63] == ["|卡", "|急", "了|", "急|", "|卡纸", "纸了|"]
    assert len({key for key in edges if key >> 63}) == 4


@settings(deadline=None)
@given(TICKETS)
def test_the_n_grams_are_those_found_the_slow_way(tickets: Sequence[tuple[str, str]]) -> None:
    batch = text_batch([subject for subject, _ in tickets], [body for _, body in tickets], SEGMENTER)
    expected = [(row, kind, "".join(parts)) for row, kind, parts in slow_grams(batch)]
    assert sorted(spoken(batch, count_grams(batch))) == sorted(expected)


@settings(deadline=None)
@given(TICKETS)
def test_no_n_gram_spans_two_texts_or_two_fields(tickets: Sequence[tuple[str, str]]) -> None:
    batch = text_batch([subject for subject, _ in tickets], [body for _, body in tickets], SEGMENTER)
    grams = count_grams(batch)
    assert (grams.starts >= batch.text_starts[grams.texts]).all()
    assert (grams.ends <= batch.text_starts[grams.texts + 1]).all()
    breaks = np.concatenate([[0], np.cumsum(batch.codes == ord(FIELD_BREAK))])
    assert (breaks[grams.starts] == breaks[grams.ends]).all()


@settings(deadline=None)
@given(TICKETS)
def test_a_text_has_the_same_keys_alone_and_among_others(tickets: Sequence[tuple[str, str]]) -> None:
    subjects, bodies = [subject for subject, _ in tickets], [body for _, body in tickets]
    grams = count_grams(text_batch(subjects, bodies, SEGMENTER))
    for row, (subject, body) in enumerate(tickets):
        alone = count_grams(text_batch([subject], [body], SEGMENTER))
        np.testing.assert_array_equal(grams.keys[grams.texts == row], alone.keys)


@settings(deadline=None)
@given(TICKETS)
def test_equal_keys_are_equal_n_grams(tickets: Sequence[tuple[str, str]]) -> None:
    assert_no_collision(text_batch([subject for subject, _ in tickets], [body for _, body in tickets], SEGMENTER))


def test_equal_keys_are_equal_n_grams_in_real_titles(shared_data: Path) -> None:
    with gzip.open(shared_data / "titles" / "train.csv.gz", "rt", encoding="utf-8") as lines:
        titles = [row["title"] for row in csv.DictReader(lines)][:15_000]
    assert assert_no_collision(text_batch(titles, [None] * len(titles), SEGMENTER)) > 300_000


def test_the_three_shapes_of_a_short_text_have_different_keys() -> None:
    grams = count_grams(text_batch(["卡纸 卡 纸"], [None], SEGMENTER, segmented=True))
    assert grams.sizes == (3, 2, 4, 3, 2, 6)
    assert len(set(grams.keys.tolist())) == 3 + 2 + 2 + 2 + 2 + 6


def test_what_a_ticket_asked_about_alone_shares_cannot_be_written_to() -> None:
    batch = text_batch(["打印机卡纸"], ["急"], SEGMENTER)
    assert text_batch(["打印机卡纸"], ["急"], SEGMENTER) is batch
    grams = count_grams(batch)
    assert count_grams(batch) is grams
    for array in (batch.codes, batch.text_starts, batch.word_starts, grams.keys, grams.texts, grams.starts, grams.ends):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_keys_are_part_of_the_feature_schema() -> None:
    keys = count_grams(text_batch(["卡纸了"], [None], SEGMENTER, segmented=True)).keys
    assert [hex(key) for key in keys.tolist()[:7]] == GOLDEN_KEYS


def test_mixing_is_one_to_one() -> None:
    values = np.arange(100_000, dtype=np.uint64)
    assert np.unique(mix(values)).size == 100_000


@pytest.mark.parametrize("texts", [[], [None], ["", None]])
def test_no_text_has_no_n_gram(texts: list[str | None]) -> None:
    assert count_grams(text_batch(texts, texts, SEGMENTER)).sizes == (0, 0, 0, 0, 0, 0)
