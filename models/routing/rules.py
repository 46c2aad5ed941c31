"""Who may take a ticket at all: fixed owners, absence, capacity and skills, each with its reason."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.routing.answer import KEPT_SKILLS, Candidate, Exclusion, Ranked, held_skills
from models.routing.confidence import ANYBODY
from models.thresholds import Thresholds

__all__ = ["CheckedTeam", "checked_team", "decided", "needed_skills", "owned", "screened"]

_ONLINE = ("online", "", None)
_OFFLINE = ("offline", "away", "busy", "on_leave")


@dataclass(frozen=True)
class CheckedTeam:
    """A team without repeats, and what was odd about it."""

    candidates: tuple[Candidate, ...]
    warnings: tuple[str, ...]

    @cached_property
    def present(self) -> NDArray[np.bool_]:
        """Who is active and online, bool (candidates,)."""
        return np.array([each.active and each.status in _ONLINE for each in self.candidates], dtype=bool)

    @cached_property
    def free(self) -> bool:
        """Whether everybody may take any ticket that needs no skill, as where nobody is named."""
        return all(each.active and each.status in _ONLINE and each.capacity is None for each in self.candidates)

    def able(self, needs: Iterable[str]) -> NDArray[np.bool_]:
        """Return who has all of some skills, bool (candidates,); without needs everybody."""
        wanted = {skill.casefold() for skill in needs}
        nobody = np.zeros(0, dtype=np.int64)
        held = np.concatenate([nobody, *(self._holders.get(skill, nobody) for skill in wanted)])
        return np.asarray(np.bincount(held, minlength=len(self.candidates)) == len(wanted))

    @cached_property
    def _holders(self) -> Mapping[str, NDArray[np.int64]]:
        """The places of those who have a skill: read once, however many tickets ask."""
        found: dict[str, list[int]] = {}
        for place, each in enumerate(self.candidates):
            for skill in _held(each.skills):
                found.setdefault(skill, []).append(place)
        return {skill: np.array(places, dtype=np.int64) for skill, places in found.items()}


def checked_team(team: Iterable[Candidate]) -> CheckedTeam:
    """Return the team, each id once (its first entry counts), with warnings for what makes no sense."""
    found: dict[str, Candidate] = {}
    warnings: dict[str, None] = {}
    for each in team:
        if each.id in found:
            warnings["repeated_assignee"] = None
            continue
        if each.capacity is not None and each.capacity < 0:
            warnings["negative_capacity"] = None
        negative = each.open_tickets is not None and each.open_tickets < 0
        if negative:
            warnings["negative_open_tickets"] = None
        if each.status not in (*_ONLINE, *_OFFLINE):
            warnings["unknown_status"] = None
        if contradictory(each.skills):
            warnings["contradictory_skills"] = None
        found[each.id] = each._replace(open_tickets=0) if negative else each
    return CheckedTeam(tuple(found.values()), tuple(warnings))


@lru_cache(KEPT_SKILLS)
def contradictory(skills: tuple[str, ...]) -> bool:
    """Return whether somebody is said to have a skill and not to have it (``-skill``); then they do not have it.

    >>> contradictory(("打印机", "-打印机")), contradictory(("打印机",))
    (True, False)
    """
    named = [skill.strip() for skill in skills]
    denied = [skill[1:] for skill in named if skill.startswith("-")]
    return bool(denied) and not set(named).isdisjoint(denied)


def needed_skills(ticket: Mapping[str, Any], skill_field: str, values: Mapping[str, str]) -> tuple[str, ...]:
    """Return the skills that a ticket asks for: its ``needs`` (or its context's), and the value of ``skill_field``.

    >>> needed_skills({"context": {"needs": "打印机;网络"}}, "product", {"product": "P20"})
    ('打印机', '网络', 'P20')
    """
    told = ticket.get("needs") or (ticket.get("context") or {}).get("needs") or ()
    names = told.split(";") if isinstance(told, str) else map(str, told) if isinstance(told, list | tuple) else ()
    return tuple(dict.fromkeys(name.strip() for name in (*names, values.get(skill_field, "")) if name.strip()))


def screened(
    candidates: Sequence[Candidate], needs: Sequence[str], loads: Mapping[str, float],
) -> tuple[list[Candidate], list[Exclusion]]:
    """Return who may take the ticket, and why the others may not; ``loads`` are open tickets by id."""
    allowed, excluded = [], []
    for each in candidates:
        reason = _reason(each, needs, loads.get(each.id, 0.0))
        if reason is None:
            allowed.append(each)
        else:
            excluded.append(reason)
    return allowed, excluded


def owned(
    ranking: Sequence[Ranked], team: CheckedTeam, allowed: Sequence[Candidate], owner: str | None,
) -> tuple[list[Ranked], dict[str, Any] | None, tuple[str, ...]]:
    """Return the ranking with the customer's fixed owner first, the rule that had a say, and warnings.

    An owner who may not take the ticket is absent: the ranking stands in. One who is not of the team at all is
    ``unknown_owner``.
    """
    if not owner:
        return list(ranking), None, ()
    if owner in {each.id for each in allowed}:
        first = [each for each in ranking if each.value == owner]
        return [*first, *(each for each in ranking if each.value != owner)], {"id": "fixed_owner", "value": owner}, ()
    known = owner in {each.id for each in team.candidates}
    return list(ranking), {"id": "fixed_owner_absent", "value": owner}, () if known else ("unknown_owner",)


def decided(
    ranking: Sequence[Ranked], rule: Mapping[str, Any] | None, thresholds: Thresholds,
) -> tuple[str, dict[str, float | None]]:
    """Return ``auto``, ``suggest`` or ``abstain`` and the thresholds of the first of the ranking.

    A fixed owner is the customer's contract, not a guess: taken without regard to confidence.
    """
    if not ranking:
        return "abstain", {"suggest": None, "auto": None}
    limits = dict(thresholds.get(ranking[0].value, thresholds[ANYBODY]))
    if rule is not None and rule["id"] == "fixed_owner":
        return "auto", limits
    sure = [name for name in ("auto", "suggest") if (limit := limits[name]) is not None
            and ranking[0].confidence >= limit]
    return sure[0] if sure else "abstain", limits


def _reason(each: Candidate, needs: Sequence[str], load: float) -> Exclusion | None:
    if not each.active:
        return Exclusion(each.id, "inactive", {}, "已停用", "is not active")
    if each.status not in _ONLINE:
        return Exclusion(each.id, "offline", {"status": each.status}, f"不在线({each.status})", f"is {each.status}")
    if each.capacity is not None and load >= max(each.capacity, 0):
        limit = max(each.capacity, 0)
        return Exclusion(each.id, "at_capacity", {"open": load, "capacity": limit},
                         f"手上 {load:g} 单,上限 {limit:g} 单", f"has {load:g} open of at most {limit:g}")
    held = _held(each.skills) if needs else frozenset()
    missing = [skill for skill in needs if skill.casefold() not in held]
    if missing:
        return Exclusion(each.id, "missing_skill", {"skills": missing}, f"缺少技能:{'、'.join(missing)}",
                         f"lacks {', '.join(missing)}")
    return None


@lru_cache(KEPT_SKILLS)
def _held(skills: tuple[str, ...]) -> frozenset[str]:
    """Return ``held_skills``, casefolded."""
    return frozenset(skill.strip().casefold() for skill in held_skills(skills))
