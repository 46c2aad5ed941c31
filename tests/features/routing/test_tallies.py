"""Counts before a moment agree with a plain loop over the facts."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from features.routing.tallies import Tally

FACTS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 12), st.integers(-3, 3)), max_size=30)
ASKED = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 14)), min_size=1, max_size=10)
HALF_LIFE = 2.5


@given(FACTS, ASKED)
def test_counts_sums_and_faded_counts_agree_with_a_loop(facts, asked):
    codes, at, values = (np.array([fact[part] for fact in facts], dtype=float) for part in range(3))
    tally = Tally.of(codes.astype(np.int64), at, values, [HALF_LIFE])
    code, moment = np.array([code for code, _ in asked]), np.array([moment for _, moment in asked], dtype=float)
    before = [[fact for fact in facts if fact[0] == which and fact[1] < when] for which, when in asked]
    assert tally.counts(code, moment).tolist() == [len(found) for found in before]
    np.testing.assert_allclose(tally.sums(code, moment), [sum(fact[2] for fact in found) for found in before])
    faded = [sum(fact[2] * 2 ** (-(when - fact[1]) / HALF_LIFE) for fact in found)
             for found, (_, when) in zip(before, asked, strict=True)]
    np.testing.assert_allclose(tally.faded(code, moment)[0], faded, atol=1e-12)


@given(FACTS, ASKED)
def test_the_earliest_and_latest_fact_are_those_of_the_code_before_the_moment(facts, asked):
    codes, at = (np.array([fact[part] for fact in facts], dtype=float) for part in range(2))
    tally = Tally.of(codes.astype(np.int64), at)
    code, moment = np.array([code for code, _ in asked]), np.array([moment for _, moment in asked], dtype=float)
    times = np.append(tally.at, np.nan)
    before = [[fact[1] for fact in facts if fact[0] == which and fact[1] < when] for which, when in asked]
    nothing = float("nan")
    latest, earliest = ([pick(found, default=nothing) for found in before] for pick in (max, min))
    np.testing.assert_array_equal(times[tally.latest(code, moment)], latest)
    np.testing.assert_array_equal(times[tally.earliest(code, moment)], earliest)


def test_a_fact_at_the_moment_itself_does_not_count():
    tally = Tally.of(np.array([0]), np.array([5.0]), half_lives=[1.0])
    assert tally.counts(np.array([0]), np.array([5.0])).tolist() == [0]
    assert tally.faded(np.array([0]), np.array([5.0])).tolist() == [[0]]
