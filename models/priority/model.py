"""The weights of a priority model: tokens and words to the chance of each threshold of urgency."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from features.priority.space import PrioritySpace
from features.priority.tokens import hashed
from features.text.term_matrix import Lead
from features.text.ticket_text import TextBatch
from fenzhen.errors import ArtefactError
from models.artefact import read_array, read_json
from models.priority.ordinal import class_probabilities
from models.text.linear_text import LinearText

__all__ = ["PriorityModel", "class_weights"]

Float64 = NDArray[np.float64]
_WORDS = "words_"
_KEPT_TOKENS = 20_000


@dataclass(frozen=True, eq=False)
class PriorityModel:
    """``keys`` (uint64, ascending) are hashes of tokens, ``weights`` float32 (tokens, thresholds) and ``intercept``
    float64 (thresholds,); ``words``, where tickets have text, has a column of weights for each threshold."""

    space: PrioritySpace
    keys: NDArray[np.uint64]
    weights: NDArray[np.float32]
    intercept: Float64
    words: LinearText | None = None

    def probabilities(self, logits: Float64) -> Float64:
        """Return float64 (rows, classes), not yet calibrated, from the thresholds' logits."""
        return class_probabilities(1 / (1 + np.exp(-np.minimum(np.maximum(logits, -40), 40))))

    def token_logits(self, values: Mapping[str, str], counts: NDArray[np.int64]) -> Float64:
        """Return what fields and counts of one ticket say of each threshold, float64 (thresholds,).

        The intercept is included. It is the sum over ``space.tokens.of_ticket``, without spelling tokens out.
        """
        tokens = self.space.tokens
        places = [place for _, place in self.known(tokens.of_fields(values))]
        fields = self.weights[np.array(places, dtype=np.int64)]
        reached = tokens.counts.reached(counts)[0].astype(np.float64)
        found: Float64 = np.add.reduce(fields, axis=0, dtype=np.float64) + np.dot(reached, self._count_weights)
        return found + self.intercept

    @cached_property
    def _count_weights(self) -> Float64:
        """The weights of the tokens of counts in the order of their columns, 0 for those never learnt."""
        places = np.array([self._find(name) for name in self.space.tokens.counts.names], dtype=np.int64)
        found = np.zeros((len(places), self.weights.shape[1]))
        found[places >= 0] = self.weights[places[places >= 0]]
        return found

    def known(self, tokens: list[str]) -> list[tuple[str, int]]:
        """Return the tokens that the model knows, each with its place among the weights."""
        return [(token, place) for token in tokens if (place := self._place(token)) >= 0]

    def _place(self, token: str) -> int:
        """Return the place of a token among the weights, -1 for one never learnt; most tickets have the same few."""
        found = self._places.get(token)
        if found is None:
            if len(self._places) >= _KEPT_TOKENS:
                self._places.clear()
            found = self._places[token] = self._find(token)
        return found

    @cached_property
    def _places(self) -> dict[str, int]:
        return {}

    def _find(self, token: str) -> int:
        key = np.uint64(hashed(token))
        place = int(np.searchsorted(self.keys, key))
        return place if place < len(self.keys) and self.keys[place] == key else -1

    def word_logits(self, batch: TextBatch) -> Float64:
        """Return what the words say, float64 (texts, thresholds); nothing where the model knows no words."""
        if self.words is None:
            return np.zeros((len(batch), len(self.intercept)))
        return self.words.scores(batch)

    def class_words(self) -> LinearText | None:
        """Return the words' weights by class, for reasons: what speaks for just this level."""
        if self.words is None:
            return None
        weights = class_weights(self.words.weights)
        return LinearText(self.words.vocabulary, self.words.norm_weights, weights.astype(np.float32),
                          np.zeros(weights.shape[1]), self.words.lead)

    def files(self) -> dict[str, Any]:
        """Return the artefact's files."""
        words = self.words.files(_WORDS) if self.words is not None else {}
        return {"space.json": self.space.facts(), "keys.npy": self.keys, "weights.npy": self.weights,
                "intercept.npy": self.intercept, **words}

    @classmethod
    def read(cls, folder: Path, lead: Mapping[str, Any] | None) -> Self:
        """Return what ``files`` wrote; ``lead`` None: without words. ``ArtefactError`` for what does not fit."""
        space = PrioritySpace.from_facts(read_json(folder, "space.json"))
        thresholds = len(space.order) - 1
        keys = read_array(folder, "keys.npy", np.uint64, (None,))
        if (np.diff(keys.astype(object)) <= 0).any():
            raise ArtefactError(f"{folder}: got keys out of order")
        weights = read_array(folder, "weights.npy", np.float32, (len(keys), thresholds))
        intercept = read_array(folder, "intercept.npy", np.float64, (thresholds,))
        words = LinearText.read(folder, _WORDS, thresholds, Lead(**lead)) if lead is not None else None
        return cls(space, keys, weights, intercept, words)


def class_weights(weights: NDArray[Any]) -> NDArray[Any]:
    """Return weights (n, classes) of what speaks for a class: for its threshold and against the one before.

    >>> class_weights(np.array([[1.0, 3.0]])).tolist()
    [[1.0, 2.0, -3.0]]
    """
    edge = np.zeros((len(weights), 1), dtype=weights.dtype)
    found: NDArray[Any] = np.diff(np.hstack([edge, weights, edge]), axis=1)
    return found
