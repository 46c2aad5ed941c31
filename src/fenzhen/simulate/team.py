"""The made-up support team: who works where, what each one is good at, and when they are on duty."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any

from fenzhen.simulate.scene import Scene

__all__ = ["KEY_ACCOUNTS", "Person", "Shift", "Team", "build_team"]

KEY_ACCOUNTS = "大客户组"
LEAVE_DAYS = 7
TOPIC_WORTH, KIND_WORTH, REGION_WORTH = 2.0, 1.6, 1.6


@dataclass(frozen=True)
class Shift:
    """Working hours, from ``start`` to ``end`` o'clock on ``days`` of the week (0 is Monday)."""

    name: str
    start: int
    end: int
    days: tuple[int, ...]

    def covers(self, moment: datetime) -> bool:
        """Return whether somebody of this shift is on duty; the end does not count.

        >>> Shift("早班", 8, 17, (0, 1)).covers(datetime(2026, 1, 5, 17))
        False
        """
        return moment.weekday() in self.days and self.start <= moment.hour < self.end

    def next_start(self, moment: datetime) -> datetime:
        """Return when the shift begins after ``moment``.

        >>> Shift("早班", 8, 17, (0, 1)).next_start(datetime(2026, 1, 6, 9))
        datetime.datetime(2026, 1, 12, 8, 0)
        """
        start = moment.replace(hour=self.start, minute=0, second=0, microsecond=0)
        while start <= moment or start.weekday() not in self.days:
            start += timedelta(days=1)
        return start


@dataclass(frozen=True)
class Person:
    """Somebody who solves tickets; an empty speciality means everything alike. Leave is a week twice a year."""

    assignee_id: str
    name: str
    group: str
    topics: tuple[str, ...]
    kinds: tuple[str, ...]
    regions: tuple[str, ...]
    shift: Shift
    capacity: int
    joined: date
    left: date
    leave_from: int

    def works_on(self, day: date) -> bool:
        """Return whether the person is employed and not on leave."""
        on_leave = 0 <= (day.timetuple().tm_yday - self.leave_from) % 182 < LEAVE_DAYS
        return self.joined <= day < self.left and not on_leave

    def masters(self, topic: str, kind: str) -> bool:
        """Return whether the matter lies within the person's speciality."""
        return (not self.topics or topic in self.topics) and (not self.kinds or kind in self.kinds)

    def expertise(self, scene: Scene) -> float:
        """Return how well the person suits a ticket, from 0 to 5.2."""
        return (TOPIC_WORTH * (scene.topic.name in self.topics) + KIND_WORTH * (scene.product.kind in self.kinds)
                + REGION_WORTH * (scene.customer.region in self.regions))

    @property
    def skills(self) -> tuple[str, ...]:
        """What the person is good at, as the export lists it."""
        return (*self.topics, *self.kinds, *self.regions)


@dataclass(frozen=True)
class Team:
    """Everybody who ever was in the team, and the same by group."""

    people: tuple[Person, ...]
    groups: Mapping[str, tuple[Person, ...]]

    def person(self, assignee_id: str) -> Person:
        """Return the person with this id."""
        return next(person for person in self.people if person.assignee_id == assignee_id)


@cache
def build_team(until: date) -> Team:
    """Return the team whose comings and goings are counted back from ``until``.

    >>> len(build_team(date(2026, 1, 1)).groups)
    10
    """
    told = tomllib.loads(resources.files("fenzhen.simulate").joinpath("team.toml").read_text("utf-8"))
    shifts = {name: Shift(name, given["start"], given["end"], tuple(given["days"]))
              for name, given in told["shift"].items()}
    groups = {group["name"]: tuple(_person(given, group["name"], shifts, until) for given in group["people"])
              for group in told["group"]}
    return Team(tuple(person for people in groups.values() for person in people), groups)


def _person(given: Mapping[str, Any], group: str, shifts: Mapping[str, Shift], until: date) -> Person:
    number = int("".join(filter(str.isdigit, given["id"])))
    return Person(
        given["id"], given["name"], group, tuple(given.get("topics", ())), tuple(given.get("kinds", ())),
        tuple(given.get("regions", ())), shifts[given["shift"]], given["capacity"],
        _counted_back(given, "joined", until, date.min), _counted_back(given, "left", until, date.max),
        leave_from=number * 37 % 182)


def _counted_back(given: Mapping[str, Any], key: str, until: date, otherwise: date) -> date:
    return until - timedelta(days=given[key]) if key in given else otherwise
