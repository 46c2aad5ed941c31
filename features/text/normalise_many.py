"""Many texts normalised at once, most of their characters by one look-up in an array."""

from collections.abc import Sequence
from functools import cache
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

from features.text.characters import character_table
from features.text.chunks import chunks
from features.text.composing import may_compose
from features.text.markup import may_have_markup
from features.text.normalise import normalise_text

__all__ = ["normalise_many"]

UInt32 = NDArray[np.uint32]
_HARD = 0  # stands for a character that does not simply become another
_UNKNOWN = 0xFFFFFFFF


def normalise_many(texts: Sequence[str | None], *, simplify: bool = True) -> list[str]:
    """Return ``normalise_text`` of each text, about four times as fast when there are many.

    >>> normalise_many(["打印機，卡紙", None, "<b>㎏</b>"])
    ['打印机,卡纸', '', 'kg']
    """
    portions = ([text or "" for text in chunk] for chunk in chunks(texts))
    return [text for portion in portions for text in _normalised(portion, simplify)]


def _normalised(texts: list[str], simplify: bool) -> list[str]:
    looked_up = _looked_up("".join(texts), simplify)
    bounds = pairwise(accumulate(map(len, texts), initial=0))
    pieces = [looked_up[start:end] for start, end in bounds]
    if "\0" not in looked_up:
        return [" ".join(piece.split()) for piece in pieces]
    return [
        normalise_text(text, simplify=simplify) if "\0" in piece else " ".join(piece.split())
        for text, piece in zip(texts, pieces, strict=True)
    ]


def _looked_up(text: str, simplify: bool) -> str:
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    forms = _forms(simplify)
    result: UInt32 = forms[codes]
    if (result == _UNKNOWN).any():
        for code in np.unique(codes[result == _UNKNOWN]).tolist():
            forms[code] = _form(code, simplify)
        result = forms[codes]
    encoded: bytes = result.astype("<u4", copy=False).tobytes()
    return encoded.decode("utf-32-le")


@cache
def _forms(_simplify: bool) -> UInt32:
    """Return the array of every code point's form, which is worked out when first met; there is one for each choice."""
    return np.full(0x110000, _UNKNOWN, dtype=np.uint32)


def _form(code: int, simplify: bool) -> int:
    form = character_table(simplify)[code]
    hard = len(form) != 1 or may_compose(form) or may_have_markup(chr(code))
    return _HARD if hard else ord(form)
