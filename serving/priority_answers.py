"""How urgent a ticket is: what it says, what has happened lately, and the workspace's rules that raise."""

from collections.abc import Sequence
from datetime import UTC, datetime

from serving.champions import Served, Snapshot
from serving.label_predictions import label_prediction
from serving.questions import Column, Question, Wish

__all__ = ["priority_answers"]

SLICE = 50
"""So many tickets are answered before others may read the history."""


def priority_answers(served: Served, snapshot: Snapshot, questions: Sequence[Question], wish: Wish) -> Column:
    """Return the field of every ticket; the answer tells model and rule apart."""
    found: Column = []
    now = datetime.now(UTC)
    for start in range(0, len(questions), SLICE):
        tickets = [each.ticket for each in questions[start : start + SLICE]]
        with served.lent() as state:
            answers = served.scorer.answers(
                tickets, state, snapshot.policy, now=now, top_k=wish.top_k, explain=wish.explain)
        found += [(label_prediction(served, each), each.warnings) for each in answers]
    return found
