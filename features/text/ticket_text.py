"""Tickets' subjects and bodies as one run of code points with the words marked, ready for counting n-grams."""

import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from features.text.mask import mask, mask_text
from features.text.normalise import Normalised, normalise
from features.text.normalise_many import normalise_many
from features.text.segment import Segmenter

__all__ = [
    "BODY_LIMIT", "FIELD_BREAK", "KEPT_TICKETS", "SUBJECT_LIMIT", "MarkedText", "TextBatch", "Texts", "in_chunks",
    "marked_text", "text_batch",
]

SUBJECT_LIMIT = 2_000
"""Code points of a subject that are read; what follows is ignored."""
BODY_LIMIT = 20_000
"""Code points of a body that are read; what follows is ignored."""
FIELD_BREAK = "\n"
"""Stands between subject and body, so that no n-gram spans both."""

_LONGEST_LIGATURE = 18
"""Letters that NFKC makes of one character at most (ﷺ)."""
KEPT_TICKETS = 4
"""The last tickets asked about alone are kept as they were read: the next field's model asks about the same one.

So the text of that many tickets outlives their requests, in memory only.
"""

Texts = Sequence[str | None] | NDArray[np.object_]


@dataclass(frozen=True, slots=True, eq=False)
class TextBatch:
    """Texts without white space, end to end.

    ``codes`` are uint32 code points of all texts; text ``i`` is ``codes[text_starts[i]:text_starts[i + 1]]`` (int64,
    one more than texts). ``word_starts`` are the int64 positions at which words begin, ascending, with ``len(codes)``
    as their last entry; every text begins a word. The field break is a word of its own.
    """

    codes: NDArray[np.uint32]
    text_starts: NDArray[np.int64]
    word_starts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.text_starts) - 1


@dataclass(frozen=True, slots=True)
class MarkedText:
    """One ticket as a :class:`TextBatch` of one, with the way back from its characters to what was sent."""

    batch: TextBatch
    subject: Normalised
    body: Normalised
    subject_positions: NDArray[np.int64]
    body_positions: NDArray[np.int64]

    def original_span(self, start: int, end: int) -> tuple[str, int, int]:
        """Return the field and its half-open span of code points behind ``start:end`` of the batch's characters."""
        length = len(self.subject_positions)
        if start < length:
            return "subject", *_span(self.subject, self.subject_positions, start, min(end, length))
        shift = length + 1 if length else 0
        return "body", *_span(self.body, self.body_positions, start - shift, end - shift)


def text_batch(subjects: Texts, bodies: Texts, segmenter: Segmenter, *, segmented: bool = False) -> TextBatch:
    """Return the tickets' normalised and masked text, cut into words.

    ``subjects`` and ``bodies`` are of equal length; None and empty are alike. ``segmented`` says that white space
    already marks the words; otherwise the segmenter cuts. A ticket without text is a text of length 0. The batch of a
    ticket asked about alone is shared by all who ask (see ``KEPT_TICKETS``), so its arrays are read-only.

    >>> batch = text_batch(["打印机 卡紙", None], ["急", ""], Segmenter())
    >>> "".join(map(chr, batch.codes)), batch.word_starts.tolist(), batch.text_starts.tolist()
    ('打印机卡纸\\n急', [0, 3, 5, 6, 7], [0, 7, 7])
    """
    if len(subjects) == len(bodies) == 1 and not segmented:
        return _alone(subjects[0] or None, bodies[0] or None, segmenter)
    return _together(subjects, bodies, segmenter, segmented=segmented)


@lru_cache(KEPT_TICKETS)
def _alone(subject: str | None, body: str | None, segmenter: Segmenter) -> TextBatch:
    batch = _together([subject], [body], segmenter, segmented=False)
    for array in (batch.codes, batch.text_starts, batch.word_starts):
        array.setflags(write=False)
    return batch


def _together(subjects: Texts, bodies: Texts, segmenter: Segmenter, *, segmented: bool) -> TextBatch:
    cleaned = zip(_clean(subjects, SUBJECT_LIMIT), _clean(bodies, BODY_LIMIT), strict=True)
    texts = [_joined(subject, body) for subject, body in cleaned]
    if segmented:
        return _from_words([text.replace(FIELD_BREAK, f" {FIELD_BREAK} ").split(" ") for text in texts])
    lengths, counts = segmenter.boundaries(texts)
    return _from_lengths("".join(texts), lengths, counts)


