"""The days before the company's last one, on which the demo scores customers and devices as if they were today."""

from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fenzhen.workspace import Workspace

TICKETS = "tickets"
DAYS_BACK = (10, 5, 0)
"""Counted back from the first day without facts; the models know nothing from the earliest of them on."""


def cohorts(workspace: "Workspace") -> tuple[list[str], list[str]]:
    """Return the models that answer tickets one by one, and those that score a whole cohort."""
    from models.specs import spec_of

    names = workspace.model_names()
    tables = {name: spec_of(name, workspace.model_settings(name)).table for name in names}
    return ([name for name in names if tables[name] == TICKETS], [name for name in names if tables[name] != TICKETS])


def scored_days(next_day: date) -> list[date]:
    """Return the days to score at, the earliest first; ``next_day`` is the first without facts.

    >>> scored_days(date(2026, 11, 26))
    [datetime.date(2026, 11, 16), datetime.date(2026, 11, 21), datetime.date(2026, 11, 26)]
    """
    return [next_day - timedelta(days=days) for days in DAYS_BACK]


def cohort_commands(models: list[str], next_day: date) -> list[list[str]]:
    """Return the words of the commands that train ``models`` as of the earliest day and score at every one.

    >>> cohort_commands(["churn"], date(2026, 11, 26))[:2]
    [['retrain', 'churn', '--as-of', '2026-11-16'], ['run-daily', '--as-of', '2026-11-16']]
    >>> cohort_commands([], date(2026, 11, 26))
    []
    """
    days = [day.isoformat() for day in scored_days(next_day)]
    scored = [["run-daily", "--as-of", day] for day in days]
    return [["retrain", *models, "--as-of", days[0]], *scored] if models else []
