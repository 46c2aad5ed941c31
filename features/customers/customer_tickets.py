"""What a customer went through with the helpdesk: tickets, repeat repairs, waiting, satisfaction, complaints.

Every cell is as known at the moment: a ticket still open has no category, satisfaction or close time yet.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.customers.entity_facts import EntityFacts, ages, codes_of, ratio
from fenzhen.tables import absent_columns

__all__ = ["RECENT", "TICKETS", "TicketWords", "complains", "complaint_facts", "customer_tickets", "recent_and_usual"]

Float64 = NDArray[np.float64]
Mask = NDArray[np.bool_]
RECENT, YEAR = 90, 365
_COUNTED = ("tickets", "tickets_reopened", "repeat_repairs", "escalations", "complaints", "waiting_customer")
TICKETS = (
    *(f"{name}_{window}" for name in _COUNTED for window in ("90d", "usual_90d")), "tickets_365d", "tickets_open",
    "open_days_max", "days_since_ticket", "days_since_complaint", "first_response_hours_median_90d",
    "first_response_hours_median_365d", "resolution_hours_median_90d", "resolution_hours_median_365d",
    "csat_mean_90d", "csat_mean_365d", "csat_last", "nps_last", "negative_sentiment_share_365d",
)
"""``usual_90d``: what 90 days held on average in the year before the last 90 days, NaN for who is known under 180."""


@dataclass(frozen=True, slots=True)
class TicketWords:
    """Which recorded values mean what: a complaint in category, request type or tags; a bad mood; an emergency."""

    complaint: Collection[str] = ("投诉", "complaint")
    negative: Collection[str] = ("负面", "消极", "negative", "0")
    escalated: Collection[str] = ("升级", "escalated", "escalation")
    urgent: Collection[str] = ("紧急", "urgent", "critical")


def customer_tickets(tables: Mapping[str, pd.DataFrame], customers: pd.Index, known_days: Float64, as_of: pd.Timestamp,
                     words: TicketWords) -> dict[str, Float64]:
    """Return the columns ``TICKETS``, float64 of shape (customers,), from tickets and their events before ``as_of``.

    ``known_days`` says for how long each customer has been known. Counts of a customer without tickets are 0, medians
    and means NaN. A repeat repair is a ticket on a device that had another one in the 90 days before. Hours run from
    creation; the window of a resolution is that of its ticket's creation. Without close times in the source nothing is
    known of open tickets (NaN).
    """
    tickets = tables["tickets"]
    facts = EntityFacts.of(tickets["customer_id"], tickets["created_at"], customers, as_of)
    found = {"tickets_365d": facts.count(YEAR), "days_since_ticket": facts.youngest()}
    found |= recent_and_usual("tickets", facts, known_days)
    for name, mask in (("repeat_repairs", repeats(tickets)), ("escalations", _escalated(tickets, words))):
        found |= recent_and_usual(name, facts.where(mask[facts.rows]), known_days)
    for name, event in (("tickets_reopened", "reopened"), ("waiting_customer", "waiting_customer")):
        events = _events(tables["ticket_events"], tickets, customers, as_of, event)
        found |= recent_and_usual(name, events, known_days)
    complaints = complaint_facts(tables, customers, as_of, words)
    found |= recent_and_usual("complaints", complaints, known_days)
    found["days_since_complaint"] = complaints.youngest()
    found |= _open(tickets, facts) | _speed(tickets, facts) | _satisfaction(tickets, facts, words)
    return {name: found[name] for name in TICKETS}


def recent_and_usual(name: str, facts: EntityFacts, known_days: Float64,
                     values: Float64 | None = None) -> dict[str, Float64]:
    """Return a count (or a sum of ``values``) of the last 90 days, and what 90 days held in the year before them."""
    amount = np.ones(facts.age.size) if values is None else values
    recent, year = facts.total(amount, RECENT), facts.total(amount, RECENT + YEAR)
    before = np.clip(known_days, None, RECENT + YEAR) - RECENT
    usual = np.where(before >= RECENT, ratio((year - recent) * RECENT, before), np.nan)
    return {f"{name}_90d": recent, f"{name}_usual_90d": usual}


def complaint_facts(tables: Mapping[str, pd.DataFrame], customers: pd.Index, as_of: pd.Timestamp,
                    words: TicketWords) -> EntityFacts:
    """Return complaints: tickets recorded as such, at their creation, and interactions of such a kind."""
    tickets, interactions = tables["tickets"], tables["interactions"]
    code = np.concatenate([codes_of(frame["customer_id"], customers) for frame in (tickets, interactions)])
    age = np.concatenate([ages(tickets["created_at"], as_of), ages(interactions["at"], as_of)])
    complained = np.concatenate([complains(tickets, words), _is_one_of(interactions["kind"], words.complaint)])
    return EntityFacts.coded(code, age, len(customers), complained)


def complains(tickets: pd.DataFrame, words: TicketWords) -> Mask:
    """Return which tickets are recorded as complaints, in category, sub-category, request type or tags."""
    found = _tagged(tickets["tags"], words.complaint)
    for column in ("category", "subcategory", "request_type"):
        found |= _is_one_of(tickets[column], words.complaint)
    return found


def repeats(tickets: pd.DataFrame) -> Mask:
    """Return which tickets are about a device that another ticket was about in the 90 days before."""
    device = pd.factorize(tickets["device_id"])[0]
    created = tickets["created_at"].to_numpy(dtype="datetime64[us]")
    order = np.lexsort((created, device))
    same = np.diff(device[order], prepend=-1) == 0
    soon = np.append(False, np.diff(created[order]) <= np.timedelta64(RECENT, "D"))[:order.size]
    found = np.zeros(order.size, dtype=bool)
    found[order] = same & soon & (device[order] >= 0) & ~np.isnat(created[order])
    return found


def _events(events: pd.DataFrame, tickets: pd.DataFrame, customers: pd.Index, as_of: pd.Timestamp,
            event: str) -> EntityFacts:
    """Return the events of one kind as facts of their tickets' customers."""
    chosen = events[(events["event"] == event).to_numpy(dtype=bool)]
    firsts = tickets[["ticket_id", "customer_id"]].drop_duplicates("ticket_id")
    customer = np.append(codes_of(firsts["customer_id"], customers), -1)
    code = customer[codes_of(chosen["ticket_id"], pd.Index(firsts["ticket_id"]))]
    return EntityFacts.coded(code, ages(chosen["at"], as_of), len(customers))


