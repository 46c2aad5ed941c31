"""The tickets of a span: arrivals, what they are about, their words and how they were filed."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from fenzhen.simulate.arrivals import arrival_times, midnight
from fenzhen.simulate.company import Company
from fenzhen.simulate.demand import draw_scene
from fenzhen.simulate.dice import Dice
from fenzhen.simulate.filing import Filing, file_ticket
from fenzhen.simulate.scene import Scene
from fenzhen.simulate.texts import write_ticket

__all__ = ["Ticket", "draw_tickets"]

RETIRED_AFTER = 0.2
REPEATED_SHARE = 0.01
NO_CUSTOMER_SHARE = 0.06
NO_PRODUCT_SHARE = 0.12
NO_DEVICE_SHARE = 0.55


@dataclass(frozen=True)
class Ticket:
    """One ticket as the helpdesk's system holds it; times are local."""

    ticket_id: str
    scene: Scene
    subject: str
    body: str
    customer_id: str | None
    product: str | None
    device_id: str | None
    filing: Filing

    @property
    def created_at(self) -> datetime:
        """When the ticket was filed."""
        return self.scene.created_at


def draw_tickets(company: Company, count: int, days: int) -> list[Ticket]:
    """Return ``count`` tickets of the ``days`` before the company's end, in order of arrival."""
    dice = Dice(company.seed, "tickets")
    start = company.until - timedelta(days=days)
    retired_at = start + timedelta(days=round(days * RETIRED_AFTER))
    tickets: list[Ticket] = []
    for number, moment in enumerate(arrival_times(count, start, company.until, dice)):
        ticket_id = f"GD{moment:%y%m%d}{number + 1:06d}"
        if tickets and dice.chance(REPEATED_SHARE):
            tickets.append(_repeated(dice.pick(tickets[-40:]), ticket_id, moment, retired_at, dice))
        else:
            tickets.append(_filed(draw_scene(company, moment, dice), ticket_id, retired_at, dice))
    return tickets


def _filed(scene: Scene, ticket_id: str, retired_at: date, dice: Dice) -> Ticket:
    subject, body = write_ticket(scene, dice)
    return Ticket(
        ticket_id, scene, subject, body,
        customer_id=None if dice.chance(NO_CUSTOMER_SHARE) else scene.customer.customer_id,
        product=None if dice.chance(NO_PRODUCT_SHARE) else scene.product.model,
        device_id=None if scene.device is None or dice.chance(NO_DEVICE_SHARE) else scene.device.device_id,
        filing=_filing(scene, subject + body, retired_at, dice))


def _repeated(ticket: Ticket, ticket_id: str, moment: datetime, retired_at: date, dice: Dice) -> Ticket:
    """Return the same words, sent once more by an impatient customer."""
    scene = replace(ticket.scene, created_at=moment)
    return replace(ticket, ticket_id=ticket_id, scene=scene,
                   filing=_filing(scene, ticket.subject + ticket.body, retired_at, dice))


def _filing(scene: Scene, text: str, retired_at: date, dice: Dice) -> Filing:
    retired = scene.created_at < midnight(retired_at)
    return file_ticket(scene, text, retired, midnight(scene.company.until), dice)
