"""Tickets and their log as rows of an export: canonical column to cell as text; "-" is missing."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from fenzhen.simulate.intake import ENTRY, WARRANTY, warranty_of
from fenzhen.simulate.tickets import Ticket

__all__ = ["MISSING", "Row", "event_rows", "ticket_row", "time_text", "trial_rows"]

Row = dict[str, str]

MISSING = "-"
TRIAL_ROWS = 4


def ticket_row(ticket: Ticket, end: datetime) -> Row:
    """Return ``ticket`` as exported at ``end``; labels and satisfaction stay empty until it is resolved."""
    filing, resolved, person = ticket.filing, ticket.resolved_at, ticket.journey.person
    labels = {
        "category": filing.category, "subcategory": filing.subcategory or MISSING, "sentiment": filing.sentiment,
        "request_type": filing.request_type, "priority": filing.priority,
    }
    responded = ticket.journey.responded_at
    return {
        "ticket_id": ticket.ticket_id, "created_at": time_text(ticket.created_at), "subject": ticket.subject,
        "body": ticket.body, "channel": ticket.scene.channel, "customer_id": ticket.customer_id or MISSING,
        "product": ticket.product or MISSING, "device_id": ticket.device_id or MISSING,
        "region": ticket.scene.customer.region, WARRANTY: warranty_of(ticket.scene), ENTRY: ticket.entry,
        "group": person.group, "assignee_id": person.assignee_id,
        "first_response_at": time_text(responded) if responded < end else "",
        **(labels if resolved else dict.fromkeys(labels, "")),
        "status": "已关闭" if resolved else "处理中", "resolved_at": time_text(resolved) if resolved else "",
        "csat": str(ticket.csat) if ticket.csat else "",
    }


def event_rows(tickets: Sequence[Ticket]) -> list[Row]:
    """Return the tickets' log in order of time: who had which ticket when."""
    rows = [(step.at, ticket.ticket_id, step) for ticket in tickets for step in ticket.journey.steps]
    rows.sort(key=lambda row: row[:2])
    return [{"ticket_id": ticket_id, "at": time_text(at), "event": step.event,
             "group": step.person.group if step.person else MISSING,
             "assignee_id": step.person.assignee_id if step.person else MISSING} for at, ticket_id, step in rows]


def trial_rows(tickets: Sequence[Ticket]) -> list[Row]:
    """Return rows that somebody filed to try the system out; the workspace filters them by their channel."""
    return [_trial_row(number, ticket.created_at) for number, ticket in enumerate(tickets[:TRIAL_ROWS])]


def _trial_row(number: int, moment: datetime) -> Row:
    return {"ticket_id": f"TEST{number + 1:03d}", "created_at": time_text(moment + timedelta(minutes=7)),
            "subject": "测试工单", "body": "测试,请忽略", "channel": "测试", "status": "已关闭"}


def time_text(moment: datetime) -> str:
    """Return a local time as the systems write it."""
    return f"{moment:%Y/%m/%d %H:%M:%S}"
