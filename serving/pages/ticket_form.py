"""The ticket that a form holds: its texts, its id, and what recommending somebody may need beside."""

import re
from collections.abc import Mapping
from typing import Any

from serving.questions import Question
from serving.schemas import BODY_LIMIT, SUBJECT_LIMIT

__all__ = ["EMPTY", "EXTRAS", "ID_LIMIT", "extras_of", "question_of", "what_is_wrong"]

ID_LIMIT = 200
EXTRAS = ("customer_id", "customer_tier", "product", "channel", "needs")
EMPTY = Question("", "", "")


def question_of(sent: Mapping[str, str]) -> Question:
    """Return the ticket that a form holds; skills that it needs are parted by commas or semicolons.

    >>> question_of({"subject": "卡纸", "customer_id": "C9", "needs": "打印机;网络"}).ticket
    {'subject': '卡纸', 'body': '', 'customer': {'id': 'C9'}, 'needs': ['打印机', '网络']}
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
    return Question(subject, body, ticket_id, ticket)


def extras_of(question: Question) -> dict[str, str]:
    """Return what a form showed beside the texts, by name; the empty text where nothing was given."""
    ticket, customer = question.ticket, question.ticket.get("customer") or {}
    return {
        "customer_id": customer.get("id", ""), "customer_tier": customer.get("customer_tier", ""),
        "product": ticket.get("product", ""), "channel": ticket.get("channel", ""),
        "needs": ";".join(ticket.get("needs", ())),
    }


def what_is_wrong(question: Question) -> str | None:
    """Return the name of the words for what is wrong with a ticket, if anything is."""
    subject, body = question.subject or "", question.body or ""
    short = (question.ticket_id or "", *extras_of(question).values())
    if len(subject) > SUBJECT_LIMIT or len(body) > BODY_LIMIT or any(len(each) > ID_LIMIT for each in short):
        return "triage.too_long"
    return None if (subject + body).strip() else "triage.empty_ticket"
