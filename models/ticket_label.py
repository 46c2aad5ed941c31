"""What models of a ticket's label have in common: the key in answers and the column that is predicted."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

__all__ = ["NO_TICKETS", "TicketLabel"]

NO_TICKETS = "cannot be trained: it learns from tickets"


class TicketLabel:
    """A spec whose ``settings.label`` names the tickets' column; by default it is called like the field.

    >>> from models.specs import spec_of
    >>> spec_of("ticket_category", {}).field, spec_of("ticket_urgency", {"label": "priority"}).label
    ('category', 'priority')
    """

    name: str
    settings: Any

    without: Mapping[str, str] = MappingProxyType({
        "tickets": NO_TICKETS,
        "taxonomy": "values have no external id, none counts as renamed or inactive",
    })

    @property
    def field(self) -> str:
        """The key in answers: the model's name without ``ticket_``."""
        return self.name.removeprefix("ticket_")

    @property
    def label(self) -> str:
        """The column that is predicted."""
        label: str = self.settings.label
        return label or self.field
