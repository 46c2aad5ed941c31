"""What a priority model reads: fields, keys of history, order of levels; everything that both paths must agree on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Self

from features.filed_fields import FiledFields
from features.priority.counts import CountTokens, Key
from features.priority.tokens import TokenSet

__all__ = ["PrioritySpace"]


@dataclass(frozen=True)
class PrioritySpace:
    """``order`` are the values of the ``label``, the most urgent first; ``keys`` begin with ``()``, all tickets."""

    fields: FiledFields
    keys: tuple[Key, ...]
    label: str
    order: tuple[str, ...]

    @classmethod
    def of(cls, fields: FiledFields, keys: Sequence[Key], label: str, order: Sequence[str]) -> Self:
        """Return the space with a history for all tickets together and for every one of the ``keys``.

        >>> space = PrioritySpace.of(FiledFields(("site",), "UTC"), [("site", "hour")], "priority", ["高", "低"])
        >>> space.keys
        ((), ('site', 'hour'))
        """
        return cls(fields, ((), *keys), label, tuple(order))

    @cached_property
    def tokens(self) -> TokenSet:
        """The tokens of a ticket."""
        return TokenSet(self.fields.all_names, CountTokens(self.keys, len(self.order)))

    def values(self, ticket: Mapping[str, Any], filed_at: datetime) -> dict[str, str]:
        """Return the fields of a ticket as it is sent."""
        return self.fields.of_ticket(ticket, filed_at)

    def facts(self) -> dict[str, Any]:
        """Return what JSON can say of it."""
        return {"fields": list(self.fields.names), "time_zone": self.fields.time_zone, "label": self.label,
                "order": list(self.order), "keys": [list(key) for key in self.keys[1:]]}

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> Self:
        """Return what ``facts`` said."""
        fields = FiledFields(tuple(facts["fields"]), str(facts["time_zone"]))
        if "keys" not in facts:  # an artefact of before keys were chosen
            facts = {**facts, "keys": [*([name] for name in fields.names), *facts["pairs"]]}
        return cls.of(fields, [tuple(key) for key in facts["keys"]], str(facts["label"]), facts["order"])
