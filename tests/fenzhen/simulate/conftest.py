"""One small company and what happened to it, drawn once."""

from collections.abc import Sequence
from datetime import date

import pytest

from fenzhen.simulate.company import Company, build_company
from fenzhen.simulate.history import History, draw_history
from fenzhen.simulate.tickets import Ticket

UNTIL = date(2026, 11, 22)


@pytest.fixture(scope="session")
def company() -> Company:
    """The company of seed 1."""
    return build_company(1, UNTIL)


@pytest.fixture(scope="session")
def history(company: Company) -> History:
    """A whole year of it, as the demo has."""
    return draw_history(company, 4000, 365)


@pytest.fixture(scope="session")
def tickets(history: History) -> Sequence[Ticket]:
    """The tickets of the year."""
    return history.tickets
