"""The groups that may get a ticket, made of all people who are known: one who is away closes no group of several."""

from collections.abc import Sequence

from models.routing.answer import Candidate, groups_of
from models.routing.question import loads_of
from serving.champions import Snapshot
from serving.families import PERSON_FIELD
from serving.questions import Wish

__all__ = ["NO_GROUPS", "known_people", "offered_groups"]

NO_GROUPS = "no_groups"
"""The warning that people were named, but nobody knows a group of any of them."""


def known_people(snapshot: Snapshot) -> Sequence[Candidate]:
    """Return the workspace's people with their groups, as the model of people knows them."""
    served = snapshot.served.get(PERSON_FIELD)
    return () if served is None else served.scorer.roster


def offered_groups(
    snapshot: Snapshot, wish: Wish, known: Sequence[Candidate],
) -> tuple[list[Candidate], tuple[str, ...]]:
    """Return the groups of those who are named, else of everybody, and warnings.

    Everybody are the workspace's people and those who were told of; where a request names nobody, the ``known`` groups
    of which nobody is known take part too.
    """
    if wish.assignees is None and not snapshot.roster.told:
        return list(known), ()
    people, told = snapshot.roster.team(wish.assignees, known_people(snapshot))
    groups = groups_of(_with_loads(snapshot, people, everybody=wish.assignees is None))
    if wish.assignees is not None:
        return groups, told if groups or not people else (*told, NO_GROUPS)
    named = {each.id for each in groups}
    return [*groups, *(each for each in known if each.id not in named)], told


def _with_loads(snapshot: Snapshot, people: Sequence[Candidate], *, everybody: bool) -> Sequence[Candidate]:
    """Return the people with what each has in hand, wherever a count of the whole group would not be theirs.

    That is where only some take part: some are named, somebody is away or told what they have in hand.
    """
    served = snapshot.served.get(PERSON_FIELD)
    partly = {each.group for each in people
              if not everybody or each.open_tickets is not None or each.status not in ("online", "", None)}
    counted = [each for each in people if each.group in partly and not isinstance(each.open_tickets, int)]
    if served is None or not counted:
        return people
    with served.lent() as state:
        loads = loads_of(counted, state)
    return [each._replace(open_tickets=round(loads[each.id])) if each.id in loads else each for each in people]
