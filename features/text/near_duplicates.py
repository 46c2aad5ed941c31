"""Texts that say the same: groups of near-identical text, and which texts have a twin elsewhere.

Texts are compared without spaces, punctuation, digits, case and width. Candidates come from MinHash with banding
(Broder 1997; Leskovec et al., Mining of Massive Datasets, chapter 3) and every one is verified on the true sets.
"""

import re
import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

SHINGLE = 3  # characters
HASHES = 128  # MinHashes of a text
NEIGHBOURS = 5  # compared with each text of a bucket, beside its first
RAREST, COMMON = 64, 50  # shingles of a text that nominate twins, and in how many others they may occur
SHORTEST, LEAST_RATIO = 12, 0.5  # shingles of a twin; size of the smaller of two twins to the larger

_NOT_LETTERS = re.compile(r"[\W\d_]+")
_SEED = 20240917

Ints = NDArray[np.int64]


def near_duplicate_groups(texts: Sequence[str], threshold: float = 0.8) -> Ints:
    """Return an int64 group id per text, counted from 0 in order of first appearance.

    Two texts are linked when they are equal without spaces, punctuation, digits, case and width, or when the Jaccard
    similarity of their sets of three-character shingles is ≥ ``threshold``; a group is everything linked, directly or
    over others. Texts without any letter are linked only when equal apart from spaces. A few pairs just at the
    threshold can be missed (probability below 0.001 each); the result never depends on chance.

    >>> near_duplicate_groups(["打印机卡纸了!", "打印机 卡纸了 3", "屏幕不亮", "", " "])
    array([0, 0, 1, 2, 2])
    """
    _check(threshold)
    if not len(texts):
        return np.empty(0, dtype=np.int64)
    unique, member = _distinct([_letters(text) or "\0" + "".join(text.split()) for text in texts])
    sets = _shingle_sets(["" if text.startswith("\0") else text for text in unique], SHINGLE)
    pairs = _candidates(sets, threshold)
    shared = _shared(sets, sets, pairs)
    sizes = np.diff(sets.indptr)
    union = sizes[pairs[:, 0]] + sizes[pairs[:, 1]] - shared
    linked = pairs[shared >= threshold * union - 1e-9]
    graph = sparse.coo_array((np.ones(len(linked)), (linked[:, 0], linked[:, 1])), shape=(len(unique), len(unique)))
    component = connected_components(graph, directed=False)[1]
    return _numbered(component[member])


def near_duplicates_of(texts: Sequence[str], others: Sequence[str], threshold: float = 0.5) -> NDArray[np.bool_]:
    """Return a bool per text: whether it has a twin among ``others``, however either of them was segmented.

    A twin shares ≥ ``threshold`` of the two-character shingles of the one that has fewer, and is not under
    ``LEAST_RATIO`` of the other's size; so a copy without stop words, digits and punctuation is found, and a short
    phrase inside a long text is not. Texts with under ``SHORTEST`` shingles must be equal apart from spaces,
    punctuation and digits; texts without any letter have no twin.

    >>> copies = ["三楼 打印机 卡纸 无法 打印 请 派人 维修", "打印机"]
    >>> near_duplicates_of(copies, ["三楼的打印机又卡纸了 2 次,无法打印,请派人来维修!"])
    array([ True, False])
    """
    _check(threshold)
    left, right = [_letters(text) for text in texts], [_letters(text) for text in others]
    known = set(right) - {""}
    equal = np.fromiter((text in known for text in left), dtype=np.bool_, count=len(left))
    if not left or not right:
        return equal
    sets = _shingle_sets(left + right, 2)
    first, second = sets[: len(left)], sets[len(left) :]
    pairs = _sharing_rare_shingles(first, second)
    small, large = np.diff(first.indptr)[pairs[:, 0]], np.diff(second.indptr)[pairs[:, 1]]
    small, large = np.minimum(small, large), np.maximum(small, large)
    close = (_shared(first, second, pairs) >= threshold * small) & (small >= SHORTEST) & (small >= LEAST_RATIO * large)
    equal[pairs[close, 0]] = True
    return equal


def _check(threshold: float) -> None:
    if not 0 < threshold <= 1:
        raise ValueError(f"got threshold={threshold}, expected more than 0 and at most 1")


def _letters(text: str) -> str:
    return _NOT_LETTERS.sub("", unicodedata.normalize("NFKC", text)).lower()


def _distinct(texts: Sequence[str]) -> tuple[list[str], Ints]:
    position: dict[str, int] = {}
    member = np.fromiter((position.setdefault(text, len(position)) for text in texts), np.int64, len(texts))
    return list(position), member


