"""One ticket: its words, how it was filed, its way through the desk."""

from dataclasses import dataclass, replace
from datetime import datetime

from fenzhen.simulate.desk import Desk
from fenzhen.simulate.dice import Dice
from fenzhen.simulate.filing import Filing, file_ticket, satisfaction
from fenzhen.simulate.intake import entry_of
from fenzhen.simulate.journey import Journey, travel
from fenzhen.simulate.scene import Scene
from fenzhen.simulate.texts import alarmed, write_ticket

__all__ = ["Ticket", "again", "write_down"]

NO_CUSTOMER_SHARE = 0.06
NO_PRODUCT_SHARE = 0.12
NO_DEVICE_SHARE = 0.55
NO_DEVICE_SHARE_BROKEN = 0.15


@dataclass(frozen=True)
class Ticket:
    """One ticket as the helpdesk's system holds it; times are local."""

    ticket_id: str
    scene: Scene
    subject: str
    body: str
    entry: str
    customer_id: str | None
    product: str | None
    device_id: str | None
    filing: Filing
    journey: Journey
    csat: int | None

    @property
    def created_at(self) -> datetime:
        """When the ticket was filed."""
        return self.scene.created_at

    @property
    def resolved_at(self) -> datetime | None:
        """When it was solved at last; None while it is open: then the export leaves the labels out."""
        return self.journey.resolved_at


def write_down(scene: Scene, ticket_id: str, retired: bool, desk: Desk, end: datetime, dice: Dice) -> Ticket:
    """Return the ticket of ``scene``; ``retired`` says that the old rest category was in use, ``end`` ends the span."""
    subject, body = write_ticket(scene, dice)
    body = alarmed(body, scene, dice)
    return _handled(Ticket(
        ticket_id, scene, subject, body, entry_of(scene, dice),
        customer_id=None if dice.chance(NO_CUSTOMER_SHARE) else scene.customer.customer_id,
        product=None if dice.chance(NO_PRODUCT_SHARE) else scene.product.model,
        device_id=(None if scene.device is None or dice.chance(
            NO_DEVICE_SHARE_BROKEN if scene.is_repair else NO_DEVICE_SHARE)
                   else scene.device.device_id),
        filing=file_ticket(scene, subject + body, retired, dice), journey=Journey(), csat=None), desk, end, dice)


def again(ticket: Ticket, ticket_id: str, moment: datetime, retired: bool, desk: Desk, end: datetime,
          dice: Dice) -> Ticket:
    """Return the same words, sent once more by an impatient customer."""
    scene = replace(ticket.scene, created_at=moment)
    filing = file_ticket(scene, ticket.subject + ticket.body, retired, dice)
    return _handled(replace(ticket, ticket_id=ticket_id, scene=scene, filing=filing), desk, end, dice)


def _handled(ticket: Ticket, desk: Desk, end: datetime, dice: Dice) -> Ticket:
    journey = travel(ticket.scene, ticket.filing.priority, desk, end, dice)
    return replace(ticket, journey=journey, csat=satisfaction(ticket.scene, journey, dice))
