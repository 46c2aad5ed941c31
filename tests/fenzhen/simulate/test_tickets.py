from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from fenzhen.simulate.arrivals import midnight
from fenzhen.simulate.company import Company
from fenzhen.simulate.filing import RETIRED_CATEGORY
from fenzhen.simulate.history import draw_history
from fenzhen.simulate.tickets import Ticket


def test_the_same_company_writes_the_same_tickets(company: Company):
    once, again = (draw_history(company, 150, 40).tickets for _ in range(2))
    assert [(ticket.subject, ticket.body, ticket.filing, ticket.journey) for ticket in once] == [
        (ticket.subject, ticket.body, ticket.filing, ticket.journey) for ticket in again]


def test_tickets_lie_in_the_span_in_order(company: Company, tickets: Sequence[Ticket]):
    times = [ticket.created_at for ticket in tickets]
    assert times == sorted(times)
    assert midnight(company.until - timedelta(days=365)) <= times[0]
    assert times[-1] < midnight(company.until)


def test_a_span_of_one_day_works(company: Company):
    assert len(draw_history(company, 20, 1).tickets) == 20


def test_every_ticket_says_something(tickets: Sequence[Ticket]):
    assert all(ticket.subject.strip() or ticket.body.strip() for ticket in tickets)


def test_texts_hold_no_unfilled_template(tickets: Sequence[Ticket]):
    assert not [ticket.body for ticket in tickets if any(mark in ticket.subject + ticket.body for mark in "{}|")
                and ticket.scene.channel != "邮件"]
    assert not [ticket.body for ticket in tickets if "<other>" in ticket.body or "<title>" in ticket.body]


def test_few_texts_repeat(tickets: Sequence[Ticket]):
    assert len({(ticket.subject, ticket.body) for ticket in tickets}) > 0.96 * len(tickets)


def test_resolution_follows_creation_and_labels_wait_for_it(company: Company, tickets: Sequence[Ticket]):
    waiting = [ticket for ticket in tickets if ticket.resolved_at is None]
    assert 0 < len(waiting) < 0.05 * len(tickets)
    assert {ticket.csat for ticket in waiting} == {None}
    for ticket in tickets:
        if ticket.resolved_at:
            assert ticket.created_at < ticket.journey.responded_at < ticket.resolved_at
            assert ticket.resolved_at < midnight(company.until)


def test_agents_misfile_a_few_in_a_hundred(tickets: Sequence[Ticket]):
    wrong = sum(ticket.filing.category not in (ticket.scene.topic.category, RETIRED_CATEGORY) for ticket in tickets)
    assert 0.01 < wrong / len(tickets) < 0.05


def test_the_retired_category_is_only_filed_early(tickets: Sequence[Ticket]):
    late = tickets[len(tickets) // 2:]
    assert any(ticket.filing.category == RETIRED_CATEGORY for ticket in tickets)
    assert not any(ticket.filing.category == RETIRED_CATEGORY for ticket in late)


def test_air_conditioners_peak_in_summer_and_the_new_robot_comes_late(tickets: Sequence[Ticket]):
    months = {kind: Counter(ticket.created_at.month for ticket in tickets if ticket.scene.product.kind == kind)
              for kind in ("空调", "扫地机器人")}
    assert months["空调"][7] > 2 * months["空调"][3]
    assert months["扫地机器人"][3] == 0
    assert months["扫地机器人"][10] > 0


def test_the_hot_issue_shows_in_its_days(company: Company, tickets: Sequence[Ticket]):
    days = [(company.until - ticket.created_at.date()).days for ticket in tickets if "V3.2.1" in ticket.body]
    assert len(days) > 5
    assert all(8 <= day <= 46 for day in days)  # an impatient customer sends the same words once more


def test_mondays_and_working_hours_are_busier(tickets: Sequence[Ticket]):
    weekdays = Counter(ticket.created_at.weekday() for ticket in tickets)
    hours = Counter(ticket.created_at.hour for ticket in tickets)
    assert weekdays[0] > 1.4 * weekdays[6]
    assert hours[10] > 10 * hours[3]
