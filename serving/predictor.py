"""From a ticket to its answer, without HTTP: plain functions over an immutable :class:`~serving.champions.Snapshot`."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence

from ulid import ULID

from serving.answers import Answer, Prediction, Unavailable
from serving.champions import Served, Snapshot
from serving.families import PRIORITY, ROUTING, TEXT_LABEL
from serving.logs import without_text
from serving.metrics import counted
from serving.priority_answers import priority_answers
from serving.questions import Column, Question, Wish
from serving.routing.answers import routing_answers
from serving.routing.person_in_group import person_in_group
from serving.text_answers import text_answers

KNOWN_FIELDS = ("category", "sentiment", "request_type", "priority", "group", "assignee")

ANSWERS: Mapping[str, Callable[[Served, Snapshot, Sequence[Question], Wish], Column]] = {
    TEXT_LABEL: text_answers, PRIORITY: priority_answers, ROUTING: routing_answers,
}
"""How each family answers its field for many tickets."""

logger = logging.getLogger("serving.predictor")


class UnknownFieldError(Exception):
    """A field that neither a champion nor the taxonomy nor Fenzhen knows; ``index`` is its place in the request."""

    def __init__(self, field: str, index: int, known: Sequence[str]) -> None:
        super().__init__(f"unknown field, expected one of {', '.join(known)}")
        self.field = field
        self.index = index


class NoChampionError(Exception):
    """Nothing can be answered yet."""


def answer(snapshot: Snapshot, question: Question, wish: Wish) -> Answer:
    """Answer every asked field of one ticket; see :func:`answer_many`."""
    return answer_many(snapshot, [question], wish)[0]


def answer_many(snapshot: Snapshot, questions: Sequence[Question], wish: Wish) -> list[Answer]:
    """Answer every asked field of many tickets, each model asked once for all of them.

    A known field without a champion, or whose scorer fails, is :class:`Unavailable`; the others are answered all
    the same. ``latency_ms`` is the time of all of them. Raises ``NoChampionError`` while no field is served and
    ``UnknownFieldError`` for a field nobody knows.
    """
    started = time.perf_counter()
    if not snapshot.served and not snapshot.elsewhere:
        raise NoChampionError(why_unready(snapshot))
    columns = {field: _column(snapshot, field, questions, wish) for field in asked_fields(snapshot, wish.fields)}
    elapsed = round((time.perf_counter() - started) * 1000, 2)
    return [
        Answer(
            prediction_id=str(ULID()),
            ticket_id=question.ticket_id,
            predictions=(found := {field: column[row][0] for field, column in columns.items()}),
            warnings=list(dict.fromkeys((*(word for column in columns.values() for word in column[row][1]),
                                         *person_in_group(snapshot, wish, found)))),
            latency_ms=elapsed,
        )
        for row, question in enumerate(questions)
    ]


def why_unready(snapshot: Snapshot) -> str:
    """Return why nothing can be answered."""
    if snapshot.refused:
        return "; ".join(f"{each.model}/{each.version} is refused: {each.reason}" for each in snapshot.refused)
    return snapshot.problem or "no champion has been published yet"


def asked_fields(snapshot: Snapshot, asked: tuple[str, ...] | None) -> tuple[str, ...]:
    """Return the fields to answer, each once, in the order asked; ``UnknownFieldError`` for one nobody knows."""
    if asked is None:
        return snapshot.usual or tuple(snapshot.served)
    for index, field in enumerate(asked):
        if field not in snapshot.served:
            known = {*snapshot.served, *snapshot.elsewhere, *snapshot.fields, *KNOWN_FIELDS}
            if field not in known:
                raise UnknownFieldError(field, index, sorted(known))
    return tuple(dict.fromkeys(asked))


def _column(snapshot: Snapshot, field: str, questions: Sequence[Question], wish: Wish) -> Column:
    """Return one field of every ticket with its warnings."""
    served = snapshot.served.get(field)
    if served is None:
        code = "not_here" if field in snapshot.elsewhere else "no_champion"
        counted().unavailable(field, code)
        return [(Unavailable("unavailable", code), ())] * len(questions)
    started = time.perf_counter()
    found = _decided(served, snapshot, questions, wish)
    counted().scored(served.champion.model, time.perf_counter() - started)
    decisions: dict[str, int] = {}
    for prediction, _ in found:
        if isinstance(prediction, Prediction):
            decisions[prediction.decision] = decisions.get(prediction.decision, 0) + 1
    for decision, count in decisions.items():
        counted().predicted(field, served.champion.model, served.champion.version, decision, count)
    return found


def _decided(served: Served, snapshot: Snapshot, questions: Sequence[Question], wish: Wish) -> Column:
    """Have all tickets scored at once; where that fails, each alone, so that one ticket spoils no other's answer."""
    try:
        return ANSWERS[served.family](served, snapshot, questions, wish)
    except Exception as error:
        if len(questions) > 1:
            return [_decided(served, snapshot, [each], wish)[0] for each in questions]
        logger.error("scoring failed", extra={"facts": {"model": served.label, **without_text(error)}})
        counted().unavailable(served.field, "scoring_failed")
        return [(Unavailable("unavailable", "scoring_failed"), ())]