def _shingle_sets(texts: Sequence[str], size: int) -> sparse.csr_array:
    """Return 0/1 float32 (texts, shingles); a text shorter than ``size`` is one shingle of its own, none if empty."""
    padded = [text if len(text) >= size or not text else text + "\0" * (size - len(text)) for text in texts]
    points = np.frombuffer("".join(padded).encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    lengths = np.fromiter(map(len, padded), dtype=np.int64, count=len(padded))
    starts = np.cumsum(lengths) - lengths
    counts = np.maximum(lengths - size + 1, 0)
    rows = np.repeat(np.arange(len(padded)), counts)
    position = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(starts, counts)
    codes = np.zeros(len(position), dtype=np.uint64)
    for offset in range(size):
        codes = codes << np.uint64(21) | points[position + offset]
    values, columns = np.unique(codes, return_inverse=True)
    matrix = sparse.csr_array((np.ones(len(rows), np.float32), (rows, columns)), shape=(len(texts), len(values)))
    matrix.data[:] = 1.0
    return matrix


def _candidates(sets: sparse.csr_array, threshold: float) -> Ints:
    """Return int64 (n, 2) pairs of rows that agree in all MinHashes of at least one band."""
    rows = np.flatnonzero(np.diff(sets.indptr))
    if rows.size < 2:
        return np.empty((0, 2), dtype=np.int64)
    width = _band_width(threshold)
    random = np.random.default_rng(_SEED)
    found = [_same_bucket(rows, _band(sets, rows, width, random)) for _ in range(HASHES // width)]
    return np.unique(np.concatenate(found), axis=0)


def _band_width(threshold: float) -> int:
    """Return the most hashes a band can have so that a pair at the threshold is missed with probability ≤ 0.001."""
    for width in range(8, 1, -1):
        if (1 - threshold**width) ** (HASHES // width) <= 1e-3:
            return width
    return 1


def _band(sets: sparse.csr_array, rows: Ints, width: int, random: np.random.Generator) -> NDArray[np.uint64]:
    """Return one uint64 key per row: its ``width`` MinHashes mixed."""
    key = np.zeros(rows.size, dtype=np.uint64)
    starts = sets.indptr[rows]
    for _ in range(width):
        rank = random.permutation(sets.shape[1]).astype(np.uint32)
        smallest = np.minimum.reduceat(rank[sets.indices], starts)
        key = key * np.uint64(0x9E3779B97F4A7C15) + smallest
    return key


def _same_bucket(rows: Ints, keys: NDArray[np.uint64]) -> Ints:
    """Return pairs of rows of equal key: each with its next few and with the first, so that size costs no squares."""
    order = np.argsort(keys, kind="stable")
    ranked, member = keys[order], rows[order]
    new = np.append(True, ranked[1:] != ranked[:-1])
    first = np.flatnonzero(new)[np.cumsum(new) - 1]
    pairs = [np.column_stack([member[first], member])[~new]]
    for step in range(1, min(NEIGHBOURS, len(rows) - 1) + 1):
        same = ranked[step:] == ranked[:-step]
        pairs.append(np.column_stack([member[:-step], member[step:]])[same])
    return np.sort(np.concatenate(pairs), axis=1)


def _sharing_rare_shingles(first: sparse.csr_array, second: sparse.csr_array, chunk: int = 4_000) -> Ints:
    """Return pairs that share a twentieth (and at least one) of the first's rare shingles, rare among the second's."""
    second_by_shingle = second.T.tocsr()
    found = [np.empty((0, 2), dtype=np.int64)]
    for start in range(0, first.shape[0], chunk):
        rare = _rarest(first[start : start + chunk], np.diff(second_by_shingle.indptr))
        shared = (rare @ second_by_shingle).tocoo()
        enough = shared.data >= np.maximum(1, np.diff(rare.indptr) // 20)[shared.row]
        found.append(np.column_stack([shared.row[enough] + start, shared.col[enough]]).astype(np.int64))
    return np.concatenate(found)


def _rarest(sets: sparse.csr_array, frequency: Ints) -> sparse.csr_array:
    """Keep of each row the ``RAREST`` shingles of lowest positive frequency, none above ``COMMON``."""
    rows = np.repeat(np.arange(sets.shape[0]), np.diff(sets.indptr))
    known = (frequency[sets.indices] > 0) & (frequency[sets.indices] <= COMMON)
    rows, columns = rows[known], sets.indices[known]
    order = np.lexsort((columns, frequency[columns], rows))
    rows, columns = rows[order], columns[order]
    kept = np.arange(len(rows)) - np.searchsorted(rows, rows) < RAREST
    ones = np.ones(int(kept.sum()), dtype=np.float32)
    return sparse.csr_array((ones, (rows[kept], columns[kept])), shape=sets.shape)


def _shared(first: sparse.csr_array, second: sparse.csr_array, pairs: Ints, chunk: int = 50_000) -> NDArray[np.float64]:
    """Return how many shingles each pair has in common."""
    shared = np.zeros(len(pairs))
    for start in range(0, len(pairs), chunk):
        part = pairs[start : start + chunk]
        shared[start : start + chunk] = first[part[:, 0]].multiply(second[part[:, 1]]).sum(axis=1)
    return shared


def _numbered(component: Ints) -> Ints:
    _, first, inverse = np.unique(component, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[inverse].astype(np.int64)
