"""Text on its way from what a person wrote to what a model reads, with the way back.

Every character of the text knows which code points of the original it stands for, so that a reason found in the
text can be marked in what the user sent.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Edit", "Int32", "Normalised", "edited"]

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
Edit = tuple[int, int, str]
"""``(start, end, replacement)``; a series of edits is in order, none empty, none overlapping another."""


@dataclass(frozen=True, slots=True, eq=False)
class Normalised:
    """A text and, character by character, the half-open span ``offsets[i]:ends[i]`` of the original it stands for.

    All indices count Unicode code points. ``offsets`` and ``ends`` are int32 of the text's length and never decrease;
    both are None when every character stands for the one at its own index.
    """

    text: str
    offsets: Int32 | None = None
    ends: Int32 | None = None

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Map the half-open span ``start:end`` of the text to the smallest span of the original that covers it.

        An empty span maps to an empty one. Raises ``ValueError`` outside the text.

        >>> Normalised("ab").original_span(0, 1)
        (0, 1)
        >>> Normalised("ab").replaced([(0, 1, "xyz")]).original_span(1, 4)
        (0, 2)
        >>> Normalised("ab").original_span(1, 1)
        (1, 1)
        """
        if not 0 <= start <= end <= len(self.text):
            raise ValueError(f"got the span {start}:{end}, expected one inside 0:{len(self.text)}")
        if self.offsets is None or self.ends is None:
            return start, end
        if start == end:
            position = self._position(start)
            return position, position
        return int(self.offsets[start]), int(self.ends[end - 1])

    def replaced(self, edits: Iterable[Edit]) -> "Normalised":
        """Return the text with each edit applied; a character of a replacement stands for all that it replaces.

        >>> Normalised("call 110 now").replaced([(5, 8, "#")]).text
        'call # now'
        """
        edits = list(edits)
        if not edits:
            return self
        first, last = _sources(len(self.text), edits)
        offsets, ends = self._arrays()
        return Normalised(edited(self.text, edits), offsets[first], ends[last])

    def _arrays(self) -> tuple[Int32, Int32]:
        if self.offsets is not None and self.ends is not None:
            return self.offsets, self.ends
        indices = np.arange(len(self.text) + 1, dtype=np.int32)
        return indices[:-1], indices[1:]

    def _position(self, index: int) -> int:
        offsets, ends = self._arrays()
        if index < len(offsets):
            return int(offsets[index])
        return int(ends[-1]) if len(ends) else 0


def edited(text: str, edits: Iterable[Edit]) -> str:
    """Return the text with each edit applied.

    >>> edited("call 110 now", [(5, 8, "#"), (8, 9, "")])
    'call #now'
    """
    pieces: list[str] = []
    done = 0
    for start, end, replacement in edits:
        pieces += text[done:start], replacement
        done = end
    return "".join([*pieces, text[done:]]) if pieces else text


def _sources(length: int, edits: Sequence[Edit]) -> tuple[Int64, Int64]:
    """Return the first and the last index of the old text that each character of the new one stands for."""
    starts = np.array([start for start, _, _ in edits] + [length])
    ends = np.array([0] + [end for _, end, _ in edits])
    widths = np.array([len(replacement) for _, _, replacement in edits])
    kept = _alternating(starts - ends, np.zeros(len(edits), dtype=np.int64))
    lengths = _alternating(starts - ends, widths)
    moved = _alternating(ends, starts[:-1]) - np.where(kept > 0, np.cumsum(lengths) - lengths, 0)
    running = np.arange(lengths.sum()) * np.repeat(kept > 0, lengths)
    first = np.repeat(moved, lengths) + running
    wider = _alternating(np.zeros(len(ends), dtype=np.int64), ends[1:] - 1 - starts[:-1])
    return first, first + np.repeat(wider, lengths)


def _alternating(gaps: Int64, replacements: Int64) -> Int64:
    result = np.empty(len(gaps) + len(replacements), dtype=np.int64)
    result[0::2], result[1::2] = gaps, replacements
    return result