def _open(tickets: pd.DataFrame, facts: EntityFacts) -> dict[str, Float64]:
    if "resolved_at" in absent_columns(tickets):
        unknown = np.full(facts.entities, np.nan)
        return {"tickets_open": unknown, "open_days_max": unknown}
    waiting = facts.where(tickets["resolved_at"].isna().to_numpy(dtype=bool)[facts.rows])
    return {"tickets_open": waiting.count(), "open_days_max": waiting.oldest()}


def _speed(tickets: pd.DataFrame, facts: EntityFacts) -> dict[str, Float64]:
    found: dict[str, Float64] = {}
    for name, column in (("first_response", "first_response_at"), ("resolution", "resolved_at")):
        taken = (tickets[column] - tickets["created_at"]).dt.total_seconds().to_numpy(dtype=np.float64) / 3600
        hours = np.where(taken >= 0, taken, np.nan)[facts.rows]
        found |= {f"{name}_hours_median_{days}d": facts.median(hours, days) for days in (RECENT, YEAR)}
    return found


def _satisfaction(tickets: pd.DataFrame, facts: EntityFacts, words: TicketWords) -> dict[str, Float64]:
    csat, nps = (tickets[name].to_numpy(dtype=np.float64)[facts.rows] for name in ("csat", "nps"))
    mood = tickets["sentiment"]
    negative = np.where(mood.isna(), np.nan, _is_one_of(mood, words.negative).astype(np.float64))[facts.rows]
    rated, promoted = ~np.isnan(csat), ~np.isnan(nps)
    return {
        "csat_mean_90d": facts.mean(csat, RECENT), "csat_mean_365d": facts.mean(csat, YEAR),
        "csat_last": facts.where(rated).last(csat[rated]), "nps_last": facts.where(promoted).last(nps[promoted]),
        "negative_sentiment_share_365d": facts.mean(negative, YEAR),
    }


def _escalated(tickets: pd.DataFrame, words: TicketWords) -> Mask:
    return _tagged(tickets["tags"], words.escalated) | _is_one_of(tickets["priority"], words.urgent)


def _is_one_of(values: pd.Series, words: Collection[str]) -> Mask:
    found: Mask = values.isin(list(words)).to_numpy(dtype=bool)
    return found


def _tagged(tags: pd.Series, words: Collection[str]) -> Mask:
    """Tags are separated by ``;``; each distinct text is looked at once."""
    code, texts = pd.factorize(tags)
    hit = np.array([bool(set(str(text).split(";")) & set(words)) for text in texts] + [False], dtype=bool)
    found: Mask = hit[code]
    return found
