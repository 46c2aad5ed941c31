"""Fields that a ticket's text decides."""

from collections.abc import Sequence

from models.decision import LabelAnswer, decide
from serving.answers import Alternative, Prediction, Thresholds
from serving.champions import Served, Snapshot
from serving.questions import Column, Question, Wish

__all__ = ["text_answers"]


def text_answers(served: Served, snapshot: Snapshot, questions: Sequence[Question], wish: Wish) -> Column:
    """Return the field of every ticket, all scored at once."""
    subjects, bodies = [each.subject for each in questions], [each.body for each in questions]
    answers = decide(served.scorer, snapshot.policy, subjects, bodies, wish.top_k, wish.explain)
    return [(_prediction(served, each), each.warnings) for each in answers]


def _prediction(served: Served, answer: LabelAnswer) -> Prediction:
    """Return a model's answer in the shape that all fields share."""
    return Prediction(
        status="ok",
        value=answer.value,
        external_id=answer.external_id,
        path=list(answer.path),
        confidence=answer.confidence,
        confidence_level=answer.confidence_level,
        decision=answer.decision,
        thresholds=Thresholds(auto=answer.thresholds.get("auto"), suggest=answer.thresholds.get("suggest")),
        alternatives=[Alternative(value, external_id, score) for value, external_id, score in answer.alternatives],
        reasons=[dict(reason) for reason in answer.reasons],
        rule=None if answer.rule is None else dict(answer.rule),
        model_value=answer.model_value,
        model=served.label,
    )
