"""Who may get tickets: as a request says, else as ``PUT /v1/assignees/{id}`` told; gaps are filled from there too."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from fenzhen.store import AssigneeState
from models.routing.answer import Candidate
from serving.schemas import Assignee

__all__ = ["Roster"]

_READ = attrgetter("name", "group", "skills", "open_tickets", "capacity", "status")
_NOTHING = (None,) * 6
Team = tuple[list[Candidate], tuple[str, ...]]


@dataclass(frozen=True)
class Roster:
    """What has been told of people, by id."""

    told: Mapping[str, AssigneeState] = field(default_factory=dict)
    _latest: tuple[Any, Any, Team] = field(default=(None, None, ([], ())), init=False, repr=False, compare=False)
    """Whom a request named last, and those who were known then: groups and people are asked for one after the other."""

    @classmethod
    def of(cls, states: Sequence[AssigneeState]) -> "Roster":
        """Return the roster of what the store holds."""
        return cls({each.assignee_id: each for each in states})

    def team(self, asked: Sequence[Assignee] | None, known: Sequence[Candidate] = ()) -> Team:
        """Return who may get tickets, each once, and warnings.

        ``known`` are the people that a model knows: everybody where ``asked`` is None, and what fills gaps that
        neither the request nor anybody else has told of. Of a person who is listed twice the last entry counts
        (``repeated_assignees``).
        """
        if asked is None:
            people = {each.id: each for each in known}
            return [self._candidate(name, None, people.get(name)) for name in dict.fromkeys((*people, *self.told))], ()
        latest = self._latest
        if latest[0] is not asked or latest[1] is not known:
            latest = asked, known, self._named(asked, known)
            object.__setattr__(self, "_latest", latest)
        return latest[2]

    def _named(self, asked: Sequence[Assignee], known: Sequence[Candidate]) -> Team:
        people, named = {each.id: each for each in known}, {each.id: each for each in asked}
        listed = [self._candidate(name, each, people.get(name)) for name, each in named.items()]
        return listed, ("repeated_assignees",) if len(named) < len(asked) else ()

    def group(
        self, assignee_id: str, asked: Sequence[Assignee] | None, known: Sequence[Candidate] = (),
    ) -> str | None:
        """Return a person's group: as asked, else as told, else as ``known``; None where nobody knows it."""
        given = [each.group for each in reversed(asked or ()) if each.id == assignee_id][:1]
        state = self.told.get(assignee_id)
        by_model = (each.group for each in known if each.id == assignee_id)
        return next((each for each in (*given, state and state.group, *by_model) if each), None)

    def name(self, assignee_id: str) -> str | None:
        """Return the name that was told of a person."""
        state = self.told.get(assignee_id)
        return None if state is None else state.name

    def _candidate(self, name: str, given: Assignee | None, known: Candidate | None) -> Candidate:
        state = self.told.get(name)
        if state is None and given is None:
            return known or Candidate(name)
        found = _READ(given) if given is not None else _NOTHING
        for source in (state, known):
            if source is not None and None in found:
                found = tuple(other if mine is None else mine for mine, other in zip(found, _READ(source), strict=True))
        label, group, skills, open_tickets, capacity, status = found
        return Candidate(name, label, group, tuple(skills or ()), open_tickets, capacity, status,
                         active=known is None or known.active)
