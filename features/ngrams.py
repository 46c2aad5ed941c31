"""Words, word pairs and runs of one to three characters of many texts at once, as 64-bit keys.

Up to three characters are packed into a key exactly (21 bits each, so no two n-grams share one). A word's key is a
polynomial hash over its mixed code points, taken for all words at once from prefix sums modulo 2**64 (Rabin and Karp
1987); its top bit is set, so it never equals a packed key. A pair of words mixes both keys.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.ticket_text import FIELD_BREAK, TextBatch

__all__ = ["KINDS", "Grams", "count_grams", "mix"]

KINDS = ("word", "word_pair", "character", "character_pair", "character_triple")
"""The kinds of n-grams, in the order in which :func:`count_grams` lists them."""

UInt64 = NDArray[np.uint64]

_BASE = np.uint64(0x9E3779B97F4A7C15)
_INVERSE = np.uint64(pow(0x9E3779B97F4A7C15, -1, 1 << 64))
_TOP = np.uint64(1 << 63)
_PAIR = np.uint64(0xC2B2AE3D27D4EB4F)


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
    """Return all n-grams of all texts; none spans two texts or the break between subject and body."""
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
    )
    keys, firsts, lasts = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Grams(keys, owners[firsts], firsts, lasts, tuple(len(part[0]) for part in parts))


def _character_runs(
    codes: NDArray[np.uint32],
    owners: NDArray[np.int64],
    is_break: NDArray[np.bool_],
) -> Iterator[tuple[UInt64, NDArray[np.int64], NDArray[np.int64]]]:
    wide = codes.astype(np.uint64)
    keys, inside = wide, ~is_break
    for size in (1, 2, 3):
        starts = np.flatnonzero(inside)
        yield keys[starts], starts, starts + size
        keys = (keys[:-1] << np.uint64(21)) | wide[size:]
        inside = inside[:-1] & ~is_break[size:] & (owners[:-size] == owners[size:])


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
