"""What the store keeps of an answer: values, confidences, decisions and spans; texts only where it is to keep them."""

from collections.abc import Sequence
from datetime import UTC, datetime

from fenzhen.store import PredictedField
from fenzhen.store import Prediction as StoredPrediction
from serving.answers import Answer, Prediction, Unavailable
from serving.calls import Call
from serving.questions import Question

__all__ = ["logged"]


def logged(
    answers: Sequence[Answer], questions: Sequence[Question], call: Call, *, keep_text: bool
) -> list[StoredPrediction]:
    """Return the rows to write for some answers, with who asked."""
    now = datetime.now(UTC)
    return [
        StoredPrediction(
            answer.prediction_id, answer.ticket_id, now,
            tuple(_field(name, found) for name, found in answer.predictions.items()), call.request_id, call.key_id,
            _kept(question.subject) if keep_text else None, _kept(question.body) if keep_text else None,
        )
        for answer, question in zip(answers, questions, strict=True)
    ]


def _field(name: str, found: Prediction | Unavailable) -> PredictedField:
    if isinstance(found, Unavailable):
        return PredictedField(name, found.status)
    others = tuple((each.value, each.confidence) for each in found.alternatives)
    return PredictedField(
        name, found.status, found.value, found.confidence, found.decision, found.model, others, tuple(found.reasons)
    )


def _kept(text: str | None) -> str | None:
    """Return a text that databases can hold."""
    return None if text is None else text.replace("\0", "")
