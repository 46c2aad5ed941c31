"""Marks that follow a letter in their own code point, composed with it."""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

from features.text.normalised import Edit

__all__ = ["composing_edits", "may_compose"]

_SUSPECTS = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u1cff\u1dc0-\u1dff\u20d0-\u20ff\u2cef-\u2cf1\u2d7f\u2de0-\u2dff\u302a-\u302f"
    "\u3099\u309a\ua66f-\ua6f1\ua802-\uabff\ud7b0-\ud7ff\ufb1e\ufe20-\ufe2f\U000101fd-\U0001e950]"
)
_LONGEST_RUN = 30  # marks after one letter; ordering longer runs takes quadratic time
_JAMO = (range(0x1161, 0x1176), range(0x11A8, 0x11C3))


def may_compose(text: str) -> bool:
    """Tell whether any character of the text may compose with the one before it."""
    return _SUSPECTS.search(text) is not None


def composing_edits(text: str) -> Iterator[Edit]:
    """Yield the edits that bring each letter and its marks into NFC.

    >>> [(start, end, len(letter)) for start, end, letter in composing_edits("cafe\\u0301!")]
    [(3, 5, 1)]
    """
    marks = _marks()
    places = [place for place, letter in enumerate(text) if letter in marks]
    done = 0
    while done < len(places):
        first, run = places[done], 1
        while run < min(_LONGEST_RUN, len(places) - done) and places[done + run] == first + run:
            run += 1
        start = first - 1 if first and text[first - 1] not in marks else first
        yield start, first + run, unicodedata.normalize("NFC", text[start:first + run])
        done += run


@cache
def _marks() -> frozenset[str]:
    marks = (chr(code) for code in range(0x300, 0x1E951) if unicodedata.category(chr(code))[0] == "M")
    return frozenset((*marks, *map(chr, (*_JAMO[0], *_JAMO[1]))))
