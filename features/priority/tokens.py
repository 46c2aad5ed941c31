"""Tickets as sets of tokens: what was filed, and what recent tickets alike say; hashed, so that no name is kept.

A token is a short text such as ``site=143`` or ``urgent1_7d[customer_id]>=2``; a model knows its 64-bit hash only.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from features.priority.counts import CountTokens

__all__ = ["TokenRows", "TokenSet", "hashed"]

Int64 = NDArray[np.int64]
UInt64 = NDArray[np.uint64]
Objects = NDArray[np.object_]


@lru_cache(maxsize=200_000)
def hashed(token: str) -> int:
    """Return the token's 64-bit hash, the same in every process.

    >>> hashed("site=143") == hashed("site=143"), hashed("site=143") == hashed("site=144")
    (True, False)
    """
    return int.from_bytes(hashlib.blake2b(token.encode(), digest_size=8).digest(), "big")


@dataclass(frozen=True, eq=False)
class TokenRows:
    """Occurrences of tokens: ``keys`` (uint64 hashes) in ``rows`` (int64), of ``size`` tickets."""

    rows: Int64
    keys: UInt64
    size: int

    def vocabulary(self, least: int) -> UInt64:
        """Return the keys of the tokens that stand in at least so many tickets, ascending."""
        keys, counts = np.unique(self.keys, return_counts=True)
        found: UInt64 = keys[counts >= least]
        return found

    def matrix(self, vocabulary: UInt64) -> sp.csr_matrix:
        """Return 0/1 float64 of shape (tickets, tokens of the vocabulary); other tokens are left out."""
        places = np.searchsorted(vocabulary, self.keys)
        known = places < len(vocabulary)
        known[known] = vocabulary[places[known]] == self.keys[known]
        shape = (self.size, len(vocabulary))
        return sp.csr_matrix((np.ones(int(known.sum())), (self.rows[known], places[known])), shape=shape)

    def take(self, rows: Int64) -> "TokenRows":
        """Return the tickets at these positions, in this order; no position stands there twice."""
        place = np.full(self.size, -1, dtype=np.int64)
        place[rows] = np.arange(len(rows))
        kept = place[self.rows] >= 0
        return TokenRows(place[self.rows[kept]], self.keys[kept], len(rows))


@dataclass(frozen=True)
class TokenSet:
    """Which tokens a ticket has: one a field (missing values included), and those its counts reach."""

    fields: tuple[str, ...]
    counts: CountTokens

    @cached_property
    def count_keys(self) -> UInt64:
        """The hashes of the tokens of counts, in the order of their columns."""
        return np.array([hashed(name) for name in self.counts.names], dtype=np.uint64)

    def of_ticket(self, values: Mapping[str, str], counts: NDArray[np.int64]) -> list[str]:
        """Return the tokens of one ticket; ``counts`` as :class:`~features.priority.counts.CountTokens` takes them.

        >>> tokens = TokenSet(("site",), CountTokens(((), ("site",)), 3))
        >>> filed, nothing = np.eye(4, dtype=np.int64)[0], np.zeros((2, 4, 5, 1), dtype=np.int64)
        >>> tokens.of_ticket({"site": "143"}, nothing + filed[None, :, None, None])
        ['site=143', 'filed_2h[site]>=1', 'filed_1d[site]>=1', 'filed_7d[site]>=1', ...]
        """
        reached = np.flatnonzero(self.counts.reached(counts)[0])
        return self.of_fields(values) + [self.counts.names[place] for place in reached]

    def of_fields(self, values: Mapping[str, str]) -> list[str]:
        """Return the tokens of a ticket's fields alone."""
        return [f"{name}={values[name]}" for name in self.fields]

    def of_rows(self, values: Mapping[str, Objects], counts: NDArray[np.int64]) -> TokenRows:
        """Return the tokens of many tickets."""
        size = counts.shape[-1]
        parts: list[tuple[Any, UInt64]] = [(np.arange(size), _keys(name, values[name])) for name in self.fields]
        rows, places = np.nonzero(self.counts.reached(counts))
        parts.append((rows, self.count_keys[places]))
        return TokenRows(np.concatenate([rows for rows, _ in parts]), np.concatenate([keys for _, keys in parts]), size)


def _keys(name: str, values: Sequence[str] | Objects) -> UInt64:
    codes, unique = pd.factorize(np.asarray(values, dtype=object))
    keys = np.array([hashed(f"{name}={value}") for value in unique], dtype=np.uint64)
    found: UInt64 = keys[codes]
    return found
