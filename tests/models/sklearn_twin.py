"""The text classifier once more, from scikit-learn's own parts and n-grams that are strings."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import scipy.sparse as sp
import scipy.stats
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.svm import LinearSVC

from features.text.mask import mask_text
from features.text.normalise import normalise_text
from features.text.segment import Segmenter
from models.text.fit_linear import LinearSettings

Ticket = tuple[str | None, str | None]
KINDS = ("word", "word_pair", "character", "character_pair", "character_triple", "edge")


def placed_words(ticket: Ticket, segmenter: Segmenter) -> list[list[tuple[int, str]]]:
    """Return each field's words with their place in the ticket, blanks not counted; a break takes one place."""
    texts = [mask_text(normalise_text(text)) for text in ticket]
    fields, place = [], 0
    for text in filter(None, texts):
        words = []
        for word in (each.replace(" ", "") for each in segmenter.cut(text)):
            if word:
                words.append((place, word))
                place += len(word)
        fields.append(words)
        place += 1
    return fields


def placed_grams(fields: list[list[tuple[int, str]]], kind: str) -> Iterator[tuple[int, str]]:
    """Yield every n-gram of a kind with its place."""
    for words in fields:
        if kind == "word":
            yield from words
        elif kind == "word_pair":
            yield from ((place, f"{first} {second}") for (place, first), (_, second) in pairwise(words))
        elif kind == "edge":
            yield from placed_edges(words)
        else:
            size = KINDS.index(kind) - 1
            text = "".join(word for _, word in words)
            yield from ((words[0][0] + at, text[at : at + size]) for at in range(len(text) - size + 1))


def placed_edges(words: list[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Yield a field's first and last word and its outer one and two characters, each with the side it is on."""
    (first, opening), (last, closing) = words[0], words[-1]
    text, end = "".join(word for _, word in words), last + len(closing)
    yield from ((first, f"^ {opening}"), (last, f"{closing} $"), (first, f"^{text[0]}"), (end - 1, f"{text[-1]}$"))
    if len(text) > 1:
        yield from ((first, f"^{text[:2]}"), (end - 2, f"{text[-2:]}$"))


def analyser(kind: str, settings: LinearSettings, segmenter: Segmenter) -> Callable[[Ticket], list[str]]:
    """Return a scikit-learn analyser that says an n-gram of the opening as often as it counts."""
    often = int(settings.lead.weight)

    def analysed(ticket: Ticket) -> list[str]:
        grams = placed_grams(placed_words(ticket, segmenter), kind)
        return [gram for place, gram in grams for _ in range(often if place < settings.lead.characters else 1)]

    return analysed


@dataclass
class Twin:
    """Fitted parts of scikit-learn; ``scores`` are those that :class:`LinearText` should give."""

    counters: list[CountVectorizer]
    weighting: TfidfTransformer
    stretch: np.ndarray
    machine: LinearSVC

    def scores(self, tickets: Sequence[Ticket]) -> np.ndarray:
        counts = sp.hstack([counter.transform(tickets) for counter in self.counters]).tocsr()
        found = self.machine.decision_function(self.weighting.transform(counts).multiply(self.stretch).tocsr())
        return found if found.ndim == 2 else np.column_stack([-found, found])


def focus(counts: Any, targets: np.ndarray) -> np.ndarray:
    """Return 1 + log(classes) less the entropy of each n-gram's spread over the classes."""
    present = (counts > 0).astype(float)
    sizes = np.bincount(targets)
    rates = np.stack([np.asarray(present[targets == each].mean(axis=0)).ravel() for each in range(len(sizes))])
    entropy: np.ndarray = scipy.stats.entropy(rates * sizes.mean() + 0.01, axis=0)
    return 1 + np.log(len(sizes)) - entropy


def fit_twin(
    tickets: Sequence[Ticket], targets: np.ndarray, settings: LinearSettings, segmenter: Segmenter, seed: int,
) -> Twin:
    counters = [
        CountVectorizer(analyzer=analyser(kind, settings, segmenter), min_df=minimum)
        for kind, minimum in zip(KINDS, settings.minimum_texts, strict=True)
    ]
    counts = sp.hstack([counter.fit_transform(tickets) for counter in counters]).tocsr().astype(float)
    weighting = TfidfTransformer(sublinear_tf=True)
    weighted = weighting.fit_transform(counts)
    stretch = focus(counts, targets)
    machine = LinearSVC(C=settings.strength, tol=1e-2, max_iter=300, random_state=seed)
    return Twin(counters, weighting, stretch, machine.fit(weighted.multiply(stretch).tocsr(), targets))
