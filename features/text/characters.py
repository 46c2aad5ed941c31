"""What single characters become: NFKC, lower case, simplified script, ordinary quotes and dashes, no invisible ones."""

import unicodedata
from functools import cache
from importlib.resources import files

__all__ = ["CharacterTable", "character_table"]

_FORMS = {
    **dict.fromkeys("“”„‟〝〞″", '"'),
    **dict.fromkeys("‘’‚‛′´`", "'"),
    **dict.fromkeys("‐‑‒–—―−⁃─━", "-"),
    "⁄": "/",
    "\ufffc": " ",  # stands where an object (a picture) was
}
_VANISHING = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u20e3\u3164\uffa0"  # fillers, variation selectors, keycap
    + "".join(map(chr, [*range(0xFE00, 0xFE10), *range(0x1F3FB, 0x1F400), *range(0xE0100, 0xE01F0)]))
)
_CACHED_BELOW = 0x20000  # bounds the table: rarer characters are worked out each time


class CharacterTable(dict[int, str]):
    """A table for ``str.translate`` that works out each code point when it is first met.

    Most characters become one character. Control, format and unpaired surrogate characters vanish, whitespace and
    private-use characters become a space, so that no text collides with the placeholders of ``features.text.mask``.

    >>> "Ｐ２０　㎏ ﬁ".translate(character_table(simplify=False))
    'p20 kg fi'
    """

    def __init__(self, scripts: dict[str, str]) -> None:
        super().__init__()
        self.uneven: set[str] = set()  # characters met that do not become exactly one
        self._scripts = scripts

    def __missing__(self, code: int) -> str:
        character = chr(code)
        form = self._form(character)
        if len(form) != 1:
            self.uneven.add(character)
        if code < _CACHED_BELOW:
            self[code] = form
        return form

    def _form(self, character: str) -> str:
        simple = _FORMS.get(character) or _without_category(character)
        if simple is not None:
            return simple
        form = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", character).lower())
        if form[0] == " ":  # a free-standing accent
            return " "
        return "".join(self._scripts.get(part, _FORMS.get(part, part)) for part in form)


@cache
def character_table(simplify: bool) -> CharacterTable:
    """Return the table with or without the step from traditional to simplified characters."""
    return CharacterTable(_traditional_to_simplified() if simplify else {})


def _without_category(character: str) -> str | None:
    if character.isspace() or unicodedata.category(character) in ("Co", "Zs", "Zl", "Zp"):
        return " "
    if character in _VANISHING or unicodedata.category(character) in ("Cc", "Cf", "Cs"):
        return ""
    return None


def _traditional_to_simplified() -> dict[str, str]:
    source = files("opencc").joinpath("dictionary/TSCharacters.txt").read_text(encoding="utf-8")
    pairs = (line.split("\t") for line in source.splitlines() if "\t" in line)
    return {traditional: candidates.split()[0] for traditional, candidates in pairs}
