"""What is asked: tickets, and what is wanted of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from serving.answers import Prediction, Unavailable
from serving.schemas import Assignee, Ticket

__all__ = ["Column", "Question", "Wish", "question_of"]

Column = list[tuple[Prediction | Unavailable, Sequence[str]]]
"""One field of every ticket, with its warnings."""


@dataclass(frozen=True, slots=True)
class Question:
    """One ticket: its texts and id, and all that was sent of it (``ticket``, shaped like the API's)."""

    subject: str | None
    body: str | None
    ticket_id: str | None = None
    ticket: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked about tickets.

    ``fields`` None asks for all that are served; ``assignees`` None offers a ticket to everybody who is known.
    """

    fields: tuple[str, ...] | None = None
    top_k: int = 3
    explain: bool = False
    assignees: Sequence[Assignee] | None = None


def question_of(ticket: Ticket) -> Question:
    """Return what models read of a ticket."""
    return Question(ticket.subject, ticket.body, ticket.id, ticket.model_dump(exclude_none=True))
