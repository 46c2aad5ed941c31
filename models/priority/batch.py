"""Answers to many tickets of a table at once, each as of its own creation: what predict and backtest write."""

from collections.abc import Sequence

from models.conditions import REPEAT_DAYS
from models.policy import Mode, Policy, Rule
from models.priority.decisions import PriorityDecisions, decide_priorities
from models.priority.raising import Filed, fired_rules, priority_rules
from models.priority.rows import PriorityRows, text_of
from models.priority.scorer import PriorityScorer

__all__ = ["decide_rows", "fired_rows"]


def decide_rows(
    scorer: PriorityScorer, policy: Policy, rows: PriorityRows, mode: Mode | None = None,
) -> PriorityDecisions:
    """Return the decisions about tickets whose ``values`` are those of the scorer's fields."""
    rules = priority_rules(policy, scorer.field, scorer.classes)
    return decide_priorities(scorer, policy, scorer.probabilities(rows), fired_rows(rows, rules), mode)


def fired_rows(rows: PriorityRows, rules: Sequence[Rule]) -> list[tuple[Rule, ...]]:
    """Return the rules that each ticket meets; ``rows.watched`` holds the columns that they look at."""
    if not rules:
        return [()] * len(rows)
    filed = {same: rows.past.filed(rows.values, rows.at, (same,))
             for same in {rule.repeats.same for rule in rules if rule.repeats} if same in rows.values}

    def counted(row: int) -> Filed:
        return lambda same, days: int(filed[same][1 + REPEAT_DAYS.index(days), row]) if same in filed else 0

    watched = [dict(zip(rows.watched, cells, strict=True)) for cells in zip(*rows.watched.values(), strict=True)]
    return [fired_rules(rules, text_of(rows.subjects[row], rows.bodies[row]), watched[row], counted(row))
            for row in range(len(rows))]
