"""What one ticket is about, before anybody has put it into words."""

from dataclasses import dataclass
from datetime import datetime

from fenzhen.simulate.company import Company, Customer, Device, Product
from fenzhen.simulate.phrases import Topic

__all__ = ["Scene"]


@dataclass(frozen=True)
class Scene:
    """The truth behind a ticket.

    ``other`` is a second matter that the ticket mentions; ``vague`` says that the words do not tell the topic;
    ``hot`` holds the words of a hot issue that the ticket belongs to; ``created_at`` is local time.
    """

    company: Company
    created_at: datetime
    customer: Customer
    device: Device | None
    product: Product
    topic: Topic
    other: Topic | None
    hot: tuple[str, ...]
    mood: str
    request: str
    channel: str
    vague: bool
    english: bool
