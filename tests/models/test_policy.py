"""Taxonomy and rules as a workspace writes them."""

from typing import Any

import numpy as np
import pytest

from fenzhen.errors import WorkspaceError
from models.policy import Policy, Rule

RULE = {"id": "r1", "field": "category", "value": "硬件", "any": ["冒烟"]}


def policy_of(*rows: dict[str, Any], **content: Any) -> Policy:
    return Policy.from_dict({"taxonomy": [{"field": "category", **row} for row in rows], **content})


@pytest.mark.parametrize(("change", "message"), [
    ({"words": ["x"]}, "rule 'r1': got words, expected only all, any, field"),
    ({"id": ""}, "id must be given as text"),
    ({"id": 5}, "rule 5: id must be given as text"),
    ({"field": None, "value": ""}, "field, value must be given as text"),
    ({"any": []}, "needs words under any or all"),
    ({"any": "冒烟"}, "got any = '冒烟', expected a list of words"),
    ({"any": 5}, "got any = 5, expected a list of words"),
    ({"any": ["冒烟", 5]}, "expected a list of words, none of them empty"),
    ({"all": ["冒烟", " \u200b"]}, "none of them empty"),
    ({"none": "x"}, "got none = 'x'"),
    ({"mode": "replace"}, "got mode 'replace', expected override, add, raise"),
    ({"mode": ["add"]}, "got mode"),
    ({"weight": "much"}, "got weight 'much', expected log-odds from -50 to 50"),
    ({"weight": True}, "got weight True"),
    ({"weight": float("nan")}, "got weight nan"),
    ({"weight": float("inf")}, "got weight inf"),
    ({"weight": 10**400}, "expected log-odds"),
    ({"weight": 51}, "expected log-odds"),
])
def test_a_wrong_rule_says_what_is_wrong(change: dict[str, Any], message: str) -> None:
    with pytest.raises(WorkspaceError, match=message):
        Rule.from_dict(RULE | change)


def test_a_rule_that_is_no_table_is_refused() -> None:
    with pytest.raises(WorkspaceError, match="expected a table"):
        Rule.from_dict([1])  # type: ignore[arg-type]


def test_a_rule_needs_any_all_and_none() -> None:
    rule = Rule.from_dict(RULE | {"any": ["冒烟", "起火"], "all": ["充电器"], "none": ["测试"]})
    texts = ["充电器冒烟", "充电器起火了", "充电器", "冒烟", "测试充电器冒烟"]
    assert [rule.matches(text) for text in texts] == [True, True, False, False, False]


def test_words_of_a_rule_are_normalised_as_texts_are() -> None:
    assert Rule.from_dict(RULE | {"any": ["ＷＩＦＩ", "斷網"]}).any == ("wifi", "断网")


def test_wrong_modes_are_refused() -> None:
    assert policy_of(modes={"category": "auto"}).mode("category", "硬件") == "auto"
    assert policy_of().mode("category", "硬件") == "suggest"
    with pytest.raises(WorkspaceError, match="got the mode category = 'always', expected one of off, suggest, auto"):
        policy_of(modes={"category": "always"})


def test_rows_without_field_or_value_are_passed_over() -> None:
    assert policy_of({"value": None}, {"value": "硬件"}, {"field": "", "value": "软件"}).values.keys() == {"category"}
    assert Policy.from_dict({"taxonomy": None, "rules": None}) == Policy()


def test_without_a_taxonomy_every_class_may_be_answered() -> None:
    values, matrix = Policy().projection("category", ["甲", "乙"])
    assert values == ("甲", "乙")
    np.testing.assert_array_equal(matrix, np.eye(2))


def test_inactive_classes_lead_nowhere_and_renamed_ones_to_their_new_name() -> None:
    policy = policy_of(
        {"value": "甲", "active": False}, {"value": "新乙", "renamed_from": "乙"}, {"value": "丙", "active": True},
    )
    values, matrix = policy.projection("category", ["甲", "乙", "丙", "新乙", "丁"])
    assert values == ("新乙", "丙", "丁")
    np.testing.assert_array_equal(matrix, [[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 0, 0], [0, 0, 1]])


def test_with_all_inactive_nothing_may_be_answered() -> None:
    values, matrix = policy_of({"value": "甲", "active": False}).projection("category", ["甲"])
    assert (values, matrix.shape) == ((), (1, 0))


def test_names_are_followed_through_several_changes() -> None:
    policy = policy_of(
        {"value": "乙", "renamed_from": "甲", "active": False}, {"value": "丙", "renamed_from": "乙"},
        {"field": "sentiment", "value": "丁", "renamed_from": "丙"},
    )
    assert [policy.current("category", name) for name in "甲乙丙丁"] == ["丙", "丙", "丙", "丁"]


def test_values_may_swap_names_and_circles_end() -> None:
    swapped = policy_of({"value": "甲", "renamed_from": "乙"}, {"value": "乙", "renamed_from": "甲"})
    assert [swapped.current("category", name) for name in "甲乙"] == ["乙", "甲"]
    turned = policy_of(*({"value": new, "renamed_from": old} for old, new in ("甲乙", "乙丙", "丙甲")))
    assert [turned.current("category", name) for name in "甲乙丙"] == ["乙", "丙", "甲"]
    circle = policy_of(
        {"value": "甲", "renamed_from": "乙", "active": False}, {"value": "乙", "renamed_from": "甲", "active": False},
        {"value": "丙", "renamed_from": "丙", "active": False},
    )
    assert circle.current("category", "甲") in "甲乙"
    assert circle.current("category", "丙") == "丙"


def test_a_value_below_several_parents_stands_below_the_active_ones() -> None:
    policy = policy_of(
        {"value": "其他", "parent": "硬件"}, {"value": "其他", "parent": "软件"},
        {"value": "其他", "parent": "网络", "active": False}, {"value": "蓝屏"},
    )
    parents = ("硬件", "软件", "网络", "费用")
    assert [policy.stands_below("category", "其他", parent) for parent in parents] == [True, True, False, False]
    assert [policy.stands_below("category", value, "硬件") for value in ("蓝屏", "没听过")] == [True, True]
    assert policy.find("category", "其他").active


def test_cells_of_a_taxonomy() -> None:
    found = policy_of({"value": "甲", "external_id": "12", "auto_allowed": False}, {"value": "乙"})
    assert (found.find("category", "甲").external_id, found.find("category", "甲").auto_allowed) == ("12", False)
    assert (found.find("category", "乙").external_id, found.find("category", "乙").auto_allowed) == (None, True)
    assert [found.external_id("category", name) for name in ("甲", "乙", "没听过")] == ["12", None, None]
