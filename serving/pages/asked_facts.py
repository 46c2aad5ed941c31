"""What the form asks of a ticket beside its texts: as much as the served models read."""

from dataclasses import dataclass
from itertools import chain

from features.filed_fields import CONTRACT_FIELDS
from serving.champions import Served, Snapshot
from serving.families import PRIORITY, ROUTING, TEXT_LABEL
from serving.pages.ticket_form import EXTRAS

__all__ = ["MOST_COLUMNS", "AskedFacts", "asked_facts"]

MOST_COLUMNS = 50
"""As many further facts as a ticket of the API may have."""


@dataclass(frozen=True, slots=True)
class AskedFacts:
    """``routes``: whether anything reads more than texts; ``columns``: what is read beyond ``ticket_form.EXTRAS``."""

    routes: bool = False
    columns: tuple[str, ...] = ()


def asked_facts(snapshot: Snapshot) -> AskedFacts:
    """Return what to ask for: each column once, those of the contract in its order before a workspace's own."""
    served = snapshot.served.values()
    read = dict.fromkeys(chain.from_iterable(map(_read, served)))
    known = [name for name in CONTRACT_FIELDS if name in read]
    further = [name for name in dict.fromkeys((*known, *read)) if name not in EXTRAS]
    return AskedFacts(any(each.family != TEXT_LABEL for each in served), tuple(further[:MOST_COLUMNS]))


def _read(served: Served) -> tuple[str, ...]:
    """Return the columns of tickets that a model reads; none for models of texts."""
    if served.family == ROUTING:
        return tuple(served.scorer.read)
    return tuple(served.scorer.priority.space.fields.names) if served.family == PRIORITY else ()
