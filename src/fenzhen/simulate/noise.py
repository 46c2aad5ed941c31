"""What happens to a text on its way: typos, missing characters, other widths and scripts."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from fenzhen.simulate.dice import Dice

__all__ = ["mistype", "traditional", "widen"]

_CHINESE_PAIR = re.compile(r"[\u4e00-\u9fff]{2}")
_WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


def mistype(text: str, dice: Dice, homophones: Mapping[str, str]) -> str:
    """Return ``text`` with the mistakes of a hurried writer; most texts stay as they are."""
    if dice.chance(0.13):
        text = _homophone(text, dice, homophones)
    if dice.chance(0.025):
        text = _swap(text, dice)
    if dice.chance(0.05) and len(text) > 4:
        position = dice.number(1, len(text) - 2)
        text = text[:position] + dice.pick(("", text[position] * 2)) + text[position + 1:]
    return text


def widen(text: str) -> str:
    """Return ``text`` with its ASCII characters in full width, as an input method left in the wrong mode does.

    >>> widen("报E4,急")
    '报Ｅ４，急'
    """
    return text.translate(_WIDE)


def traditional(text: str) -> str:
    """Return ``text`` in traditional characters.

    >>> traditional("打印机坏了")
    '打印機壞了'
    """
    return str(_converter().convert(text))


def _homophone(text: str, dice: Dice, homophones: Mapping[str, str]) -> str:
    present = [word for word in homophones if word in text]
    if not present:
        return text
    word = dice.pick(present)
    return text.replace(word, homophones[word], 1)


def _swap(text: str, dice: Dice) -> str:
    pairs = [match.start() for match in _CHINESE_PAIR.finditer(text)]
    if not pairs:
        return text
    start = dice.pick(pairs)
    return text[:start] + text[start + 1] + text[start] + text[start + 2:]


@cache
def _converter() -> Any:
    from opencc import OpenCC
    return OpenCC("s2t")
