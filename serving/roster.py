"""Who may get tickets: as a request says, else as ``PUT /v1/assignees/{id}`` told; gaps are filled from there too."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fenzhen.store import AssigneeState
from models.routing_answer import Candidate
from serving.schemas import Assignee

__all__ = ["Roster"]

FIELDS = ("name", "group", "skills", "open_tickets", "capacity", "status")


@dataclass(frozen=True)
class Roster:
    """What has been told of people, by id."""

    told: Mapping[str, AssigneeState] = field(default_factory=dict)

    @classmethod
    def of(cls, states: Sequence[AssigneeState]) -> "Roster":
        """Return the roster of what the store holds."""
        return cls({each.assignee_id: each for each in states})

    def team(
        self, asked: Sequence[Assignee] | None, known: Sequence[Candidate] = (),
    ) -> tuple[list[Candidate], tuple[str, ...]]:
        """Return who may get tickets, each once, and warnings.

        ``known`` are the people that a model knows: everybody where ``asked`` is None, and what fills gaps that
        neither the request nor anybody else has told of. Of a person who is listed twice the last entry counts
        (``repeated_assignees``).
        """
        people = {each.id: each for each in known}
        if asked is None:
            listed = [self._candidate(name, {}, people.get(name)) for name in dict.fromkeys((*people, *self.told))]
            return listed, ()
        named = {each.id: each for each in asked}
        listed = [self._candidate(name, _given(each), people.get(name)) for name, each in named.items()]
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

    def _candidate(self, name: str, given: Mapping[str, Any], known: Candidate | None) -> Candidate:
        state = self.told.get(name)
        if state is None and not given:
            return known or Candidate(name)
        told = {} if state is None else {each: value for each in FIELDS if (value := getattr(state, each)) is not None}
        return Candidate(**{**(_facts(known) if known else {"id": name}), **told, **given})


def _facts(known: Candidate) -> dict[str, Any]:
    return {each: getattr(known, each) for each in Candidate.__slots__}


def _given(assignee: Assignee) -> dict[str, Any]:
    found = {each: value for each in FIELDS if (value := getattr(assignee, each)) is not None}
    return found | ({"skills": tuple(found["skills"])} if "skills" in found else {})
