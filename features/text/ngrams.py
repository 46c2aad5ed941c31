"""Words, word pairs, runs of one to three characters and edges of many texts at once, as 64-bit keys.

Up to three characters are packed into a key exactly (21 bits each, so no two n-grams share one). A word's key is a
polynomial hash over its mixed code points, taken for all words at once from prefix sums modulo 2**64 (Rabin and Karp
1987); its top bit is set, so it never equals a packed key. A pair of words mixes both keys.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from features.text.ticket_text import FIELD_BREAK, KEPT_TICKETS, TextBatch

__all__ = ["KINDS", "Grams", "UInt64", "count_grams", "mix"]

KINDS = ("word", "word_pair", "character", "character_pair", "character_triple", "edge")
"""The kinds of n-grams, in the order in which :func:`count_grams` lists them."""

UInt64 = NDArray[np.uint64]

_BASE = np.uint64(0x9E3779B97F4A7C15)
_INVERSE = np.uint64(pow(0x9E3779B97F4A7C15, -1, 1 << 64))
_TOP = np.uint64(1 << 63)
_PAIR = np.uint64(0xC2B2AE3D27D4EB4F)
_CHARACTER = np.uint64(21)  # bits


@dataclass(frozen=True, slots=True, eq=False)
class Grams:
    """Every occurrence of an n-gram: its ``keys`` (uint64), the text it stands in, and the characters it covers.

    ``texts`` are int64 indices into the batch; ``starts`` and ``ends`` are half-open positions in ``batch.codes``.
    ``sizes`` counts the occurrences by kind, in the order of ``KINDS``.
    """

    keys: UInt64
    texts: NDArray[np.int64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    sizes: tuple[int, ...]


def count_grams(batch: TextBatch) -> Grams:
    """Return all n-grams of all texts; none spans two texts or the break between subject and body.

    Those of a batch of one are shared by all who ask (see ``KEPT_TICKETS``), so their arrays are read-only.

    >>> from features.text.ticket_text import text_batch
    >>> from features.text.segment import Segmenter
    >>> grams = count_grams(text_batch(["打印机卡纸"], ["急"], Segmenter()))
    >>> dict(zip(KINDS, grams.sizes))
    {'word': 3, 'word_pair': 1, 'character': 6, 'character_pair': 4, 'character_triple': 3, 'edge': 10}
    """
    return _kept(batch) if len(batch) == 1 else _counted(batch)


def _counted(batch: TextBatch) -> Grams:
    owners = np.repeat(np.arange(len(batch)), np.diff(batch.text_starts))
    starts, ends = batch.word_starts[:-1], batch.word_starts[1:]
    is_break = batch.codes == ord(FIELD_BREAK)
    words = ~is_break[starts] if len(starts) else np.zeros(0, dtype=bool)
    word_keys = _word_keys(batch.codes, starts, ends)
    pairs = words[:-1] & words[1:] & (owners[starts[:-1]] == owners[starts[1:]])
    parts = (
        (word_keys[words], starts[words], ends[words]),
        (_pair_keys(word_keys[:-1][pairs], word_keys[1:][pairs]), starts[:-1][pairs], ends[1:][pairs]),
        *_character_runs(batch.codes, owners, is_break),
        _edges(batch, word_keys, words, pairs),
    )
    keys, firsts, lasts = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Grams(keys, owners[firsts], firsts, lasts, tuple(len(part[0]) for part in parts))


@lru_cache(KEPT_TICKETS)
def _kept(batch: TextBatch) -> Grams:
    grams = _counted(batch)
    for array in (grams.keys, grams.texts, grams.starts, grams.ends):
        array.setflags(write=False)
    return grams


def _character_runs(
    codes: NDArray[np.uint32],
    owners: NDArray[np.int64],
    is_break: NDArray[np.bool_],
) -> Iterator[tuple[UInt64, NDArray[np.int64], NDArray[np.int64]]]:
    wide = codes.astype(np.uint64)
    keys, inside = wide, ~is_break
    joined = inside[:-1] & inside[1:] & (owners[:-1] == owners[1:])
    for size in (1, 2, 3):
        if size > 1:
            keys = (keys[:-1] << _CHARACTER) | wide[size - 1 :]
            inside = inside[:-1] & joined[size - 2 :]
        starts = np.flatnonzero(inside)
        yield keys[starts], starts, starts + size


def _edges(
    batch: TextBatch, word_keys: UInt64, words: NDArray[np.bool_], pairs: NDArray[np.bool_],
) -> tuple[UInt64, NDArray[np.int64], NDArray[np.int64]]:
    """Return how each field begins and ends: its first and last word, and its outer one and two characters.

    Keys are those of n-grams with the field break on their outer side, which nothing else has.
    """
    starts, ends = batch.word_starts[:-1], batch.word_starts[1:]
    codes = np.append(batch.codes, ord(FIELD_BREAK)).astype(np.uint64)
    opens, closes = words.copy(), words.copy()
    opens[1:] &= ~pairs
    closes[:-1] &= ~pairs
    edge = np.array([ord(FIELD_BREAK)], dtype=np.uint64)
    first, last = starts[opens], ends[closes] - 1
    longer = np.flatnonzero(last - first > 0)
    second, before = first[longer] + 1, last[longer] - 1
    keys = (
        _pair_keys(edge, word_keys[opens]), _pair_keys(word_keys[closes], edge),
        (edge << _CHARACTER) | codes[first], (codes[last] << _CHARACTER) | edge,
        (((edge << _CHARACTER) | codes[first[longer]]) << _CHARACTER) | codes[second],
        (((codes[before] << _CHARACTER) | codes[last[longer]]) << _CHARACTER) | edge,
    )
    firsts = (starts[opens], starts[closes], first, last, first[longer], before)
    lasts = (ends[opens], ends[closes], first + 1, last + 1, second + 1, last[longer] + 1)
    return np.concatenate(keys), np.concatenate(firsts), np.concatenate(lasts)


def mix(values: UInt64) -> UInt64:
    """Scatter 64-bit values evenly over 64 bits, one to one (the finaliser of SplitMix64; Steele and others 2014)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _word_keys(codes: NDArray[np.uint32], starts: NDArray[np.int64], ends: NDArray[np.int64]) -> UInt64:
    sums = np.zeros(len(codes) + 1, dtype=np.uint64)
    np.cumsum(mix(codes.astype(np.uint64) + _BASE) * _powers(_BASE, len(codes)), out=sums[1:])
    hashes = (sums[ends] - sums[starts]) * _powers(_INVERSE, len(codes))[starts] if len(starts) else sums[:0]
    return mix(hashes) | _TOP


def _pair_keys(first: UInt64, second: UInt64) -> UInt64:
    return mix(first * _PAIR + second) | _TOP


def _powers(base: np.uint64, count: int) -> UInt64:
    powers = np.full(count, base, dtype=np.uint64)
    if count:
        powers[0] = 1
    return np.cumprod(powers, dtype=np.uint64)
