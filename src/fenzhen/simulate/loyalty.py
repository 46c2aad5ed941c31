"""Why customers leave: bad experiences add up and fade; they tell most when the plan is to be renewed."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

import numpy as np

from fenzhen.simulate.arrivals import midnight
from fenzhen.simulate.company import Company, Customer
from fenzhen.simulate.dice import Dice
from fenzhen.simulate.tickets import Ticket

__all__ = ["Loyalty"]

LATE_ANSWER, VERY_LATE_ANSWER, SLOW_SOLUTION = 0.3, 0.6, 0.3
REPEAT_REPAIR, REOPENED = 1.2, 1.0
MARKS = {1: 0.6, 2: 0.6, 5: -0.3}
LATE, VERY_LATE = timedelta(hours=16), timedelta(hours=40)
NEW_DAYS = 60
WEEK = timedelta(days=7)
FADING = 0.5 ** (7 / 150)
WEEKLY_RISK = 0.001
TIERS = {"VIP": 0.6, "重点": 0.8, "普通": 1.0}
RENEWAL_CALM, RENEWAL_FED_UP, RENEWAL_DAYS = 1.5, 6.0, 14
PATIENCE_END, PATIENCE_SPREAD, FED_UP = 1.5, 0.15, 75.0
EARLIER_ANNOYANCE = 0.2


class Loyalty:
    """Every customer's annoyance by week, and who has left when.

    ``annoyance`` has shape (n_customers, n_weeks): what lies on a customer's mind at the beginning of a week.
    """

    def __init__(self, company: Company, start: date, dice: Dice) -> None:
        self.company, self.start, self.dice = company, start, dice
        self.row = {customer.customer_id: row for row, customer in enumerate(company.customers)}
        weeks = (company.until - start).days // 7 + 2
        self.felt = np.zeros((len(company.customers), weeks))
        self.annoyance = np.zeros((len(company.customers), weeks))
        self.annoyance[:, 0] = dice.generator.exponential(EARLIER_ANNOYANCE, len(company.customers))
        self.left: dict[str, date] = {}
        self._next_week = 0
        self._tier = np.array([TIERS[customer.tier] for customer in company.customers])

    def experience(self, ticket: Ticket) -> None:
        """Let the customer feel what was bad about the service, when it became clear."""
        customer, filed, journey = ticket.scene.customer, ticket.created_at, ticket.journey
        waited = journey.responded_at - filed
        if waited > LATE:
            self.feel(customer, filed, VERY_LATE_ANSWER if waited > VERY_LATE else LATE_ANSWER)
        if ticket.scene.repeat:
            self.feel(customer, filed, REPEAT_REPAIR)
        if journey.reopened_at is not None:
            self.feel(customer, journey.reopened_at, REOPENED)
        if journey.resolved_at is None or journey.resolved_at - filed > WEEK:
            self.feel(customer, filed + WEEK, SLOW_SOLUTION)
        if ticket.csat is not None and journey.resolved_at is not None:
            self.feel(customer, journey.resolved_at, MARKS.get(ticket.csat, 0.0))

    def feel(self, customer: Customer, moment: datetime, amount: float) -> None:
        """Add an experience at ``moment``; what happens after the span changes nothing."""
        week = (moment.date() - self.start).days // 7
        if 0 <= week < self.felt.shape[1]:
            self.felt[self.row[customer.customer_id], week] += amount

    def advance(self, moment: datetime) -> None:
        """Let the weeks that began by ``moment`` take effect."""
        while (first := self.start + self._next_week * WEEK) <= moment.date() and first < self.company.until:
            self._begin(self._next_week, first)
            self._next_week += 1

    def gone(self, day: date) -> Mapping[str, date]:
        """Return who has left before the end of ``day``."""
        return {customer_id: left for customer_id, left in self.left.items() if left <= day}

    def _begin(self, week: int, first: date) -> None:
        if week:
            before = self.annoyance[:, week - 1] + self.felt[:, week - 1]
            self.annoyance[:, week] = np.maximum(before * FADING, 0.0)
        for row in np.flatnonzero(self.dice.generator.random(len(self._tier)) < self._risk(week, first)):
            customer = self.company.customers[row]
            day = self._last_day(customer, first)
            known_long = customer.since < first - timedelta(days=NEW_DAYS)
            if customer.customer_id not in self.left and known_long and day < self.company.until:
                self.left[customer.customer_id] = day

    def _risk(self, week: int, first: date) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """Return the chance to leave: hardly any, until patience is at its end; then most of all at a renewal."""
        renewing = np.array([self._is_renewing(customer, first) for customer in self.company.customers])
        fed_up = 1 / (1 + np.exp((PATIENCE_END - self.annoyance[:, week]) / PATIENCE_SPREAD))
        at_renewal = np.where(renewing, 1 + RENEWAL_CALM + RENEWAL_FED_UP * fed_up, 1.0)
        risk: np.ndarray[tuple[int], np.dtype[np.float64]] = (
            WEEKLY_RISK * self._tier * (1 + FED_UP * fed_up) * at_renewal)
        return risk

    def _is_renewing(self, customer: Customer, first: date) -> bool:
        return (customer.renewal_after(first) - first).days < RENEWAL_DAYS

    def _last_day(self, customer: Customer, first: date) -> date:
        renewal = customer.renewal_after(first)
        return renewal if (renewal - first).days < RENEWAL_DAYS else first + timedelta(days=self.dice.number(1, 7))

    def moment_left(self, customer_id: str) -> datetime | None:
        """Return when the customer left, in local time."""
        left = self.left.get(customer_id)
        return midnight(left) if left else None
