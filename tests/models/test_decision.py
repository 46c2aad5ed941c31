"""Answers: thresholds, modes, taxonomy, rules, paths, abstention."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.decision import LabelAnswer, decide
from models.decision_batch import decide_batch
from models.policy import Policy
from models.text.scorer import TextLabelScorer
from tests.models.made_up import simulated, simulated_scorer
from tests.models.stub_scorer import StubScorer

TEXTS = st.none() | st.text(st.one_of(st.characters(), st.sampled_from("打印机卡紙退款１３８ \n😀<br>")), max_size=40)


def policy_of(*taxonomy: dict[str, Any], rules: Sequence[dict[str, Any]] = (), **modes: str) -> Policy:
    numbered = [{"id": f"r{number}", "field": "category", **rule} for number, rule in enumerate(rules)]
    rows = [{"field": "category", **row} for row in taxonomy]
    return Policy.from_dict({"taxonomy": rows, "rules": numbered, "modes": modes})


def answer(
    chances: str, policy: Policy | None = None, scorer: Any = None, subject: str = "", **options: Any,
) -> LabelAnswer:
    return decide(scorer or StubScorer(), policy or Policy(), [subject], [chances], **options)[0]


# thresholds and modes


@pytest.mark.parametrize(("chances", "decision", "value"), [
    ("0.95 0.04 0.01", "auto", "甲"), ("0.9 0.1 0", "auto", "甲"), ("0.8999 0.1001 0", "suggest", "甲"),
    ("0.5 0.3 0.2", "suggest", "甲"), ("0.4999 0.3001 0.2", "abstain", None),
])
def test_thresholds_divide_auto_suggest_and_abstain(chances: str, decision: str, value: str | None) -> None:
    found = answer(chances, mode="auto")
    assert (found.decision, found.value) == (decision, value)
    assert found.thresholds == {"suggest": 0.5, "auto": 0.9}
    assert found.ranking[0][0] == found.model_value == "甲"
    assert found.confidence == float(chances.split()[0])


def test_a_missing_threshold_is_never_reached() -> None:
    scorer = StubScorer(limits={"甲": (0.5, None), "乙": (None, None)})
    assert answer("1 0 0", scorer=scorer, mode="auto").decision == "suggest"
    assert answer("0 1 0", scorer=scorer, mode="auto").decision == "abstain"
    assert answer("0 0 1", scorer=scorer, mode="auto").decision == "abstain"
    assert answer("1 0 0", scorer=scorer).thresholds == {"suggest": 0.5, "auto": None}


@pytest.mark.parametrize(("mode", "expected"), [("off", "abstain"), ("suggest", "suggest"), ("auto", "auto")])
def test_the_mode_caps_decisions(mode: Any, expected: str) -> None:
    assert answer("1 0 0", mode=mode).decision == expected
    assert answer("1 0 0", policy_of(category=mode)).decision == expected
    assert answer("1 0 0", policy_of(category="off"), mode=mode).decision == expected


def test_a_field_starts_in_suggest_only_mode() -> None:
    assert answer("1 0 0").decision == "suggest"


@pytest.mark.parametrize("warning", ["empty_text", "unknown_language"])
def test_what_cannot_be_read_is_not_answered(warning: str) -> None:
    found = answer("1 0 0", subject=warning, mode="auto", explain=True)
    assert (found.decision, found.value, found.path, found.reasons) == ("abstain", None, (), ())
    assert found.warnings == (warning,)
    assert found.ranking[0] == ("甲", 1.0)


def test_alternatives_are_the_ranking_after_the_first() -> None:
    policy = policy_of({"value": "乙", "external_id": "14"})
    found = answer("0.7 0.2 0.1", policy, top_k=2)
    assert found.ranking == (("甲", pytest.approx(0.7)), ("乙", pytest.approx(0.2)))
    assert found.alternatives == (("乙", "14", 0.2), ("丙", None, 0.1))
    assert answer("0.7 0.2 0.1", top_k=0).ranking == ()
    assert len(answer("0.7 0.2 0.1", top_k=99).ranking) == 3


# taxonomy


def test_inactive_values_are_neither_predicted_nor_ranked() -> None:
    found = answer("0.6 0.3 0.1", policy_of({"value": "甲", "active": False}))
    assert found.value == found.model_value == "乙"
    assert found.ranking == (("乙", pytest.approx(0.75)), ("丙", pytest.approx(0.25)))
    assert "甲" not in [name for name, _, _ in found.alternatives]


def test_with_every_value_inactive_there_is_no_answer() -> None:
    policy = policy_of(*({"value": value, "active": False} for value in ("甲", "乙", "丙")))
    found = answer("0.6 0.3 0.1", policy, explain=True)
    assert (found.value, found.confidence, found.confidence_level, found.ranking) == (None, None, None, ())
    assert (found.decision, found.model_value) == ("abstain", None)
    certain = answer("1 0 0", policy_of({"value": "甲", "active": False}))
    assert (certain.value, certain.confidence) == (None, None)


def test_a_renamed_value_is_answered_under_its_new_name() -> None:
    policy = policy_of({"value": "新甲", "renamed_from": "甲", "external_id": "7"}, category="auto")
    found = answer("1 0 0", policy, explain=True)
    assert (found.value, found.external_id, found.decision, found.path) == ("新甲", "7", "auto", ("新甲",))
    assert found.reasons[0]["class"] == "甲"


def test_classes_that_became_one_value_count_together() -> None:
    policy = policy_of({"value": "乙", "renamed_from": "甲"}, category="auto")
    limits = {"甲": (0.1, 0.2), "乙": (0.5, 0.95), "丙": (0.5, 0.9)}
    found = answer("0.6 0.38 0.02", policy, StubScorer(limits=limits), explain=True)
    assert (found.value, found.confidence, found.decision) == ("乙", 0.98, "auto")
    assert found.thresholds == {"suggest": 0.5, "auto": 0.95}  # those of the class of that name
    assert found.reasons[0]["class"] == "乙"


def test_of_two_renamed_classes_the_stricter_thresholds_count() -> None:
    policy = policy_of({"value": "新", "renamed_from": "甲"}, {"value": "新", "renamed_from": "乙"})
    limits = {"甲": (0.1, None), "乙": (0.5, 0.8), "丙": (0.5, 0.9)}
    found = answer("0.6 0.4 0", policy, StubScorer(limits=limits))
    assert found.thresholds == {"suggest": 0.5, "auto": None}


def test_a_value_not_allowed_to_be_applied_is_suggested() -> None:
    policy = policy_of({"value": "甲", "auto_allowed": False}, category="auto")
    assert answer("1 0 0", policy).decision == "suggest"
    assert answer("1 0 0", policy).thresholds == {"suggest": 0.5, "auto": None}
    assert answer("0 1 0", policy).decision == "auto"


# rules


def test_an_overriding_rule_has_the_say_and_the_model_is_shown_apart() -> None:
    policy = policy_of(rules=[{"value": "丙", "any": ["冒烟"]}])
    found = answer("0.9 0.1 0", policy, subject="冒烟了", explain=True, mode="auto")
    assert (found.value, found.model_value, found.decision) == ("丙", "甲", "suggest")
    assert found.rule == {"id": "r0", "mode": "override", "value": "丙"}
    assert found.ranking == (("丙", 0.0), ("甲", 0.9), ("乙", 0.1))
    assert found.reasons[0] == {"code": "rule", "rule": "r0"}
    assert answer("0.9 0.1 0", policy, subject="没事").rule is None


def test_a_rule_is_met_by_traditional_and_wide_characters() -> None:
    policy = policy_of(rules=[{"value": "丙", "any": ["斷網"]}, {"value": "乙", "all": ["ｗｉｆｉ"]}])
    assert answer("1 0 0", policy, subject="断网").value == "丙"
    assert answer("1 0 0", policy, subject="斷網").value == "丙"
    assert answer("1 0 0", policy, subject="ＷｉＦｉ").value == "乙"


def test_a_rule_can_give_a_value_that_the_model_does_not_know() -> None:
    policy = policy_of({"value": "安全", "external_id": "99"}, rules=[{"value": "安全", "any": ["冒烟"]}])
    found = answer("1 0 0", policy, subject="冒烟", explain=True, mode="auto")
    assert (found.value, found.external_id, found.confidence, found.decision) == ("安全", "99", 0.0, "suggest")
    assert found.reasons == ({"code": "rule", "rule": "r0"},)
    assert dict(answer("1 0 0", policy, top_k=4).ranking)["安全"] == 0.0


def test_a_rule_under_an_old_name_gives_the_new_one() -> None:
    policy = policy_of({"value": "新甲", "renamed_from": "甲"}, rules=[{"value": "甲", "any": ["冒烟"]}])
    found = answer("0 1 0", policy, subject="冒烟")
    assert (found.value, found.rule) == ("新甲", {"id": "r0", "mode": "override", "value": "新甲"})
    assert [name for name, _ in found.ranking] == ["新甲", "乙", "丙"]


@pytest.mark.parametrize("mode", ["override", "add"])
def test_a_rule_for_an_inactive_value_has_no_say(mode: str) -> None:
    policy = policy_of({"value": "丙", "active": False}, rules=[{"value": "丙", "any": ["冒烟"], "mode": mode}])
    found = answer("0.6 0.3 0.1", policy, subject="冒烟")
    assert (found.value, found.rule) == ("甲", None)
    assert "丙" not in [name for name, _ in found.ranking]


def test_of_contradictory_rules_the_first_counts() -> None:
    rules = [{"value": value, "any": ["冒烟"]} for value in ("丙", "乙")]
    assert answer("1 0 0", policy_of(rules=rules), subject="冒烟").value == "丙"
    assert answer("1 0 0", policy_of(rules=rules[::-1]), subject="冒烟").value == "乙"
    inactive_first = policy_of({"value": "丙", "active": False}, rules=rules)
    assert answer("1 0 0", inactive_first, subject="冒烟").value == "乙"


def test_an_overriding_rule_goes_before_an_adding_one() -> None:
    rules = [{"value": "乙", "any": ["冒烟"], "mode": "add", "weight": 9}, {"value": "丙", "any": ["冒烟"]}]
    found = answer("0.5 0.5 0", policy_of(rules=rules), subject="冒烟")
    assert (found.value, found.rule) == ("丙", {"id": "r1", "mode": "override", "value": "丙"})


def test_an_adding_rule_moves_the_log_odds() -> None:
    policy = policy_of(rules=[{"value": "乙", "any": ["冒烟"], "mode": "add", "weight": 2.0}])
    found = answer("0.8 0.2 0", policy, subject="冒烟")
    odds = dict(found.ranking)["乙"] / dict(found.ranking)["甲"]
    assert np.log(odds) == pytest.approx(np.log(0.2 / 0.8) + 2)
    assert (found.rule, found.model_value) == ({"id": "r0", "mode": "add", "value": "乙"}, "甲")
    assert sum(confidence for _, confidence in found.ranking) == pytest.approx(1)


def test_an_adding_rule_for_an_unknown_value_has_no_say() -> None:
    policy = policy_of(rules=[{"value": "没听过", "any": ["冒烟"], "mode": "add"}])
    assert answer("1 0 0", policy, subject="冒烟").rule is None


def test_the_heaviest_rule_against_the_only_likely_value_leaves_an_answer() -> None:
    policy = policy_of(rules=[{"value": "甲", "any": ["冒烟"], "mode": "add", "weight": -50}])
    assert answer("1 0 0", policy, subject="冒烟").value == "甲"
    assert answer("1 1e-13 0", policy, subject="冒烟").value == "乙"


def test_a_rule_speaks_where_the_model_is_deaf_and_is_silent_when_off() -> None:
    policy = policy_of(rules=[{"value": "乙", "any": ["unknown"]}])
    assert answer("1 0 0", policy, subject="unknown_language", mode="auto").value == "乙"
    assert answer("1 0 0", policy, subject="unknown_language", mode="off").value is None


def test_rules_of_another_field_are_not_asked() -> None:
    policy = policy_of(rules=[{"value": "乙", "any": ["冒烟"], "field": "sentiment"}])
    assert answer("1 0 0", policy, subject="冒烟").value == "甲"


# the second level


@pytest.mark.parametrize(("chance", "path"), [(0.5, ("甲", "一")), (0.49, ("甲",))])
def test_the_second_level_is_shown_where_it_is_sure_enough(chance: float, path: tuple[str, ...]) -> None:
    assert answer("1 0 0", scorer=StubScorer(second={"甲": ("一", chance)})).path == path


def test_the_second_level_is_that_of_the_class_behind_a_renamed_value() -> None:
    policy = policy_of({"value": "新甲", "renamed_from": "甲"})
    assert answer("1 0 0", policy, StubScorer(second={"甲": ("一", 0.9)})).path == ("新甲", "一")


@pytest.mark.parametrize(("row", "path"), [
    ({"value": "一", "parent": "甲"}, ("甲", "一")), ({"value": "一", "parent": "乙"}, ("甲",)),
    ({"value": "一", "active": False}, ("甲",)), ({"value": "新一", "renamed_from": "一"}, ("甲", "新一")),
])
def test_the_second_level_agrees_with_the_taxonomy(row: dict[str, Any], path: tuple[str, ...]) -> None:
    policy = policy_of({"field": "subcategory", **row})
    assert answer("1 0 0", policy, StubScorer(second={"甲": ("一", 0.9)})).path == path


def test_the_second_level_of_real_answers_is_a_child_of_the_first(scorer: TextLabelScorer) -> None:
    tickets, known = simulated(300, 5), simulated(1_500, 1)
    children = set(zip(known.labels, known.second, strict=True))
    found = [each.path for each in decide(scorer, Policy(), tickets.subjects, tickets.bodies) if each.value]
    assert all(path in children for path in found if len(path) == 2)
    assert sum(len(path) == 2 for path in found) > 200


# many tickets


def test_the_same_ticket_gets_the_same_answer_alone_and_among_others(scorer: TextLabelScorer) -> None:
    tickets = simulated(120, 5)
    rules = [{"value": scorer.classes[0], "any": ["打印"], "mode": "add"}, {"value": "安全", "any": ["冒烟", "退"]}]
    policy = policy_of({"value": scorer.classes[1], "active": False}, rules=rules, category="auto")
    together = decide(scorer, policy, tickets.subjects, tickets.bodies, explain=True)
    assert {each.decision for each in together} == {"auto", "suggest", "abstain"}
    for row, expected in enumerate(together):
        alone, = decide(scorer, policy, [tickets.subjects[row]], [tickets.bodies[row]], explain=True)
        assert [name for name, _ in alone.ranking] == [name for name, _ in expected.ranking]
        for name in ("value", "path", "decision", "reasons", "rule", "model_value", "warnings", "alternatives"):
            assert getattr(alone, name) == getattr(expected, name)
        assert alone.confidence == pytest.approx(expected.confidence, abs=1e-9)


def test_no_tickets_give_no_answers(scorer: TextLabelScorer) -> None:
    rules = [{"value": "丙", "any": ["冒烟"]}]
    assert decide(scorer, policy_of(rules=rules), [], []) == []
    assert decide(scorer, Policy(), [], []) == []


POLICIES = (
    Policy(),
    policy_of({"value": "硬件故障", "active": False}, {"value": "杂项", "renamed_from": "咨询与建议"}, category="auto",
              rules=[{"value": "物流与配送", "any": ["打", "a"], "mode": "add"}, {"value": "安全", "all": ["机"]}]),
)


@settings(deadline=None)
@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=4), st.sampled_from(POLICIES))
def test_any_unicode_is_decided_and_probabilities_sum_to_one(
    tickets: list[tuple[str | None, str | None]], policy: Policy,
) -> None:
    scorer = simulated_scorer()
    subjects, bodies = [subject for subject, _ in tickets], [body for _, body in tickets]
    batch = decide_batch(scorer, policy, subjects, bodies)
    np.testing.assert_allclose(batch.probabilities.sum(axis=1), 1)
    for found in decide(scorer, policy, subjects, bodies, top_k=99, explain=True):
        assert sum(confidence for _, confidence in found.ranking) == pytest.approx(1)
        assert (found.value is None) == (found.decision == "abstain")
        assert found.value in (None, found.ranking[0][0])
        assert "硬件故障" not in dict(found.ranking) or policy is POLICIES[0]
