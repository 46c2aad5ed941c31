"""A line of time counts what a list of facts would count, however it was told."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.priority.timeline import KIND_BYTES, Timeline, packed

KINDS = ((0,), (1,), (1, 2))
MOMENTS = st.integers(0, 30)
FACTS = st.tuples(MOMENTS, st.sampled_from(KINDS))
STEPS = st.lists(st.one_of(
    st.tuples(st.just("add"), FACTS), st.tuples(st.just("remove"), st.integers(0, 50)),
    st.tuples(st.just("forget"), st.integers(0, 12)), st.tuples(st.just("ask"), MOMENTS)), max_size=40)


def counted(facts, since, until):
    return [[sum(kind in kinds for at, kinds in facts if edge <= at < until) for kind in range(3)] for edge in since]


@settings(max_examples=200, deadline=None, derandomize=True)
@given(STEPS)
def test_it_counts_as_a_list_does_whenever_it_is_asked(steps):
    line, facts = Timeline(), []
    for what, told in (*steps, ("ask", 31)):
        if what == "add":
            facts.append(told)
            line.add(told[0], packed(told[1]))
        elif what == "remove" and facts:
            at, kinds = facts.pop(told % len(facts))
            line.remove(at, packed(kinds))
        elif what == "forget":
            facts = [fact for fact in facts if fact[0] >= told]
            line.forget(told)
        elif what == "ask":
            since = [told - 3, told - 10, told - 40]
            found = line.counts(since, told, 3 * KIND_BYTES) or bytes(9 * KIND_BYTES)
            assert np.frombuffer(found, "<u4").reshape(3, 3).tolist() == counted(facts, since, told)
        assert len(line) == len(facts)


def test_what_was_never_told_cannot_be_taken_back():
    line = Timeline()
    line.add(5, packed([0]))
    with pytest.raises(ValueError, match="not in"):
        line.remove(4, packed([0]))
