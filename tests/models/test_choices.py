"""What may be answered is worked out once for a scorer and a policy."""

import gc

import numpy as np

from models import choices
from models.choices import choices_of
from models.policy import Policy
from tests.models.stub_scorer import StubScorer


def test_choices_are_kept_for_as_long_as_scorer_and_policy_stay() -> None:
    scorer, policy = StubScorer(), Policy()
    first = choices_of(scorer, policy)
    assert choices_of(scorer, policy) is first
    assert choices_of(StubScorer(), policy) is not first


def test_another_policy_changes_the_choices_at_once() -> None:
    scorer, policy = StubScorer(), Policy()
    closed = Policy.from_dict({"taxonomy": [{"field": "category", "value": "甲", "active": False}]})
    assert choices_of(scorer, policy).values == ("甲", "乙", "丙")
    assert choices_of(scorer, closed).values == ("乙", "丙")
    assert choices_of(scorer, policy).values == ("甲", "乙", "丙")


def test_choices_of_a_scorer_that_is_gone_are_forgotten() -> None:
    before = len(choices._found)
    scorer = StubScorer()
    choices_of(scorer, Policy())
    assert len(choices._found) == before + 1
    del scorer
    gc.collect()
    assert len(choices._found) <= before


def test_limits_are_infinite_for_never() -> None:
    scorer = StubScorer(limits={"甲": (0.5, 0.9), "乙": (0.5, None)})
    expected = [[0.5, 0.9], [0.5, np.inf], [np.inf, np.inf]]
    np.testing.assert_array_equal(choices_of(scorer, Policy()).limits, expected)
