"""What each decision of a forest adds to the score, read from LightGBM's text format.

A decision moves the expected score of the rows below it (Saabas 2014); the path to a leaf is fixed, so that each leaf's
moves are known beforehand.
"""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fenzhen.errors import ArtefactError

__all__ = ["LeafPaths"]

Float64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LeafPaths:
    """The decisions above every leaf: ``feature`` and ``gain`` of a decision, ``leaf`` it lies above.

    Leaves are numbered through all trees, those of tree i from ``first_leaf[i]`` on; ``base`` is the score above all.
    """

    leaf: NDArray[np.int64]
    feature: NDArray[np.int64]
    gain: Float64
    first_leaf: NDArray[np.int64]
    base: float
    features: int

    def by_group(self, group: NDArray[np.int64]) -> Float64:
        """Return each leaf's gains summed by group, float64 of shape (leaves, groups)."""
        if group.shape != (self.features,) or (group.size and group.min() < 0):
            raise ValueError(f"got groups of shape {group.shape}, expected a number from 0 for each of the "
                             f"{self.features} features")
        groups, leaves = int(group.max(initial=-1)) + 1, int(self.first_leaf[-1])
        cells = self.leaf * groups + group[self.feature]
        table: Float64 = np.bincount(cells, self.gain, leaves * groups).reshape(leaves, groups).astype(np.float64)
        return table

    @classmethod
    def read(cls, text: str, features: int) -> "LeafPaths":
        """Read the structure of the trees in LightGBM's text; ``ArtefactError`` for what is none."""
        trees = [_Tree(block) for block in re.split(r"\nTree=\d+\n", text.split("\nend of trees")[0])[1:]]
        if not trees:
            raise ArtefactError("got a text without trees, expected LightGBM's text format")
        first_leaf = np.cumsum([0, *(tree.leaf_values.size for tree in trees)])
        steps = [(leaf + start, feature, gain) for tree, start in zip(trees, first_leaf.tolist(), strict=False)
                 for leaf, feature, gain in tree.steps()]
        leaf, feature, gain = zip(*steps, strict=True) if steps else ((), (), ())
        return cls(np.array(leaf, dtype=np.int64), np.array(feature, dtype=np.int64), np.array(gain, dtype=np.float64),
                   first_leaf, sum(tree.expected[0] for tree in trees), features)


class _Tree:
    """One tree of the text: node i's children are nodes from 0 or leaves as ~leaf; expected scores of the nodes."""

    def __init__(self, block: str) -> None:
        fields = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        self.leaf_values = _numbers(fields["leaf_value"])
        self.splits = _numbers(fields.get("split_feature", "")).astype(np.int64)
        self.children = np.stack([_numbers(fields.get(side, "")) for side in ("left_child", "right_child")], axis=1)
        self.children = self.children.astype(np.int64)
        counts = _numbers(fields["leaf_count"]) if self.splits.size else np.ones(1)
        self.expected = self._expected(counts)

    def _expected(self, counts: Float64) -> Float64:
        """Return each node's mean leaf value by rows; children come after their parent, so upwards in one pass."""
        if not self.splits.size:
            return self.leaf_values
        expected, rows = np.zeros(self.splits.size), np.zeros(self.splits.size)
        for node in range(self.splits.size - 1, -1, -1):
            for child in self.children[node].tolist():
                value, count = (expected[child], rows[child]) if child >= 0 else (self.leaf_values[~child],
                                                                                 counts[~child])
                expected[node] += value * count
                rows[node] += count
            expected[node] /= rows[node]
        return expected

    def steps(self) -> list[tuple[int, int, float]]:
        """Return (leaf, feature, gain) of every decision above every leaf."""
        found: list[tuple[int, int, float]] = []
        pending: list[tuple[int, list[tuple[int, float]]]] = [(0, [])] if self.splits.size else []
        while pending:
            node, above = pending.pop()
            for child in self.children[node].tolist():
                value = self.expected[child] if child >= 0 else self.leaf_values[~child]
                path = [*above, (int(self.splits[node]), float(value - self.expected[node]))]
                if child >= 0:
                    pending.append((child, path))
                else:
                    found += [(~child, feature, gain) for feature, gain in path]
        return found


def _numbers(text: str) -> Float64:
    return np.array(text.split(), dtype=np.float64)
