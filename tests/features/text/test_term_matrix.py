"""Counts of n-grams against a counter over strings."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from features.text.ngrams import KINDS, count_grams
from features.text.segment import Segmenter
from features.text.term_matrix import Lead, _distinct, damped_counts, learn_terms, text_terms
from features.text.ticket_text import TextBatch, text_batch
from features.text.vocabulary import UNKNOWN, Vocabulary

SEGMENTER = Segmenter()
EVERYTHING = (1, 1, 1, 1, 1, 1)
TITLES = st.lists(st.text(st.sampled_from("打印机卡纸不了ab "), max_size=15), min_size=1, max_size=8)


def batch_of(*titles: str | None) -> TextBatch:
    return text_batch(titles, [None] * len(titles), SEGMENTER, segmented=True)


def counted(batch: TextBatch, lead: Lead) -> list[Counter[int]]:
    """Return each text's weighted counts by key."""
    grams = count_grams(batch)
    found: list[Counter[int]] = [Counter() for _ in range(len(batch))]
    for key, row, start in zip(grams.keys.tolist(), grams.texts.tolist(), grams.starts.tolist(), strict=True):
        found[row][key] += lead.weight if start - batch.text_starts[row] < lead.characters else 1.0
    return found


def term_matrix(batch: TextBatch, vocabulary: Vocabulary, lead: Lead) -> sp.csr_matrix:
    """Return the damped counts over a whole vocabulary."""
    grams = count_grams(batch)
    used, counts = damped_counts(batch, grams, vocabulary.find(grams.keys), lead)
    wide = sp.csr_matrix((counts.data, used[counts.indices], counts.indptr), shape=(len(batch), len(vocabulary)))
    wide.has_sorted_indices = True
    return wide


@settings(deadline=None)
@given(TITLES, st.integers(0, 6), st.sampled_from([0.5, 1.0, 3.0]))
def test_counts_are_damped_and_the_opening_weighs_more(titles: Sequence[str], characters: int, weight: float) -> None:
    batch, lead = batch_of(*titles), Lead(characters, weight)
    vocabulary, counts = learn_terms(batch, minimum_texts=EVERYTHING, limit=10**6, lead=lead)
    assert counts.shape == (len(titles), len(vocabulary))
    for row, expected in enumerate(counted(batch, lead)):
        found = dict(zip(vocabulary.keys[counts[row].indices].tolist(), counts[row].data, strict=True))
        assert found == pytest.approx({key: 1 + np.log(count) for key, count in expected.items()})


@settings(deadline=None)
@given(TITLES)
def test_new_texts_are_counted_as_the_learnt_ones_were(titles: Sequence[str]) -> None:
    batch, lead = batch_of(*titles), Lead(4, 3.0)
    vocabulary, learnt = learn_terms(batch, minimum_texts=EVERYTHING, limit=10**6, lead=lead)
    found = term_matrix(batch, vocabulary, lead)
    assert found.has_sorted_indices
    assert (found != learnt).nnz == 0


@settings(deadline=None)
@given(TITLES, st.sampled_from([0.5, 1.0, 3.0]))
def test_a_text_alone_has_the_terms_that_it_has_in_a_matrix(titles: Sequence[str], weight: float) -> None:
    lead = Lead(4, weight)
    vocabulary, _ = learn_terms(batch_of(*titles[1:]), minimum_texts=EVERYTHING, limit=10**6, lead=lead)
    batch = batch_of(titles[0])
    grams, terms = count_grams(batch), text_terms(batch, lead)
    assert np.array_equal(terms.keys[terms.places], grams.keys)
    columns = vocabulary.find(terms.keys)
    expected, matrix = damped_counts(batch, grams, vocabulary.find(grams.keys), lead)
    assert columns[columns != UNKNOWN].tolist() == expected.tolist()
    np.testing.assert_allclose(terms.counts[columns != UNKNOWN], matrix.toarray()[0], rtol=1e-14)


def test_each_kind_has_its_own_minimum_of_texts() -> None:
    batch = batch_of("卡纸 了", "卡纸 了 了 了", "墨")
    grams = count_grams(batch)
    kind_of = dict(zip(grams.keys.tolist(), np.repeat(KINDS, grams.sizes).tolist(), strict=True))
    vocabulary, _ = learn_terms(batch, minimum_texts=(1, 2, 3, 2, 9, 9), limit=100, lead=Lead())
    kinds = Counter(kind_of[key] for key in vocabulary.keys.tolist())
    assert kinds == {"word": 3, "word_pair": 1, "character_pair": 2}


def test_of_too_many_the_most_frequent_stay() -> None:
    batch = batch_of("甲", "甲", "甲 乙", "乙 丙")
    vocabulary, counts = learn_terms(batch, minimum_texts=(1, 9, 9, 9, 9, 9), limit=2, lead=Lead())
    assert len(vocabulary) == 2
    assert counts.toarray().sum(axis=0).tolist() in ([3, 2], [2, 3])


def test_the_order_of_texts_does_not_change_the_vocabulary() -> None:
    titles = ["打印机 卡纸", "墨盒 漏墨", "打印机 漏墨", "屏幕 闪"]
    forward, backward = (
        learn_terms(batch_of(*order), minimum_texts=EVERYTHING, limit=20, lead=Lead())[0].keys
        for order in (titles, titles[::-1])
    )
    np.testing.assert_array_equal(forward, backward)
    assert (np.diff(forward.astype(object)) > 0).all()


def test_only_n_grams_that_occur_are_kept() -> None:
    batch = batch_of("卡纸", None, "卡纸 卡纸")
    grams = count_grams(batch)
    vocabulary = Vocabulary(np.array([1, 2, grams.keys[0]], dtype=np.uint64))
    used, counts = damped_counts(batch, grams, vocabulary.find(grams.keys), Lead())
    assert used.tolist() == [2]
    assert counts.toarray() == pytest.approx(np.array([[1.0], [0.0], [1 + np.log(2)]]))


def test_texts_of_unknown_n_grams_have_no_counts() -> None:
    batch, vocabulary = batch_of("卡纸", None), Vocabulary(np.zeros(0, dtype=np.uint64))
    grams = count_grams(batch)
    used, counts = damped_counts(batch, grams, np.full(sum(grams.sizes), -1, dtype=np.int32), Lead())
    assert (len(used), counts.shape) == (0, (2, 0))
    assert term_matrix(batch, vocabulary, Lead()).shape == (2, 0)


@given(st.lists(st.integers(0, 40), max_size=12), st.sampled_from([1, 1_000_000]))
def test_distinct_numbers_are_those_of_sorting_be_they_close_together_or_not(numbers: list[int], apart: int) -> None:
    given_numbers = np.array(numbers, dtype=np.int64) * apart
    for found, expected in zip(_distinct(given_numbers), np.unique(given_numbers, return_inverse=True), strict=True):
        assert found.dtype == expected.dtype
        assert found.tolist() == expected.tolist()


def test_many_texts_are_counted_without_sorting_their_ngrams(monkeypatch: pytest.MonkeyPatch) -> None:
    batch = batch_of("打印机卡纸", "卡纸了", "打印机")
    vocabulary, expected = learn_terms(batch, minimum_texts=EVERYTHING, limit=100, lead=Lead())
    monkeypatch.delattr(np, "unique")
    assert (term_matrix(batch, vocabulary, Lead()) != expected).nnz == 0
