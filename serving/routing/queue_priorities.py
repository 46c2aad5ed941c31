"""How urgent the tickets of a queue are: as the caller says, else as the model of priorities has it."""

from collections.abc import Sequence

from models.priority.urgency import says_urgency, urgency_order, urgency_ranks
from serving.answers import Prediction, Unavailable
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
            found[index] = _likeliest(snapshot, answer.predictions[PRIORITY_FIELD])
    return found, ("priority_unknown",) if None in found else ()


def queue_urgency(
    snapshot: Snapshot, priorities: Sequence[str | None], request: AssignRequest
) -> tuple[list[int], tuple[str, ...]]:
    """Return a rank a ticket, 0 for the most urgent, and warnings.

    The order is the caller's, else that of the model of priorities where it knows all of them, else that of their
    names. ``unknown_priority``: one is not in the caller's order, its name does not say how urgent it is, or it stands
    among the model's without being one of them.
    """
    known = {each for each in priorities if each is not None}
    served = snapshot.served.get(PRIORITY_FIELD)
    fitted = served.classes if served is not None else ()
    if request.options.priorities:
        order, strange = request.options.priorities, known - set(request.options.priorities)
    elif known <= set(fitted):
        order, strange = list(fitted), set()
    else:
        order, mixed = urgency_order(known), not known.isdisjoint(fitted)
        strange = {each for each in known - set(fitted) if mixed or not says_urgency(each)}
    return urgency_ranks(priorities, order), ("unknown_priority",) if strange else ()


def _likeliest(snapshot: Snapshot, found: Prediction | Unavailable) -> str | None:
    """Return the priority that an answer leans to, be it ever so unsure; None where the field is switched off."""
    if not isinstance(found, Prediction):
        return None
    leaning = found.value or found.model_value
    switched_off = leaning is not None and snapshot.policy.mode(PRIORITY_FIELD, leaning) == "off"
    return None if switched_off else leaning
