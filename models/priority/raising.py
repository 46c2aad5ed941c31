"""Rules that make a priority more urgent: VIP customers, words of danger, repeat repairs, contracts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from weakref import WeakKeyDictionary

from features.text.normalise import normalise_text
from models.policy import Policy, Rule

__all__ = ["Filed", "fired_rules", "priority_rules", "raising_fields", "rules_of"]

Filed = Callable[[str, int], int]
"""Given ``customer_id`` or ``device_id`` and days: how many tickets of the same one were filed so many days before."""


def priority_rules(policy: Policy, field: str, order: Sequence[str]) -> tuple[Rule, ...]:
    """Return the field's rules under today's names; those with a value that has no place in ``order`` are left out."""
    rules = [replace(rule, value=policy.current(field, rule.value)) for rule in policy.rules_of(field)]
    return tuple(rule for rule in rules if rule.value in order and policy.find(field, rule.value).active)


def rules_of(scorer: Any, policy: Policy) -> tuple[Rule, ...]:
    """Return a scorer's ``priority_rules``; worked out once for as long as both stay the same objects."""
    policy_then, rules = _found.get(scorer, (None, ()))
    if policy_then is not policy:
        rules = priority_rules(policy, scorer.field, scorer.classes)
        _found[scorer] = (policy, rules)
    return rules


_found: "WeakKeyDictionary[Any, tuple[Policy, tuple[Rule, ...]]]" = WeakKeyDictionary()


def raising_fields(rules: Sequence[Rule]) -> tuple[str, ...]:
    """Return the columns of tickets that the rules look at, each once."""
    return tuple(dict.fromkeys(name for rule in rules for name, _ in rule.where))


def fired_rules(rules: Sequence[Rule], text: str, values: Mapping[str, str], filed: Filed) -> tuple[Rule, ...]:
    """Return the rules that a ticket meets: all that each of them asks for.

    ``text`` is subject and body as sent, ``values`` those of ``raising_fields``.

    >>> vip = Rule("vip", "priority", "高", mode="raise", where=(("customer_tier", ("VIP",)),))
    >>> fire = Rule("fire", "priority", "紧急", any=("起火",), mode="raise")
    >>> [rule.id for rule in fired_rules([vip, fire], "插座起火了", {"customer_tier": "VIP"}, lambda same, days: 0)]
    ['vip', 'fire']
    """
    if not rules:
        return ()
    normal = normalise_text(text)
    return tuple(rule for rule in rules if rule.matches(normal) and _holds(rule, values, filed))


def _holds(rule: Rule, values: Mapping[str, str], filed: Filed) -> bool:
    if any(values.get(name, "") not in allowed for name, allowed in rule.where):
        return False
    asked = rule.repeats
    return asked is None or filed(asked.same, asked.days) >= asked.at_least
