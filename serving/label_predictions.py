"""A model's answer to one field in the shape that all fields share."""

from models.decision import LabelAnswer
from serving.answers import Alternative, Prediction, Thresholds
from serving.champions import Served

__all__ = ["label_prediction"]


def label_prediction(served: Served, answer: LabelAnswer) -> Prediction:
    """Return what a model with fixed values answers."""
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
