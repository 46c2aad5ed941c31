"""What calls accept, with its limits. Unknown fields are refused by name."""

from serving.schemas.facts import EVENTS_LIMIT, Event, Feedback, ModeRequest
from serving.schemas.queue import AssignOptions, AssignRequest, QueuedTicket
from serving.schemas.team import Assignee, AssigneeRequest
from serving.schemas.tickets import (
    BODY_LIMIT,
    SUBJECT_LIMIT,
    BatchItem,
    BatchRequest,
    ClassifyRequest,
    Customer,
    Options,
    RouteRequest,
    Ticket,
    TriageRequest,
)
from serving.schemas.values import LONGEST_ID, Id, Name, StrictRequest, Time, Word, without_nul

__all__ = [
    "BODY_LIMIT",
    "EVENTS_LIMIT",
    "LONGEST_ID",
    "SUBJECT_LIMIT",
    "AssignOptions",
    "AssignRequest",
    "Assignee",
    "AssigneeRequest",
    "BatchItem",
    "BatchRequest",
    "ClassifyRequest",
    "Customer",
    "Event",
    "Feedback",
    "Id",
    "ModeRequest",
    "Name",
    "Options",
    "QueuedTicket",
    "RouteRequest",
    "StrictRequest",
    "Ticket",
    "Time",
    "TriageRequest",
    "Word",
    "without_nul",
]
