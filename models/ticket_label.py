"""What models of a ticket's label have in common: the key in answers and the column that is predicted."""

from typing import Any

__all__ = ["TicketLabel"]


class TicketLabel:
    """A spec whose ``settings.label`` names the tickets' column; by default it is called like the field.

    >>> from models.specs import spec_of
    >>> spec_of("ticket_category", {}).field, spec_of("ticket_urgency", {"label": "priority"}).label
    ('category', 'priority')
    """

    name: str
    settings: Any

    @property
    def field(self) -> str:
        """The key in answers: the model's name without ``ticket_``."""
        return self.name.removeprefix("ticket_")

    @property
    def label(self) -> str:
        """The column that is predicted."""
        label: str = self.settings.label
        return label or self.field
