"""A text cut where its words spoke for a value."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

STRENGTHS = 3


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text; ``strength`` 0 says nothing, 1 to 3 how much it spoke for the value."""

    text: str
    strength: int = 0


def pieces(text: str, field: str, reasons: Iterable[Mapping[str, Any]]) -> list[Piece]:
    """Return ``text`` in order, cut at the spans that ``reasons`` name in this field of the ticket.

    Spans count code points; parts of one that lie outside the text or inside an earlier one are left out.

    >>> spans = [{"code": "text", "field": "subject", "start": 3, "end": 5, "weight": 0.4}]
    >>> [(piece.text, piece.strength) for piece in pieces("打印机卡纸了", "subject", spans)]
    [('打印机', 0), ('卡纸', 3), ('了', 0)]
    >>> pieces("", "subject", spans)
    []
    """
    found = [each for each in reasons if each.get("code") == "text"]
    heaviest = max((float(each["weight"]) for each in found), default=0.0)
    own = sorted((each for each in found if each["field"] == field), key=lambda each: int(each["start"]))
    cut: list[Piece] = []
    at = 0
    for each in own:
        start, end = max(at, int(each["start"])), min(len(text), int(each["end"]))
        if start < end:
            cut += [Piece(text[at:start]), Piece(text[start:end], _strength(float(each["weight"]), heaviest))]
            at = end
    return [piece for piece in (*cut, Piece(text[at:])) if piece.text]


def _strength(weight: float, heaviest: float) -> int:
    """Return 1 to 3 by thirds of the heaviest weight.

    >>> _strength(0.9, 0.9), _strength(0.5, 0.9), _strength(0.1, 0.9), _strength(0.0, 0.0)
    (3, 2, 1, 1)
    """
    share = weight / heaviest if heaviest > 0 else 0.0
    return 1 + sum(share > third / STRENGTHS for third in range(1, STRENGTHS))
