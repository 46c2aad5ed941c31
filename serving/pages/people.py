"""What people are called: as ``PUT /v1/assignees/{id}`` told, else as the model of people knows them."""

from collections.abc import Callable

from serving.champions import Snapshot
from serving.routing.offered_groups import known_people

__all__ = ["naming"]


def naming(snapshot: Snapshot) -> Callable[[str], str | None]:
    """Return what gives a person's name by id; None where nobody knows it."""
    known = {each.id: each.name for each in known_people(snapshot)}
    return lambda person: snapshot.roster.name(person) or known.get(person)
