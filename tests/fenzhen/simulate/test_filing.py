from collections import Counter
from collections.abc import Callable, Sequence
from statistics import fmean

import pytest

from fenzhen.simulate.filing import DANGER, PRIORITIES
from fenzhen.simulate.tickets import Ticket


def urgency_of(tickets: Sequence[Ticket], among: Callable[[Ticket], bool]) -> float:
    return fmean(PRIORITIES.index(ticket.filing.priority) for ticket in tickets if among(ticket))


def test_safety_words_make_a_ticket_urgent_almost_always(tickets: Sequence[Ticket]):
    dangerous = [ticket.filing.priority for ticket in tickets
                 if any(word in ticket.subject + ticket.body for word in DANGER)]
    assert len(dangerous) > 20
    assert 0.85 < dangerous.count("紧急") / len(dangerous) < 1


@pytest.mark.parametrize(("more", "less", "by"), [
    (lambda ticket: ticket.scene.customer.tier == "VIP", lambda ticket: ticket.scene.customer.tier == "普通", 0.5),
    (lambda ticket: ticket.scene.repeat, lambda ticket: ticket.scene.is_repair and not ticket.scene.repeat, 0.3),
    (lambda ticket: ticket.scene.topic.name == "无法联网", lambda ticket: ticket.scene.topic.name == "使用咨询", 0.8),
    (lambda ticket: ticket.scene.request == "投诉", lambda ticket: ticket.scene.request == "咨询", 0.5),
    (lambda ticket: ticket.scene.in_warranty, lambda ticket: not ticket.scene.in_warranty, 0.1),
], ids=["tier", "repeat repair", "topic", "complaint", "warranty"])
def test_each_cause_raises_the_priority(
        more: Callable[[Ticket], bool], less: Callable[[Ticket], bool], by: float, tickets: Sequence[Ticket]):
    assert urgency_of(tickets, more) > urgency_of(tickets, less) + by


def test_every_priority_is_common_enough_to_learn(tickets: Sequence[Ticket]):
    counts = Counter(ticket.filing.priority for ticket in tickets)
    assert counts["紧急"] > 100
    assert min(counts["低"], counts["中"], counts["高"]) > 400


def test_bad_service_costs_satisfaction(tickets: Sequence[Ticket]):
    marks = {came_back: fmean(ticket.csat for ticket in tickets if ticket.csat
                              and (ticket.scene.repeat or ticket.journey.reopened_at is not None) == came_back)
             for came_back in (True, False)}
    assert marks[True] < marks[False] - 0.5
