"""One spelling for what reads the same: width, case, script, spaces, markup.

In this order: HTML tags and entities are resolved; every character takes its NFKC form in lower case, traditional ones
their simplified form (OpenCC's character table, first candidate), and invisible ones vanish; marks are composed with
what they follow (half-width ``ｶﾞ`` is one ``ガ``); whitespace collapses to one space and is stripped.
"""

import re
from collections.abc import Iterator

from features.text.characters import CharacterTable, character_table
from features.text.composing import composing_edits, may_compose
from features.text.markup import MARKUP_STEPS, may_have_markup
from features.text.normalised import Edit, Normalised, edited

__all__ = ["Normalised", "normalise", "normalise_text"]

_SPACES = re.compile("^ +| +$| {2,}")


def normalise(text: str | None, *, simplify: bool = True) -> Normalised:
    """Return the text in its one spelling, with the way back to the original; None counts as empty.

    >>> normalise("ＨＰ打印機<br>  卡紙！").text
    'hp打印机 卡纸!'
    >>> normalise("ＨＰ打印機<br>  卡紙！").original_span(6, 8)
    (11, 13)
    >>> normalise(None).text
    ''
    """
    result = Normalised(text or "")
    if may_have_markup(result.text):
        for step in MARKUP_STEPS:
            result = result.replaced(step(result.text))
    result = _translated(result, character_table(simplify))
    if may_compose(result.text):
        result = result.replaced(composing_edits(result.text))
    return result.replaced(_space_edits(result.text))


def normalise_text(text: str | None, *, simplify: bool = True) -> str:
    """Return ``normalise(text).text``, twice as fast.

    >>> normalise_text("打印機\\u3000㎏\\u200b")
    '打印机 kg'
    """
    if not text:
        return ""
    if may_have_markup(text):
        for step in MARKUP_STEPS:
            text = edited(text, step(text))
    text = text.translate(character_table(simplify))
    if may_compose(text):
        text = edited(text, composing_edits(text))
    return " ".join(text.split())


def _translated(text: Normalised, table: CharacterTable) -> Normalised:
    translated = text.text.translate(table)
    if table.uneven.isdisjoint(text.text):
        return Normalised(translated, text.offsets, text.ends)
    uneven = ((index, part) for index, part in enumerate(text.text) if part in table.uneven)
    widened = text.replaced((index, index + 1, table[ord(part)]) for index, part in uneven)
    return Normalised(translated, widened.offsets, widened.ends)


def _space_edits(text: str) -> Iterator[Edit]:
    for match in _SPACES.finditer(text):
        inside = match.start() > 0 and match.end() < len(text)
        yield *match.span(), " " if inside else ""
