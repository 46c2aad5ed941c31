"""How urgent the tickets of a queue are: as the caller says, else as the model of priorities has it."""

from collections.abc import Sequence

from models.urgency import urgency_order, urgency_ranks
from serving.champions import Snapshot
from serving.families import PRIORITY_FIELD
from serving.predictor import answer_many
from serving.questions import Wish, question_of
from serving.schemas import AssignRequest

__all__ = ["queue_priorities", "queue_urgency"]


def queue_priorities(snapshot: Snapshot, request: AssignRequest) -> tuple[list[str | None], tuple[str, ...]]:
    """Return each ticket's priority, None where nobody knows it (``priority_unknown``), and warnings."""
    found = [each.priority or None for each in request.tickets]
    open_ = [index for index, priority in enumerate(found) if priority is None]
    if open_ and PRIORITY_FIELD in snapshot.served:
        questions = [question_of(request.tickets[index].ticket) for index in open_]
        for index, answer in zip(open_, answer_many(snapshot, questions, Wish((PRIORITY_FIELD,))), strict=True):
            found[index] = getattr(answer.predictions[PRIORITY_FIELD], "model_value", None)
    return found, ("priority_unknown",) if None in found else ()


def queue_urgency(
    priorities: Sequence[str | None], request: AssignRequest
) -> tuple[list[int], tuple[str, ...]]:
    """Return a rank a ticket, 0 for the most urgent, and warnings (``unknown_priority``: not in the caller's order)."""
    known = {each for each in priorities if each is not None}
    order = request.options.priorities or urgency_order(known)
    return urgency_ranks(priorities, order), ("unknown_priority",) if known - set(order) else ()
