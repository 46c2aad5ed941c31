"""Fields that a ticket's text decides."""

from collections.abc import Sequence

from models.decision import decide
from serving.champions import Served, Snapshot
from serving.label_predictions import label_prediction
from serving.questions import Column, Question, Wish

__all__ = ["text_answers"]


def text_answers(served: Served, snapshot: Snapshot, questions: Sequence[Question], wish: Wish) -> Column:
    """Return the field of every ticket, all scored at once."""
    subjects, bodies = [each.subject for each in questions], [each.body for each in questions]
    answers = decide(served.scorer, snapshot.policy, subjects, bodies, wish.top_k, wish.explain)
    return [(label_prediction(served, each), each.warnings) for each in answers]
