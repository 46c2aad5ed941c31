"""Tickets as rows of an export: canonical column to cell as text; "-" is missing."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from fenzhen.simulate.tickets import Ticket

__all__ = ["Row", "ticket_row", "trial_rows"]

Row = dict[str, str]

MISSING = "-"
TRIAL_ROWS = 4


def ticket_row(ticket: Ticket) -> Row:
    """Return ``ticket`` as exported; labels, status and satisfaction stay empty until it is resolved."""
    filing, resolved = ticket.filing, ticket.filing.resolved_at
    labels = {
        "category": filing.category, "subcategory": filing.subcategory or MISSING, "sentiment": filing.sentiment,
        "request_type": filing.request_type, "priority": filing.priority,
    }
    return {
        "ticket_id": ticket.ticket_id, "created_at": _time(ticket.created_at), "subject": ticket.subject,
        "body": ticket.body, "channel": ticket.scene.channel, "customer_id": ticket.customer_id or MISSING,
        "product": ticket.product or MISSING, "device_id": ticket.device_id or MISSING,
        "region": ticket.scene.customer.region, "first_response_at": _time(filing.first_response_at),
        **(labels if resolved else dict.fromkeys(labels, "")),
        "status": "已关闭" if resolved else "处理中", "resolved_at": _time(resolved) if resolved else "",
        "csat": str(filing.csat) if filing.csat else "",
    }


def trial_rows(tickets: Sequence[Ticket]) -> list[Row]:
    """Return rows that somebody filed to try the system out; the workspace filters them by their channel."""
    return [_trial_row(number, ticket.created_at) for number, ticket in enumerate(tickets[:TRIAL_ROWS])]


def _trial_row(number: int, moment: datetime) -> Row:
    return {"ticket_id": f"TEST{number + 1:03d}", "created_at": _time(moment + timedelta(minutes=7)),
            "subject": "测试工单", "body": "测试,请忽略", "channel": "测试", "status": "已关闭"}


def _time(moment: datetime) -> str:
    return f"{moment:%Y/%m/%d %H:%M:%S}"
