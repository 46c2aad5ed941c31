import numpy as np

from features.priority.recent_counts import RecentCounts


def test_counts_agree_with_a_loop_over_all_facts():
    chance = np.random.default_rng(0)
    codes, at = chance.integers(0, 4, 60), chance.integers(0, 50, 60)
    asked, when = chance.integers(0, 6, 40), chance.integers(0, 60, 40)
    found = RecentCounts.of(codes, at).before(asked, when, window=10)
    expected = [int(((codes == code) & (at >= moment - 10) & (at < moment)).sum())
                for code, moment in zip(asked, when, strict=True)]
    assert found.tolist() == expected


def test_without_facts_nothing_is_counted():
    nothing = np.zeros(0, dtype=np.int64)
    assert RecentCounts.of(nothing, nothing).before(np.array([3]), np.array([9]), 5).tolist() == [0]
