"""How much of a text a model can read: the share of its letters that stand in words or ideographs it knows."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from features.text.ngrams import Grams
from features.text.ticket_text import TextBatch

__all__ = ["familiarity"]

_UNASKED, _LETTER = -1, 1


def familiarity(batch: TextBatch, grams: Grams, known: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return float64 of shape (texts,): known letters of all letters, 0 for a text without letters.

    A letter is known if it stands in a known word or is a known ideograph; ``known`` says it of every n-gram. Digits,
    punctuation, emoji and the placeholders of masked text are no letters.
    """
    words, pairs, characters = np.cumsum(grams.sizes)[:3]
    in_words = np.flatnonzero(known[:words])
    bounds = len(batch.codes) + 1
    change = np.bincount(grams.starts[in_words], minlength=bounds) - np.bincount(grams.ends[in_words], minlength=bounds)
    readable = np.cumsum(change)[:-1] > 0
    single = grams.starts[pairs:characters][known[pairs:characters]]
    readable[single[_is_ideograph(batch.codes[single])]] = True
    letters = is_letter(batch.codes)
    counts = _by_text(letters & readable, batch.text_starts)
    shares: NDArray[np.float64] = counts / np.maximum(_by_text(letters, batch.text_starts), 1)
    return shares


def is_letter(codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Return which code points are letters, as ``str.isalpha`` has it.

    >>> is_letter(np.array([0x5370, 0x61, 0x33, 0x1F600], dtype=np.uint32)).tolist()
    [True, True, False, False]
    """
    table = _letter_table()
    found = table[codes]
    if (found == _UNASKED).any():
        for code in np.unique(codes[found == _UNASKED]).tolist():
            table[code] = chr(code).isalpha()
        found = table[codes]
    return np.equal(found, _LETTER)


@cache
def _letter_table() -> NDArray[np.int8]:
    """Return the array of all code points, filled in as they are met."""
    return np.full(0x110000, _UNASKED, dtype=np.int8)


def _is_ideograph(codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
    return ((codes >= 0x3400) & (codes <= 0x9FFF)) | ((codes >= 0x20000) & (codes <= 0x3FFFF))


def _by_text(marked: NDArray[np.bool_], text_starts: NDArray[np.int64]) -> NDArray[np.int64]:
    before = np.zeros(len(marked) + 1, dtype=np.int64)
    np.cumsum(marked, out=before[1:])
    return np.diff(before[text_starts])
