"""``POST /v1/triage/batch``: each ticket is read on its own, those that can be read are answered together."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from serving.answers import Answer
from serving.body import field_error
from serving.champions import Snapshot
from serving.flat import Flat, flat
from serving.predictor import answer_many
from serving.problems import MOST_ERRORS, FieldError
from serving.questions import Question, Wish, question_of
from serving.schemas import BatchItem, BatchRequest


@dataclass(frozen=True, slots=True)
class Answered:
    """A ticket that was answered. 已预测。"""

    status: Literal["ok"]
    answer: Answer


@dataclass(frozen=True, slots=True)
class Misread:
    """A ticket that does not have the expected shape. 格式有误。"""

    status: Literal["invalid"]
    errors: Annotated[list[FieldError], Field(description="Where, as JSON paths, and what. 错误位置与说明。")]


@dataclass(frozen=True, slots=True)
class BatchAnswer:
    """The answers to many tickets, in their order. 批量预测结果,次序与请求一致。"""

    items: list[Answered | Misread]
    latency_ms: Annotated[float, Field(description="Time spent on all of them, in milliseconds. 用时(毫秒)。")]


@dataclass(frozen=True, slots=True)
class Batch:
    """The tickets of a batch that can be read, and what is wrong with the others."""

    questions: list[Question]
    places: list[int]
    misread: dict[int, Misread]


def read_batch(request: BatchRequest) -> Batch:
    """Read each item on its own."""
    batch = Batch([], [], {})
    for index, item in enumerate(request.items):
        try:
            ticket = BatchItem.model_validate(item).ticket
        except ValidationError as error:
            batch.misread[index] = _misread(error, index)
        else:
            batch.questions.append(question_of(ticket))
            batch.places.append(index)
    return batch


def answer_batch(snapshot: Snapshot, batch: Batch, wish: Wish) -> tuple[BatchAnswer, Sequence[Answer]]:
    """Return the whole answer, and the answers within it."""
    started = time.perf_counter()
    answers = answer_many(snapshot, batch.questions, wish)
    items: dict[int, Answered | Misread] = dict(batch.misread)
    items.update((place, Answered("ok", each)) for place, each in zip(batch.places, answers, strict=True))
    elapsed = round((time.perf_counter() - started) * 1000, 2)
    return BatchAnswer([items[index] for index in range(len(items))], elapsed), answers


_ADAPTER = TypeAdapter(BatchAnswer)


def batch_json(answer: BatchAnswer) -> bytes:
    """Return a batch's answer as JSON, by its declared shape: finding it out value by value takes twice as long."""
    return _ADAPTER.dump_json(answer)


def flat_batch(answer: BatchAnswer) -> dict[str, Any]:
    """Return a batch's answer with each ticket flat."""
    items: list[Flat | Misread] = [
        each if isinstance(each, Misread) else {"status": each.status, **flat(each.answer)} for each in answer.items
    ]
    return {"items": items, "latency_ms": answer.latency_ms}


def _misread(error: ValidationError, index: int) -> Misread:
    found = error.errors(include_url=False, include_input=False)[:MOST_ERRORS]
    return Misread("invalid", [field_error(each, ("items", index)) for each in found])
