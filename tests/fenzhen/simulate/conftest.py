"""One small company and its tickets, drawn once."""

from datetime import date

import pytest

from fenzhen.simulate.company import Company, build_company
from fenzhen.simulate.tickets import Ticket, draw_tickets

UNTIL = date(2026, 11, 22)


@pytest.fixture(scope="session")
def company() -> Company:
    """The company of seed 1."""
    return build_company(1, UNTIL)


@pytest.fixture(scope="session")
def tickets(company: Company) -> list[Ticket]:
    """A year of its tickets, thinned out."""
    return draw_tickets(company, 1500, 365)
