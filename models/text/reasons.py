"""Which words of a ticket spoke for a class, as spans of what the customer wrote."""

from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from features.text.segment import Segmenter
from features.text.ticket_text import MarkedText, marked_text
from models.text.linear_text import LinearText

__all__ = ["Reason", "text_reasons"]

_FAIR_SHARE = 0.15  # of the weightiest word
_LEAST_WEIGHT = 1e-3  # log-odds


class Reason(TypedDict):
    """``start`` and ``end`` count Unicode code points of the ``field`` as sent; ``weight`` is in log-odds."""

    code: str
    field: str
    start: int
    end: int
    weight: float


def text_reasons(
    linear: LinearText, scale: float, target: int, subject: str | None, body: str | None, segmenter: Segmenter,
    limit: int,
) -> list[Reason]:
    """Return at most ``limit`` spans of words that spoke for class ``target``, by falling weight.

    Every n-gram's contribution, against the mean of the other classes, is shared evenly by its characters; the
    characters of a word are summed, and neighbouring words that both spoke for the class form one span.
    """
    text = marked_text(subject, body, segmenter)
    words = text.batch.word_starts
    if len(words) < 2:
        return []
    found = linear.contributions(text.batch)
    classes = found.values.shape[1]
    against = scale * (found.values[:, target] - found.values.mean(axis=1)) * classes / (classes - 1)
    by_word = np.add.reduceat(_by_character(found.starts, found.ends, against, len(text.batch.codes)), words[:-1])
    spans = _merged(words, by_word, text)
    spans.sort(key=lambda reason: (-reason["weight"], reason["field"] == "body", reason["start"]))
    return spans[:limit]


def _by_character(
    starts: NDArray[np.int64], ends: NDArray[np.int64], values: NDArray[np.float64], length: int,
) -> NDArray[np.float64]:
    shares = values / (ends - starts)
    begun, ended = (np.bincount(edges, weights=shares, minlength=length + 1) for edges in (starts, ends))
    total: NDArray[np.float64] = np.cumsum(begun - ended)[:-1]
    return total


def _merged(words: NDArray[np.int64], weights: NDArray[np.float64], text: MarkedText) -> list[Reason]:
    """Join neighbouring words of one field as long as each carries a fair share of the weightiest word.

    Words that stand for the same characters as sent (the two of a fraction, ``¼``) are joined too.
    """
    worth = weights > max(_FAIR_SHARE * float(weights.max()), _LEAST_WEIGHT)
    spans: list[Reason] = []
    last = -2
    for index in np.flatnonzero(worth):
        field, start, end = text.original_span(int(words[index]), int(words[index + 1]))
        weight = float(weights[index])
        if spans and spans[-1]["field"] == field and (index == last + 1 or start < spans[-1]["end"]):
            spans[-1]["end"] = end
            spans[-1]["weight"] = round(spans[-1]["weight"] + weight, 4)
        else:
            spans.append({"code": "text", "field": field, "start": start, "end": end, "weight": round(weight, 4)})
        last = int(index)
    return spans
