from collections.abc import Callable
from datetime import timedelta

import pytest

from fenzhen.simulate.history import History
from fenzhen.simulate.tickets import Ticket


def left_share(history: History, met: set[str], among: set[str]) -> tuple[float, float]:
    """Return the share that left of customers who met something, and of the others."""
    left, others = set(history.loyalty.left), among - met
    return len(met & left) / len(met), len(others & left) / len(others)


@pytest.mark.parametrize(("bad", "ratio"), [
    (lambda ticket: ticket.scene.repeat, 2.0),
    (lambda ticket: ticket.journey.reopened_at is not None, 1.3),
    (lambda ticket: ticket.csat is not None and ticket.csat <= 2, 1.3),
    (lambda ticket: ticket.journey.responded_at - ticket.created_at > timedelta(hours=16), 1.2),
], ids=["repeat repair", "reopened", "low mark", "late answer"])
def test_bad_service_makes_customers_leave(bad: Callable[[Ticket], bool], ratio: float, history: History):
    served = {ticket.scene.customer.customer_id for ticket in history.tickets}
    met = {ticket.scene.customer.customer_id for ticket in history.tickets if bad(ticket)}
    with_it, without = left_share(history, met, served)
    assert with_it > ratio * without


def test_a_device_that_fails_again_makes_its_customer_likelier_to_leave(history: History):
    owners = {device.customer.customer_id for device in history.fleet.devices}
    failed = [each.device for each in history.fleet.breakdowns if not each.prevented]
    again = {device.customer.customer_id for device in failed if failed.count(device) > 1}
    with_it, without = left_share(history, again, owners)
    assert with_it > 1.5 * without


def test_the_base_rate_is_that_of_a_service_company(history: History):
    assert 0.1 < len(history.loyalty.left) / len(history.company.customers) < 0.3
    assert all(history.start <= day < history.company.until for day in history.loyalty.left.values())


def test_renewals_are_when_many_leave(history: History):
    customers = {customer.customer_id: customer for customer in history.company.customers}
    at_renewal = sum(customers[each].renewal_after(day) == day for each, day in history.loyalty.left.items())
    assert 0.08 < at_renewal / len(history.loyalty.left) < 0.6


def test_a_former_customer_writes_no_more(history: History):
    left = history.loyalty.left
    late = [ticket for ticket in history.tickets
            if (day := left.get(ticket.scene.customer.customer_id)) and ticket.created_at.date() > day]
    assert len(late) < 0.005 * len(history.tickets)
