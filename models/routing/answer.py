"""The words between routing and those who ask: candidates in, answers out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

__all__ = ["KEPT_SKILLS", "Candidate", "Exclusion", "Ranked", "RoutingAnswer", "groups_of", "held_skills"]

KEPT_SKILLS = 2_000
"""Lists of skills that are read once."""


class Candidate(NamedTuple):
    """One who could take tickets, as the request or ``PUT /v1/assignees/{id}`` tells of them.

    ``id`` is a person's id for the field ``assignee`` and the group's name for ``group`` (a team of people is turned
    into groups by ``groups_of``: online if any member is, the sum of loads and capacities, the union of skills).
    ``open_tickets`` None: what the state counts. ``capacity`` None: no limit; 0 or less: always full, a negative one
    with the warning ``negative_capacity``. ``status`` is ``online`` or ``offline`` (None: unknown, taken for online);
    any other word counts as offline with the warning ``unknown_status``.
    """

    id: str
    name: str | None = None
    group: str | None = None
    skills: tuple[str, ...] = ()
    open_tickets: int | None = None
    capacity: float | None = None
    status: str | None = None
    active: bool = True


class Exclusion(NamedTuple):
    """Who was left out and why: the first that holds of inactive, offline, at_capacity and missing_skill."""

    value: str
    code: str
    numbers: Mapping[str, Any]
    text_zh: str
    text_en: str


class Ranked(NamedTuple):
    """One allowed candidate: ``confidence`` is the calibrated probability to be the one who solves the ticket."""

    value: str
    confidence: float
    score: float


@dataclass(frozen=True, slots=True)
class RoutingAnswer:
    """One ticket's ranking, best first.

    ``value`` is None when abstaining, else the best. ``decision`` is ``auto``, ``suggest`` or ``abstain``, by the
    thresholds alone (modes and kill switches are the caller's). ``confidence`` is the best one's, None without any.
    ``rule`` is None or ``{"id": "fixed_owner", "value": …}`` where a customer's fixed owner decided (or
    ``{"id": "fixed_owner_absent", …}`` where the owner is excluded and the ranking stands in). ``model_value`` is what
    the model alone would have put first among the allowed. ``reasons`` are dicts
    ``{"code", "numbers", "text_zh", "text_en", "weight"}`` of the best, at most 3, filled when ``explain``.
    ``warnings`` are codes: ``no_assignees``, ``all_excluded``, ``unknown_assignees``, ``negative_capacity``,
    ``unknown_status``, ``unknown_owner``, ``contradictory_skills``, ``empty_text``, ``unknown_words``, and
    ``unseen_category``, ``unseen_customer_id``, … of fields that have a history of their own.
    """

    value: str | None
    confidence: float | None
    decision: str
    thresholds: Mapping[str, float | None]
    ranking: tuple[Ranked, ...]
    excluded: tuple[Exclusion, ...]
    reasons: tuple[Mapping[str, Any], ...]
    rule: Mapping[str, Any] | None
    model_value: str | None
    warnings: tuple[str, ...]


def groups_of(team: Iterable[Candidate]) -> list[Candidate]:
    """Return a team of people as groups, for the model that answers groups; people without a group are left out.

    A group is online and active if anybody in it is; loads (None unless all of those tell theirs), capacities (None: no
    limit) and skills of those are added. What one of them is said not to have (``-skill``), another may have.

    >>> people = [Candidate("a1", group="网络", open_tickets=3), Candidate("a2", group="网络", status="offline")]
    >>> groups_of(people)[0].id, groups_of(people)[0].status, groups_of(people)[0].open_tickets
    ('网络', 'online', 3)
    >>> print(groups_of([people[0], Candidate("a3", group="网络")])[0].open_tickets)
    None
    """
    members: dict[str, list[Candidate]] = {}
    for each in team:
        if each.group:
            members.setdefault(each.group, []).append(each)
    return [_group(name, people) for name, people in members.items()]


def _group(name: str, people: list[Candidate]) -> Candidate:
    present = [each for each in people if each.active and each.status in ("online", "", None)]
    counted = [each.open_tickets for each in present if each.open_tickets is not None]
    limits = [each.capacity for each in present]
    return Candidate(
        name, name, name, tuple(dict.fromkeys(skill for each in present for skill in held_skills(each.skills))),
        sum(counted) if len(counted) == len(present) > 0 else None,
        None if None in limits or not limits else sum(limit for limit in limits if limit is not None),
        "online" if present else "offline", any(each.active for each in people),
    )


@lru_cache(KEPT_SKILLS)
def held_skills(skills: tuple[str, ...]) -> tuple[str, ...]:
    """Return somebody's skills without those that they are also said not to have.

    >>> held_skills(("打印机", "网络", "-打印机"))
    ('网络',)
    """
    named = [skill.strip() for skill in skills]
    denied = {skill[1:].casefold() for skill in named if skill.startswith("-")}
    return tuple(skill for skill in named if not skill.startswith("-") and skill.casefold() not in denied)
