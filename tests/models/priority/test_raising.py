import pytest

from fenzhen.errors import WorkspaceError
from models.policy import Policy, Rule
from models.priority.raising import fired_rules, priority_rules, raising_fields, rules_of

VIP = {"id": "vip", "field": "priority", "value": "高", "mode": "raise", "where": {"customer_tier": ["VIP"]}}
AGAIN = {**VIP, "id": "again", "where": {}, "repeats": {"same": "device_id", "days": 30, "at_least": 2}}


def fired(row, text="", values=None, filed=0):
    return bool(fired_rules([Rule.from_dict(row)], text, values or {}, lambda _same, _days: filed))


def test_each_condition_must_hold():
    assert fired(VIP, values={"customer_tier": "VIP"})
    assert not fired(VIP, values={"customer_tier": "普通"})
    assert fired({**VIP, "any": ["起火"]}, "插座起火了", {"customer_tier": "VIP"})
    assert not fired({**VIP, "any": ["起火"]}, "插座坏了", {"customer_tier": "VIP"})
    assert fired(AGAIN, filed=2)
    assert not fired(AGAIN, filed=1)


@pytest.mark.parametrize(("text", "danger"), [
    ("插座起火了,快来人", True), ("洗衣机漏電", True), ("机器砸下来伤人了", True), ("空调漏水", False),
    ("伤心了", False),
])
def test_words_of_danger_are_found_however_they_are_written(text, danger):
    rule = {**VIP, "where": {}, "any": ["起火", "着火", "冒烟", "漏电", "触电", "伤人", "烫伤"]}
    assert fired(rule, text) is danger


@pytest.mark.parametrize(("change", "message"), [
    ({"mode": "override"}, "only with mode"),
    ({"where": {"customer_tier": "VIP"}}, "expected a list of texts"),
    ({"where": ["VIP"]}, "expected columns"),
    ({"where": {}, "repeats": {"same": "site", "days": 30, "at_least": 2}}, "same = 'site'"),
    ({"where": {}, "repeats": {"same": "device_id", "days": 3, "at_least": 2}}, "days = 3"),
    ({"where": {}, "repeats": {"same": "device_id", "days": 30, "at_least": 0}}, "at_least = 0"),
    ({"where": {}, "repeats": {"days": 30}}, "same, days, at_least"),
    ({"where": {}}, "needs words"),
])
def test_what_a_rule_asks_for_is_checked(change, message):
    with pytest.raises(WorkspaceError, match=message):
        Rule.from_dict({**VIP, **change})


def test_rules_take_todays_names_and_values_without_a_place_in_the_order_are_left_out():
    policy = Policy.from_dict({
        "taxonomy": [{"field": "priority", "value": "紧急", "renamed_from": "高"}],
        "rules": [VIP, {**VIP, "id": "other", "value": "很高"}, {**VIP, "id": "else", "field": "category"}]})
    rules = priority_rules(policy, "priority", ("紧急", "中"))
    assert [(rule.id, rule.value) for rule in rules] == [("vip", "紧急")]
    assert raising_fields(rules) == ("customer_tier",)


class _Scorer:
    field, classes = "priority", ("紧急", "低")


def test_a_scorers_rules_are_those_of_the_policy_of_today() -> None:
    scorer, policies = _Scorer(), [Policy.from_dict({"rules": [{
        "id": name, "field": "priority", "value": "紧急", "any": ["火"], "mode": "raise"}]}) for name in "ab"]
    found = [rules_of(scorer, policy) for policy in (*policies, policies[0], Policy())]
    assert [[rule.id for rule in rules] for rules in found] == [["a"], ["b"], ["a"], []]
    assert rules_of(scorer, policies[1]) is rules_of(scorer, policies[1])
