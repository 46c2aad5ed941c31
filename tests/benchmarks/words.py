"""The project's own segmentation as fastText and scikit-learn take it: words with a space between."""

from itertools import pairwise

import numpy as np

from features.text.segment import Segmenter
from features.text.ticket_text import FIELD_BREAK, TextBatch, Texts, text_batch
from models.text.examples import Examples

__all__ = ["cut_words", "prepared_words", "words_of"]


def words_of(examples: Examples, segmenter: Segmenter) -> list[str]:
    """Return the words of each example, cut as Fenzhen cuts them."""
    return prepared_words(examples.subjects, examples.bodies, segmenter, segmented=examples.segmented)


def prepared_words(
    subjects: Texts, bodies: Texts, segmenter: Segmenter, *, segmented: bool = False,
) -> list[str]:
    """Return the words of each ticket, normalised, masked and cut many at a time, as Fenzhen does for itself."""
    return _spaced(text_batch(subjects, bodies, segmenter, segmented=segmented))


def cut_words(subjects: Texts, bodies: Texts, segmenter: Segmenter) -> list[str]:
    """Return the words of each ticket as written, cut one at a time: what a user of the segmenter would do.

    >>> cut_words(["打印机卡纸"], [None], Segmenter())
    ['打印机 卡纸']
    """
    texts = (f"{subject or ''} {body or ''}" for subject, body in zip(subjects, bodies, strict=True))
    return [" ".join(" ".join(words).split()) for words in segmenter.cut_many(texts)]


def _spaced(batch: TextBatch) -> list[str]:
    """Put a space before each word, all texts at once, and take the texts apart.

    >>> _spaced(text_batch(["打印机卡纸", None, "好"], [None, None, None], Segmenter()))
    ['打印机 卡纸', '', '好']
    """
    starts = batch.word_starts[:-1]
    codes = np.insert(batch.codes, starts, ord(" "))
    text = codes.tobytes().decode("utf-32-le", "surrogatepass").replace(FIELD_BREAK, " ")
    bounds = (batch.text_starts + np.searchsorted(starts, batch.text_starts)).tolist()
    return [text[start + 1 : end] for start, end in pairwise(bounds)]
