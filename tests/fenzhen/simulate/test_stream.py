from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from fenzhen.errors import SettingsError
from fenzhen.simulate import fresh_team, fresh_tickets
from fenzhen.simulate.company import Company
from fenzhen.simulate.tickets import Ticket

AFTER = datetime(2026, 11, 22)


def test_fresh_tickets_come_from_the_same_company_after_its_history(company: Company, tickets: Sequence[Ticket]):
    fresh = fresh_tickets(1, 60, AFTER)
    customers = {customer.customer_id: customer.tier for customer in company.customers}
    assert len(fresh) == 60
    for item in fresh:
        ticket = item["ticket"]
        assert customers[ticket["customer"]["id"]] == ticket["customer"]["customer_tier"]
        assert datetime(2026, 11, 21, 16, tzinfo=UTC) <= datetime.fromisoformat(ticket["created_at"])
        assert datetime.fromisoformat(ticket["created_at"]) < datetime(2026, 11, 22, 16, tzinfo=UTC)
    assert len({item["ticket"]["id"] for item in fresh}) == 60
    assert len({item["ticket"]["body"] for item in fresh} - {ticket.body for ticket in tickets}) > 45


def test_fresh_tickets_are_shaped_for_the_api():
    item = fresh_tickets(1, 1, AFTER)[0]
    assert set(item) == {"ticket", "truth"}
    assert set(item["ticket"]) - {"device_id"} == {
        "id", "subject", "body", "channel", "created_at", "customer", "product", "context"}


def test_the_truth_is_in_the_taxonomy(company: Company):
    for item in fresh_tickets(1, 40, AFTER):
        assert company.bank.topics[item["truth"]["subcategory"]].category == item["truth"]["category"]


def test_fresh_tickets_are_deterministic_and_aware_times_mean_the_same():
    assert fresh_tickets(3, 5, AFTER) == fresh_tickets(3, 5, datetime(2026, 11, 21, 16, tzinfo=UTC))


def test_no_tickets_and_an_empty_span():
    assert fresh_tickets(1, 0, AFTER) == []
    with pytest.raises(SettingsError, match="expected n >= 0 and a span"):
        fresh_tickets(1, 3, AFTER, before=AFTER)


def test_the_truth_asks_for_somebody_who_is_at_work():
    at_work = {each["id"]: each["group"] for each in fresh_team(1, AFTER) if each["status"] == "online"}
    for item in fresh_tickets(1, 40, AFTER):
        assert at_work[item["truth"]["assignee"]] == item["truth"]["group"]
        assert item["truth"]["priority"] in ("紧急", "高", "中", "低")


def test_the_team_is_shaped_for_the_api_and_has_room():
    team = fresh_team(1, AFTER)
    assert all(0 <= each["open_tickets"] < each["capacity"] for each in team)
    assert len({each["id"] for each in team}) == len(team)
    assert any(each["skills"] for each in team)


def test_somebody_is_on_leave_some_days():
    days = [fresh_team(1, datetime(2026, 11, day)) for day in range(1, 30, 7)]
    assert any(each["status"] == "offline" for team in days for each in team)
