"""Answers with ordered values: tempered, raised, capped, under today's taxonomy."""

from types import SimpleNamespace

import numpy as np
import pytest

from models.policy import Policy, Rule
from models.priority.decisions import decide_priorities

CLASSES = ("高", "中", "低")


class Scorer(SimpleNamespace):
    __hash__ = object.__hash__


def scorer(**changes):
    limits = {name: {"suggest": 0.3, "auto": 0.9} for name in CLASSES}
    return Scorer(**{"field": "priority", "classes": CLASSES, "shares": np.array([0.02, 0.9, 0.08]), "temper": 0.5,
                     "thresholds": limits, **changes})


def rule(value, mode="raise", **more):
    return Rule(f"{mode}-{value}", "priority", value, any=("x",), mode=mode, **more)


def decide(probabilities, fired=(), policy=None, mode="auto", **changes):
    return decide_priorities(scorer(**changes), policy or Policy(), np.array([probabilities]), [tuple(fired)], mode)


def test_tempering_lets_a_rare_urgent_value_win():
    found = decide([0.3, 0.6, 0.1])
    assert [name for name, _ in found.ranking(0, 3)] == ["高", "中", "低"]
    assert found.ranking(0, 1)[0][1] == pytest.approx(0.3)
    assert decide([0.3, 0.6, 0.1], temper=0.0).ranking(0, 1)[0][0] == "中"


def test_the_confidence_is_the_calibrated_probability_and_decides():
    assert decide([0.95, 0.04, 0.01]).decisions == [2]
    assert decide([0.3, 0.6, 0.1]).decisions == [1]
    assert decide([0.2, 0.7, 0.1]).decisions == [0]
    assert decide([0.95, 0.04, 0.01], mode="suggest").decisions == [1]
    assert decide([0.95, 0.04, 0.01], mode="off").decisions == [0]


def test_the_most_urgent_rule_counts_and_is_suggested_at_least():
    found = decide([0.01, 0.98, 0.01], [rule("中"), rule("高")])
    assert (found.values[found.best[0]], found.values[found.model_best[0]]) == ("高", "中")
    assert found.rules[0].id == "raise-高"
    assert found.decisions == [1]


def test_no_rule_lowers():
    for fired in ([rule("低")], [rule("低", "override")], [rule("低", "add", weight=20.0)]):
        found = decide([0.9, 0.05, 0.05], fired)
        assert found.values[found.best[0]] == "高"
        assert found.rules == [None]


@pytest.mark.parametrize("mode", ["raise", "override", "add"])
def test_a_rule_that_agrees_is_shown_and_suggested_at_least(mode):
    found = decide([0.25, 0.7, 0.05], [rule("高", mode)], temper=1.0)
    assert (found.values[found.best[0]], found.values[found.model_best[0]]) == ("高", "高")
    assert found.rules[0].id == f"{mode}-高"
    assert found.decisions == [1]
    assert decide([0.25, 0.7, 0.05], [rule("高", mode)], temper=1.0, mode="off").decisions == [0]


def test_a_raising_rule_is_heard_where_the_model_finds_the_ticket_more_urgent():
    found = decide([0.25, 0.7, 0.05], [rule("中"), rule("低")], temper=1.0)
    assert (found.values[found.best[0]], found.rules[0].id, found.decisions) == ("高", "raise-中", [1])
    answer = found.answer(0, Policy(), 1, [], ())
    assert (answer.value, answer.rule) == ("高", {"id": "raise-中", "mode": "raise", "value": "中"})
    assert answer.reasons[0] == {"code": "rule", "rule": "raise-中"}


def test_an_adding_rule_that_speaks_against_the_answer_has_no_part_in_it():
    assert decide([0.9, 0.06, 0.04], [rule("高", "add", weight=-0.1)]).rules == [None]
    assert decide([0.9, 0.06, 0.04], [rule("中", "add", weight=0.1)]).rules == [None]


def test_an_adding_rule_may_tip_the_balance_upwards():
    found = decide([0.05, 0.85, 0.1], [rule("高", "add", weight=3.0)], temper=0.0)
    assert (found.values[found.best[0]], found.rules[0].mode) == ("高", "add")


def test_inactive_values_are_never_answered():
    policy = Policy.from_dict({"taxonomy": [{"field": "priority", "value": "高", "active": False}]})
    found = decide([0.9, 0.06, 0.04], policy=policy)
    assert found.values == ("中", "低")
    assert found.ranking(0, 5)[0][0] in ("中", "低")


def test_an_answer_has_the_shape_of_every_field():
    answer = decide([0.01, 0.98, 0.01], [rule("高")]).answer(0, Policy(), 1, [{"code": "context"}], ("few_labels",))
    assert (answer.value, answer.model_value, answer.path, answer.decision) == ("高", "中", ("高",), "suggest")
    assert answer.rule == {"id": "raise-高", "mode": "raise", "value": "高"}
    assert [each["code"] for each in answer.reasons] == ["rule", "context"]
    assert answer.thresholds == {"suggest": 0.3, "auto": 0.9}
    assert answer.warnings == ("few_labels",)
    assert [name for name, _, _ in answer.alternatives] == ["中"]


def test_alternatives_stand_by_falling_confidence():
    answer = decide([0.2, 0.5, 0.3], [rule("高")], temper=0.9, shares=np.array([0.02, 0.9, 0.08])).answer(
        0, Policy(), 2, [], ())
    assert [name for name, _ in answer.ranking] == ["高", "低"]
    assert [(name, score) for name, _, score in answer.alternatives] == [("中", 0.5), ("低", 0.3)]
    assert len(decide([0.2, 0.5, 0.3]).answer(0, Policy(), 1, [], ()).alternatives) == 1
