import re

import numpy as np

from features.filed_fields import FiledFields
from features.priority.counts import WINDOWS, CountTokens, kinds_of, level_kinds, numbers_of
from features.priority.history_keys import best_fields, best_pairs
from features.priority.space import PrioritySpace
from features.priority.tokens import TokenRows, TokenSet, hashed


def test_every_count_token_can_be_told_and_no_two_share_a_hash():
    names = CountTokens(((), ("site",), ("site", "hour")), 4).names
    assert all(numbers_of(name) for name in names)
    assert len({hashed(name) for name in names}) == len(names)


def test_steps_hold_from_the_number_they_name_on():
    tokens = CountTokens(((), ("site",)), 3)
    counts = np.zeros((2, len(kinds_of(3)), 5, 4), dtype=np.int64)
    counts[1, 0, 2] = [0, 1, 3, 10]  # filed within 7 days
    held = {row: {name for name, holds in zip(tokens.names, reached, strict=True) if holds and name.startswith("filed")}
            for row, reached in enumerate(tokens.reached(counts))}
    assert held[0] == set()
    assert held[1] == {"filed_7d[site]>=1"}
    assert held[3] == {"filed_7d[site]>=1", "filed_7d[site]>=3", "filed_7d[site]>=10"}


def test_rates_hold_from_the_step_they_name_on_in_either_direction():
    tokens = CountTokens(((), ("site",), ("hour",)), 4)
    kinds, windows = kinds_of(4), list(WINDOWS)
    counts = np.sort(np.random.default_rng(0).integers(0, 40, (3, len(kinds), len(windows), 5)), axis=2)
    reached = tokens.reached(counts)
    for place, name in enumerate(tokens.names):
        told = re.fullmatch(r"rate_(\w+?)_(\d+.)\[(\w+)](.=)(.+)", name)
        if told:
            kind, window = kinds.index(told[1]), windows.index(told[2])
            key, step = [None, "site", "hour"].index(told[3]), float(told[5])
            everybody = (counts[0, kind, window] + 0.5) / (counts[0, 1, window] + 1)
            share = (counts[key, kind, window] + 10 * everybody) / (counts[key, 1, window] + 10)
            rate = np.log(share / everybody)
            assert reached[:, place].tolist() == (rate <= step if told[4] == "<=" else rate >= step).tolist()


def test_being_seen_counts_for_its_own_level_and_those_above():
    assert [level_kinds(level, 4) for level in range(4)] == [[1, 2, 3], [1, 3], [1], [1, 4]]
    assert [level_kinds(level, 2) for level in range(2)] == [[1, 2], [1, 3]]


def test_a_vocabulary_keeps_what_stands_in_enough_tickets():
    rows = TokenRows(np.array([0, 1, 1]), np.array([7, 7, 9], dtype=np.uint64), 3)
    assert rows.vocabulary(2).tolist() == [7]
    assert rows.matrix(np.array([7, 8], dtype=np.uint64)).toarray().tolist() == [[1, 0], [1, 0], [0, 0]]
    assert rows.take(np.array([2, 1])).matrix(np.array([9], dtype=np.uint64)).toarray().tolist() == [[0], [1]]


def test_rows_and_single_tickets_have_the_same_tokens():
    tokens = TokenSet(("site", "hour"), CountTokens(((), ("site",)), 4))
    chance = np.random.default_rng(0)
    counts = np.sort(chance.integers(0, 12, (2, 5, 5, 6)), axis=2)
    values = {"site": np.array(list("abcabc"), dtype=object), "hour": np.array(list("123456"), dtype=object)}
    found = tokens.of_rows(values, counts)
    for row in range(6):
        single = tokens.of_ticket({name: column[row] for name, column in values.items()}, counts[..., row:row + 1])
        assert {hashed(token) for token in single} == set(found.keys[found.rows == row].tolist())


def test_the_pair_that_decides_is_found_and_constants_are_not_crossed():
    chance = np.random.default_rng(0)
    first, second, noise = (chance.integers(0, 4, 800) for _ in range(3))
    values = {"a": first.astype(str).astype(object), "b": second.astype(str).astype(object),
              "c": noise.astype(str).astype(object), "d": np.full(800, "x", dtype=object)}
    level = np.where((first + second) % 4 == 0, 0, 1)
    assert best_pairs(values, level, 2, ("a", "b", "c", "d"))[0] == ("a", "b")
    assert all("d" not in pair for pair in best_pairs(values, level, 2, ("a", "b", "c", "d")))


def test_a_field_gets_a_history_if_it_tells_levels_apart_or_repeats_are_counted_by_it():
    chance = np.random.default_rng(0)
    telling, noise = (chance.integers(0, 4, 800) for _ in range(2))
    values = {"site": telling.astype(str).astype(object), "channel": noise.astype(str).astype(object),
              "device_id": np.full(800, "", dtype=object)}
    level = np.where(telling == 0, 0, 1)
    assert best_fields(values, level, 2, ("channel", "device_id", "site")) == (("device_id",), ("site",))
    assert best_fields({"site": np.array([], dtype=object)}, level[:0], 2, ("site",)) == ()


def test_a_space_reads_what_it_wrote_and_what_older_ones_wrote():
    space = PrioritySpace.of(FiledFields(("site", "product"), "UTC"), [("site",), ("site", "hour")], "priority", "高低")
    assert PrioritySpace.from_facts(space.facts()) == space
    older = {name: value for name, value in space.facts().items() if name != "keys"} | {"pairs": [["site", "hour"]]}
    assert PrioritySpace.from_facts(older).keys == ((), ("site",), ("product",), ("site", "hour"))
