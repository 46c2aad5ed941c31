from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from statistics import median

from fenzhen.simulate.desk import right_group
from fenzhen.simulate.tickets import Ticket


def hours_to_answer(tickets: list[Ticket]) -> float:
    return median((ticket.journey.responded_at - ticket.created_at).total_seconds() / 3600 for ticket in tickets)


def was_moved(ticket: Ticket) -> bool:
    return sum(step.event == "assigned" for step in ticket.journey.steps) > 1


def test_steps_are_in_order_and_begin_with_creation_and_assignment(tickets: Sequence[Ticket]):
    for ticket in tickets:
        times = [step.at for step in ticket.journey.steps]
        assert times[0] == ticket.created_at
        assert times == sorted(times)
        assert [step.event for step in ticket.journey.steps[:2]] in (["created", "assigned"], ["created"])


def test_some_tickets_are_misrouted_and_come_to_the_right_group_in_the_end(tickets: Sequence[Ticket]):
    moved = [ticket for ticket in tickets if was_moved(ticket)]
    assert 0.06 < len(moved) / len(tickets) < 0.2
    whole = [ticket for ticket in tickets if ticket.resolved_at]
    assert all(ticket.journey.person.group == right_group(ticket.scene) for ticket in whole)


def test_vague_tickets_are_misrouted_more_often(tickets: Sequence[Ticket]):
    moved = {vague: [was_moved(ticket) for ticket in tickets if ticket.scene.vague == vague]
             for vague in (True, False)}
    assert sum(moved[True]) / len(moved[True]) > 1.5 * sum(moved[False]) / len(moved[False])


def test_the_final_person_and_the_resolution_stand_in_the_log(tickets: Sequence[Ticket]):
    resolved = [ticket for ticket in tickets if ticket.resolved_at]
    assert resolved
    for ticket in resolved:
        solved = [step for step in ticket.journey.steps if step.event == "resolved"]
        assert solved[-1].at == ticket.resolved_at
        assert solved[-1].person == ticket.journey.person
        assert len(solved) == 1 + (ticket.journey.reopened_at is not None)


def test_urgent_tickets_are_answered_sooner_but_some_wait(tickets: Sequence[Ticket]):
    by_priority = {priority: [ticket for ticket in tickets if ticket.filing.priority == priority]
                   for priority in ("紧急", "中")}
    assert hours_to_answer(by_priority["紧急"]) < 0.5 * hours_to_answer(by_priority["中"])
    assert any(ticket.journey.responded_at - ticket.created_at > timedelta(hours=16) for ticket in by_priority["紧急"])


def test_those_who_are_no_specialists_take_longer_and_get_tickets_back(tickets: Sequence[Ticket]):
    skilled, others = ([ticket for ticket in tickets if ticket.resolved_at and not ticket.scene.repaired_at
                        and ticket.journey.person.masters(ticket.scene.topic.name, ticket.scene.product.kind) is wanted]
                       for wanted in (True, False))
    hours = [median((each.resolved_at - each.created_at) / timedelta(hours=1) for each in kind if each.resolved_at)
             for kind in (skilled, others)]
    reopened = [sum(each.journey.reopened_at is not None for each in kind) / len(kind) for kind in (skilled, others)]
    assert hours[1] > 1.15 * hours[0]
    assert reopened[1] > 1.6 * reopened[0]


def test_every_kind_of_step_happens(tickets: Sequence[Ticket]):
    counts = Counter(step.event for ticket in tickets for step in ticket.journey.steps)
    assert set(counts) == {"created", "assigned", "responded", "waiting_customer", "resolved", "reopened", "closed"}
    assert counts["created"] == len(tickets)
