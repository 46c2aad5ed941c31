"""The hash table and the bisection against a dictionary."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.text.vocabulary import UNKNOWN, Vocabulary

KEYS = st.integers(0, 2**64 - 1) | st.integers(0, 40)


def slow_find(vocabulary: Vocabulary, wanted: np.ndarray) -> list[int]:
    index = {key: position for position, key in enumerate(vocabulary.keys.tolist())}
    return [index.get(key, UNKNOWN) for key in wanted.tolist()]


@given(st.lists(KEYS, unique=True, max_size=60), st.lists(KEYS, max_size=60), st.booleans())
def test_every_key_is_found_at_its_position_and_nothing_else(
    known: list[int], others: list[int], ascending: bool,
) -> None:
    vocabulary = Vocabulary(np.array(sorted(known) if ascending else known, dtype=np.uint64))
    wanted = np.array([*others, *known], dtype=np.uint64)
    assert vocabulary.find(wanted).tolist() == slow_find(vocabulary, wanted)


@pytest.mark.parametrize("size", [1, 1_000, 100_000])
def test_many_keys_are_found(size: int) -> None:
    random = np.random.default_rng(size)
    vocabulary = Vocabulary(np.unique(random.integers(0, 2**63, size, dtype=np.uint64)))
    wanted = np.concatenate([vocabulary.keys, random.integers(0, 2**63, 5_000, dtype=np.uint64)])
    assert vocabulary.find(wanted).tolist() == slow_find(vocabulary, wanted)


def test_keys_that_want_the_same_slot_are_told_apart() -> None:
    candidates = np.arange(200_000, dtype=np.uint64)
    homes = Vocabulary(candidates[:100])._home(candidates)  # 100 keys share a table of this size
    crowded = candidates[homes == np.bincount(homes).argmax()][:101]
    vocabulary = Vocabulary(crowded[99::-1])  # not in ascending order, which would be bisected
    assert vocabulary.find(crowded[::-1]).tolist() == [UNKNOWN, *range(100)]


def test_an_empty_vocabulary_knows_nothing() -> None:
    vocabulary = Vocabulary(np.zeros(0, dtype=np.uint64))
    assert vocabulary.find(np.array([0, 1], dtype=np.uint64)).tolist() == [UNKNOWN, UNKNOWN]
    assert vocabulary.find(np.zeros(0, dtype=np.uint64)).tolist() == []
