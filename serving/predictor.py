"""From a ticket to its answer, without HTTP: plain functions over an immutable :class:`~serving.champions.Snapshot`."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

from ulid import ULID

from models.decision import LabelAnswer, decide
from serving.answers import Alternative, Answer, Prediction, Thresholds, Unavailable
from serving.champions import Served, Snapshot
from serving.logs import without_text

KNOWN_FIELDS = ("category", "sentiment", "request_type", "priority", "group", "assignee")

logger = logging.getLogger("serving.predictor")


class UnknownFieldError(Exception):
    """A field that neither a champion nor the taxonomy nor Fenzhen knows; ``index`` is its place in the request."""

    def __init__(self, field: str, index: int, known: Sequence[str]) -> None:
        super().__init__(f"unknown field, expected one of {', '.join(known)}")
        self.field = field
        self.index = index


class NoChampionError(Exception):
    """Nothing can be answered yet."""


@dataclass(frozen=True, slots=True)
class Question:
    """One ticket's texts and what is asked about them; ``fields`` None asks for all that are served."""

    subject: str | None
    body: str | None
    ticket_id: str | None = None
    fields: tuple[str, ...] | None = None
    top_k: int = 3
    explain: bool = False


def classify(snapshot: Snapshot, question: Question) -> Answer:
    """Answer every asked field.

    A known field without a champion, or whose scorer fails, is :class:`Unavailable`; the others are answered all
    the same. Raises ``NoChampionError`` while no field is served and ``UnknownFieldError`` for a field nobody knows.
    """
    started = time.perf_counter()
    if not snapshot.served:
        raise NoChampionError(why_unready(snapshot))
    fields = asked_fields(snapshot, question.fields)
    predictions: dict[str, Prediction | Unavailable] = {}
    warnings: list[str] = []
    for field in fields:
        predictions[field], more = _answer(snapshot, field, question)
        warnings.extend(more)
    return Answer(
        prediction_id=str(ULID()),
        ticket_id=question.ticket_id,
        predictions=predictions,
        warnings=list(dict.fromkeys(warnings)),
        latency_ms=round((time.perf_counter() - started) * 1000, 2),
    )


def why_unready(snapshot: Snapshot) -> str:
    """Return why nothing can be answered."""
    if snapshot.refused:
        return "; ".join(f"{each.model}/{each.version} is refused: {each.reason}" for each in snapshot.refused)
    return snapshot.problem or "no champion has been published yet"


def asked_fields(snapshot: Snapshot, asked: tuple[str, ...] | None) -> tuple[str, ...]:
    """Return the fields to answer, each once, in the order asked; ``UnknownFieldError`` for one nobody knows."""
    if asked is None:
        return tuple(snapshot.served)
    known = sorted({*snapshot.served, *snapshot.fields, *KNOWN_FIELDS})
    for index, field in enumerate(asked):
        if field not in known:
            raise UnknownFieldError(field, index, known)
    return tuple(dict.fromkeys(asked))


def _answer(
    snapshot: Snapshot, field: str, question: Question
) -> tuple[Prediction | Unavailable, Sequence[str]]:
    served = snapshot.served.get(field)
    if served is None:
        return Unavailable("unavailable", "no_champion"), ()
    try:
        answer = decide(
            served.scorer, snapshot.policy, [question.subject], [question.body], question.top_k, question.explain
        )[0]
    except Exception as error:
        logger.error("scoring failed", extra={"facts": {"model": served.label, **without_text(error)}})
        return Unavailable("unavailable", "scoring_failed"), ()
    return prediction(served, answer), answer.warnings


def prediction(served: Served, answer: LabelAnswer) -> Prediction:
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
