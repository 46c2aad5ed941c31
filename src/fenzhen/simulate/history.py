"""What happened in a span, one thing leading to another: breakdowns, tickets, annoyance, farewells."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from fenzhen.simulate.arrivals import arrival_times, midnight
from fenzhen.simulate.company import Company
from fenzhen.simulate.demand import draw_scene, scene_of
from fenzhen.simulate.desk import Desk
from fenzhen.simulate.dice import Dice
from fenzhen.simulate.fleet import Fleet, run_fleet
from fenzhen.simulate.loyalty import Loyalty
from fenzhen.simulate.reports import Reports
from fenzhen.simulate.scene import Cause, Scene
from fenzhen.simulate.team import build_team
from fenzhen.simulate.tickets import Ticket, again, write_down

__all__ = ["History", "draw_history"]

RETIRED_AFTER = 0.2
REPEATED_SHARE = 0.01
USUAL_TICKETS_A_DAY = 11.0


@dataclass(frozen=True)
class History:
    """The tickets of a span in order of arrival, the fleet's breakdowns, and what customers made of it all."""

    company: Company
    start: date
    tickets: tuple[Ticket, ...]
    fleet: Fleet
    loyalty: Loyalty
    volume: float


def draw_history(company: Company, count: int, days: int) -> History:
    """Return ``count`` tickets of the ``days`` before the company's end with all that led to them and followed."""
    start = company.until - timedelta(days=days)
    fleet, volume = run_fleet(company, start), max(count / days / USUAL_TICKETS_A_DAY, 1.0)
    chronicle = _Chronicle(company, start, fleet, volume)
    tickets = tuple(chronicle.ticket(number, moment) for number, moment in enumerate(
        arrival_times(count, start, company.until, Dice(company.seed, "arrivals"))))
    chronicle.loyalty.advance(midnight(company.until))
    return History(company, start, tickets, fleet, chronicle.loyalty, volume)


class _Chronicle:
    """Tells the tickets one after the other; each may follow from those before."""

    def __init__(self, company: Company, start: date, fleet: Fleet, volume: float) -> None:
        self.company, self.end = company, midnight(company.until)
        self.dice = Dice(company.seed, "tickets")
        self.desk = Desk(build_team(company.until), volume)
        self.loyalty = Loyalty(company, start, Dice(company.seed, "loyalty"))
        self.retired_at = midnight(start + timedelta(days=round((company.until - start).days * RETIRED_AFTER)))
        self.reports, self.latest = Reports(), list[Ticket]()
        for breakdown in fleet.breakdowns:
            if breakdown.reported_at is not None:
                self.reports.expect(breakdown.reported_at, Cause(
                    breakdown.device, company.bank.topics[breakdown.component.topic(breakdown.device.product.kind)],
                    repaired_at=breakdown.repaired_at))

    def ticket(self, number: int, moment: datetime) -> Ticket:
        """Return the ticket that arrives at ``moment``; its consequences are noted."""
        self.loyalty.advance(moment)
        ticket_id, retired = f"GD{moment:%y%m%d}{number + 1:06d}", moment < self.retired_at
        if self.latest and self.dice.chance(REPEATED_SHARE):
            earlier = self.dice.pick(self.latest[-40:])
            ticket = again(earlier, ticket_id, moment, retired, self.desk, self.end, self.dice)
        else:
            ticket = write_down(self._scene(moment), ticket_id, retired, self.desk, self.end, self.dice)
        self.latest = [*self.latest[-39:], ticket]
        self.reports.remember(ticket.scene, ticket.journey, self.dice)
        self.loyalty.experience(ticket)
        return ticket

    def _scene(self, moment: datetime) -> Scene:
        gone = self.loyalty.gone(moment.date())
        cause = self.reports.due(moment, gone)
        scene = (scene_of(cause, self.company, moment, self.dice) if cause
                 else draw_scene(self.company, moment, self.dice, gone))
        return replace(scene, repeat=scene.repeat or self.reports.is_repeat(scene))
