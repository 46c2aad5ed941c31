"""Long series of texts in handy portions."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

__all__ = ["CHARACTERS", "chunks"]

CHARACTERS = 30_000
"""A portion ends with the text that reaches so many: enough to spare calls, little enough to bound memory."""

Text = TypeVar("Text", str, str | None)


def chunks(texts: Sequence[Text]) -> Iterator[Sequence[Text]]:
    """Yield slices that together are ``texts``, none of them empty.

    >>> [len(chunk) for chunk in chunks(["好" * CHARACTERS, None, "a"])]
    [1, 2]
    >>> list(chunks([]))
    []
    """
    start = size = 0
    for index, text in enumerate(texts, start=1):
        size += len(text or "")
        if size >= CHARACTERS:
            yield texts[start:index]
            start, size = index, 0
    if start < len(texts):
        yield texts[start:]