def marked_text(subject: str | None, body: str | None, segmenter: Segmenter) -> MarkedText:
    """Return one ticket as ``text_batch`` does, with the way back to its original characters.

    >>> text = marked_text("😀 ＷＩＦＩ", "斷網", Segmenter())
    >>> text.original_span(1, 5), text.original_span(6, 8)
    (('subject', 2, 6), ('body', 0, 2))
    """
    first, second = _marked(subject, SUBJECT_LIMIT), _marked(body, BODY_LIMIT)
    joined = _joined(first.text, second.text)
    batch = _from_lengths(joined, *segmenter.boundaries([joined]))
    return MarkedText(batch, first, second, _visible(first.text), _visible(second.text))


def _joined(subject: str, body: str) -> str:
    return f"{subject}{FIELD_BREAK}{body}" if subject and body else subject or body


def _clean(texts: Texts, limit: int) -> list[str]:
    return [mask_text(text) for text in normalise_many([_head(text, limit) for text in texts])]


def _marked(text: str | None, limit: int) -> Normalised:
    return mask(normalise(_head(text, limit)))


def _head(text: str | None, limit: int) -> str:
    """Return what is read of a text: at most ``limit`` code points, also after ligatures are taken apart.

    >>> len(_head("卡" * 30, 20)), len(_head("ﷺ" * 30, 20)), _head(None, 20)
    (20, 1, '')
    """
    head = (text or "")[:limit]
    if len(head) * _LONGEST_LIGATURE <= limit or len(unicodedata.normalize("NFKC", head)) <= limit:
        return head
    ends = range(1, len(head) + 1)
    return head[:bisect_right(ends, limit, key=lambda end: len(unicodedata.normalize("NFKC", head[:end])))]


def _from_words(texts: Sequence[Sequence[str]]) -> TextBatch:
    kept = [[word for word in words if word] for words in texts]
    lengths = np.fromiter((len(word) for words in kept for word in words), dtype=np.int64)
    counts = np.fromiter((len(words) for words in kept), dtype=np.int64, count=len(kept))
    return _from_lengths("".join(word for words in kept for word in words), lengths, counts)


def _from_lengths(text: str, lengths: NDArray[np.int64], counts: NDArray[np.int64]) -> TextBatch:
    """Drop the spaces: a word of spaces goes, and so do spaces within a word."""
    codes = _codes(text)
    visible = codes != ord(" ")
    before = np.concatenate([[0], np.cumsum(visible)])
    ends = before[np.cumsum(lengths)] if len(lengths) else np.zeros(0, dtype=np.int64)
    starts = np.concatenate([[0], ends[:-1]]) if len(ends) else ends
    last_words = np.cumsum(counts)
    text_ends = np.where(last_words > 0, np.concatenate([[0], ends])[last_words], 0)
    compact = codes[visible]
    word_starts = np.append(starts[ends > starts], len(compact))
    return TextBatch(compact, np.concatenate([[0], text_ends]), word_starts)


def _codes(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def _visible(text: str) -> NDArray[np.int64]:
    return np.flatnonzero(_codes(text) != ord(" "))


def _span(text: Normalised, positions: NDArray[np.int64], start: int, end: int) -> tuple[int, int]:
    return text.original_span(int(positions[start]), int(positions[end - 1]) + 1)


def in_chunks(subjects: Texts, bodies: Texts, size: int, characters: int = 500_000) -> Iterator[tuple[Texts, Texts]]:
    """Yield equal slices of at most ``size`` tickets, so that memory stays bounded.

    A slice also ends with the ticket that brings it to so many ``characters``.

    >>> [first for first, _ in in_chunks(["a", "b", "cc", "d"], [None] * 4, 3, characters=3)]
    [['a', 'b', 'cc'], ['d']]
    """
    start = length = 0
    for end, (subject, body) in enumerate(zip(subjects, bodies, strict=True), start=1):
        length += min(len(subject or ""), SUBJECT_LIMIT) + min(len(body or ""), BODY_LIMIT)
        if end - start == size or length >= characters or end == len(subjects):
            yield subjects[start:end], bodies[start:end]
            start, length = end, 0
