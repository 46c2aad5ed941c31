"""What one ticket is about, before anybody has put it into words."""

from dataclasses import dataclass
from datetime import datetime

from fenzhen.simulate.company import Company, Customer, Device, Product
from fenzhen.simulate.phrases import Topic

__all__ = ["Cause", "Scene"]

REPAIRS = "硬件故障"
WARRANTY_DAYS = 730


@dataclass(frozen=True)
class Cause:
    """What brings a ticket about other than chance: a unit that broke down, or that broke again after its repair."""

    device: Device
    topic: Topic
    repeat: bool = False
    repaired_at: datetime | None = None


@dataclass(frozen=True)
class Scene:
    """The truth behind a ticket.

    ``other`` is a second matter that the ticket mentions; ``vague`` says that the words do not tell the topic;
    ``hot`` holds the words of a hot issue that the ticket belongs to; ``repeat`` says that the same device was
    repaired not long ago; ``repaired_at`` is when a device that broke down works again; times are local.
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
    repeat: bool = False
    repaired_at: datetime | None = None

    @property
    def is_repair(self) -> bool:
        """Whether the unit itself is broken, so that the next time is a repeat repair (重复报修)."""
        return self.device is not None and self.topic.category == REPAIRS

    @property
    def in_warranty(self) -> bool:
        """Whether the unit, if one is known, is not older than two years."""
        return self.device is None or (self.created_at.date() - self.device.installed_at).days < WARRANTY_DAYS
