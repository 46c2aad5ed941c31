"""The words of tickets, for the linear stage of routing."""

from functools import lru_cache
from itertools import islice, pairwise

from features.text.segment import Segmenter
from features.text.ticket_text import KEPT_TICKETS, TextBatch, Texts, in_chunks, text_batch

__all__ = ["RoutingWords"]

_CHUNK = 2_000
_MOST_WORDS = 300
_FREQUENT = 20_000


class RoutingWords:
    """Cuts subjects and bodies into words; masked numbers and addresses are words by their kind."""

    def __init__(self, segmenter: Segmenter) -> None:
        self.segmenter = segmenter

    def of(self, subjects: Texts, bodies: Texts, *, segmented: bool = False) -> list[list[str]]:
        """Return each ticket's first words in order, without punctuation.

        >>> RoutingWords(Segmenter()).of(["打印机卡纸"], ["急!", ])
        [['打印机', '卡纸', '急']]
        """
        found: list[list[str]] = []
        for chunk in in_chunks(subjects, bodies, _CHUNK):
            found += map(list, _words(text_batch(*chunk, self.segmenter, segmented=segmented)))
        return found

    def of_ticket(self, subject: str | None, body: str | None) -> tuple[str, ...]:
        """Return the words of one ticket; of the last few asked about they are kept (see ``KEPT_TICKETS``).

        >>> RoutingWords(Segmenter()).of_ticket("打印机卡纸", None)
        ('打印机', '卡纸')
        """
        return _kept(text_batch([subject], [body], self.segmenter))[0]

    def is_empty(self, subject: str | None, body: str | None) -> bool:
        """Return whether nothing is left of a ticket's text once it is cleaned, such as of blanks and mark-up."""
        return not len(text_batch([subject], [body], self.segmenter).codes)


def _words(batch: TextBatch) -> list[tuple[str, ...]]:
    letters = batch.codes.astype("<u4").tobytes().decode("utf-32-le")
    starts = batch.word_starts.searchsorted(batch.text_starts).tolist()
    edges = batch.word_starts.tolist()
    found = []
    for first, end in pairwise(starts):
        words = (letters[start:stop] for start, stop in pairwise(edges[first:end + 1]))
        found.append(tuple(islice(filter(_speaks, words), _MOST_WORDS)))
    return found


_kept = lru_cache(KEPT_TICKETS)(_words)


@lru_cache(_FREQUENT)
def _speaks(word: str) -> bool:
    return any(letter.isalnum() or "\ue000" <= letter <= "\uf8ff" for letter in word)
