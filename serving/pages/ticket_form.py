"""The ticket that a form holds: its texts, its id, and what models may read beside.

What every form asks for are ``EXTRAS``; further columns are a workspace's own, by names that may be any text.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from features.filed_fields import CONTRACT_FIELDS
from serving.pages.forms import plain_text
from serving.questions import Question
from serving.schemas import BODY_LIMIT, SUBJECT_LIMIT, Ticket

__all__ = ["COLUMN", "EMPTY", "EXTRAS", "ID_LIMIT", "columns_of", "extras_of", "question_of", "what_is_wrong"]

ID_LIMIT = 200
EXTRAS = ("customer_id", "customer_tier", "product", "channel", "needs")
COLUMN = "column."
"""What the names of inputs of further columns begin with."""
EMPTY = Question("", "", "")
_OF_TICKETS = tuple(name for name in CONTRACT_FIELDS if name in Ticket.model_fields and name not in EXTRAS)
"""Further columns that the API's ticket has a place of its own for; all others are its context."""


def question_of(sent: Mapping[str, str], columns: Iterable[str] = ()) -> Question:
    """Return the ticket that a form with these further columns holds; its skills are parted by commas or semicolons.

    >>> question_of({"subject": "卡纸", "customer_id": "C9", "needs": "打印机;网络"}).ticket
    {'subject': '卡纸', 'body': '', 'customer': {'id': 'C9'}, 'needs': ['打印机', '网络']}
    >>> question_of({"column.region": "华东", "column.保修": "在保"}, ["region", "保修"]).ticket
    {'subject': '', 'body': '', 'region': '华东', 'context': {'保修': '在保'}}
    """
    subject, body, ticket_id = sent.get("subject", ""), sent.get("body", ""), sent.get("ticket_id", "").strip() or None
    given = {name: text for name in EXTRAS if (text := sent.get(name, "").strip())}
    ticket: dict[str, Any] = {"subject": subject, "body": body} | ({"id": ticket_id} if ticket_id else {})
    customer = {key: given[name] for key, name in (("id", "customer_id"), ("customer_tier", "customer_tier"))
                if name in given}
    if customer:
        ticket["customer"] = customer
    ticket |= {name: given[name] for name in ("product", "channel") if name in given}
    if "needs" in given:
        parts = re.split("[;,\uff1b\uff0c\u3001]", given["needs"])
        ticket["needs"] = [part.strip() for part in parts if part.strip()]
    return Question(subject, body, ticket_id, ticket | _further(sent, columns))


def _further(sent: Mapping[str, str], columns: Iterable[str]) -> dict[str, Any]:
    """Return what was given of further columns, where the API's ticket has them."""
    given = {name: text for name in columns if (text := sent.get(plain_text(COLUMN + name), "").strip())}
    context = {name: text for name, text in given.items() if name not in _OF_TICKETS}
    own = {name: text for name, text in given.items() if name in _OF_TICKETS}
    return own | ({"context": context} if context else {})


def extras_of(question: Question) -> dict[str, str]:
    """Return what a form showed beside the texts, by name; the empty text where nothing was given."""
    ticket, customer = question.ticket, question.ticket.get("customer") or {}
    return {
        "customer_id": customer.get("id", ""), "customer_tier": customer.get("customer_tier", ""),
        "product": ticket.get("product", ""), "channel": ticket.get("channel", ""),
        "needs": ";".join(ticket.get("needs", ())),
    }


def columns_of(question: Question, columns: Iterable[str]) -> dict[str, str]:
    """Return what a form showed of further columns, by name; the empty text where nothing was given."""
    ticket, context = question.ticket, question.ticket.get("context") or {}
    return {name: (ticket if name in _OF_TICKETS else context).get(name, "") for name in columns}


def what_is_wrong(question: Question) -> str | None:
    """Return the name of the words for what is wrong with a ticket, if anything is."""
    subject, body = question.subject or "", question.body or ""
    further = columns_of(question, (*_OF_TICKETS, *question.ticket.get("context", ())))
    short = (question.ticket_id or "", *extras_of(question).values(), *further.values())
    if len(subject) > SUBJECT_LIMIT or len(body) > BODY_LIMIT or any(len(each) > ID_LIMIT for each in short):
        return "triage.too_long"
    return None if (subject + body).strip() else "triage.empty_ticket"
