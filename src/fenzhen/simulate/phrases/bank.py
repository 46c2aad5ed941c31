"""Reading the phrase banks (TOML beside this file) into frozen values."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

__all__ = ["Bank", "HotIssue", "Topic", "load_bank"]

# The order is part of the simulation: it decides which topic a random number falls on.
CATEGORY_FILES = ("hardware", "software", "network", "installation", "returns", "delivery", "billing", "advice")


@dataclass(frozen=True)
class Topic:
    """One second-level category: how often it comes, how it is asked for, and its phrases."""

    category: str
    name: str
    external_id: str
    weight: float
    requests: Mapping[str, float]
    moods: Mapping[str, float]
    hours: float
    near: tuple[str, ...]
    titles: tuple[str, ...]
    issues: tuple[str, ...]
    english: tuple[str, ...] = ()
    kinds: Mapping[str, float] = field(default_factory=dict)
    kind_issues: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    kind_titles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    mood_issues: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    asks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    fault: bool = False
    aside: bool = True
    trend: float = 0.0
    business: bool = False

    def suits(self, kind: str) -> float:
        """Return how often a product of ``kind`` has this topic, relative to 1; 0 is never."""
        return self.kinds.get(kind, 0.0) if self.kinds else 1.0


@dataclass(frozen=True)
class HotIssue:
    """For some days before the end of the span, one topic of one product kind multiplies in its own words."""

    topic: str
    kind: str
    from_days: int
    to_days: int
    factor: float
    issues: tuple[str, ...]

    def concerns(self, topic: str, kind: str, days_before_end: float) -> bool:
        """Return whether tickets of ``topic`` about ``kind`` are part of the issue on that day."""
        return topic == self.topic and kind == self.kind and self.to_days <= days_before_end <= self.from_days


@dataclass(frozen=True)
class Bank:
    """All phrases. ``common`` and ``company`` are kept as written in their files."""

    categories: tuple[Mapping[str, Any], ...]
    topics: Mapping[str, Topic]
    hot: tuple[HotIssue, ...]
    common: Mapping[str, Any]
    company: Mapping[str, Any]


@cache
def load_bank() -> Bank:
    """Return the packaged phrase banks.

    >>> load_bank().topics["打印与卡纸"].category
    '硬件故障'
    """
    documents = [_read("phrases", f"{name}.toml") for name in CATEGORY_FILES]
    company = _read("company.toml")
    topics = [_topic(document, given) for document in documents for given in document["topic"]]
    return Bank(
        categories=tuple({key: value for key, value in document.items() if key != "topic"} for document in documents),
        topics={topic.name: topic for topic in topics},
        hot=tuple(HotIssue(**{**hot, "issues": tuple(hot["issues"])}) for hot in company["hot"]),
        common=_read("phrases", "common.toml"), company=company,
    )


def _topic(document: Mapping[str, Any], given: Mapping[str, Any]) -> Topic:
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}
    values["weight"] = given["weight"] * document["weight"] / 100
    for key in ("kind_issues", "kind_titles", "mood_issues", "asks"):
        values[key] = {name: tuple(phrases) for name, phrases in given.get(key, {}).items()}
    return Topic(**{"category": document["category"], "fault": document.get("fault", False), **values})


def _read(*path: str) -> Mapping[str, Any]:
    return tomllib.loads(resources.files("fenzhen.simulate").joinpath(*path).read_text("utf-8"))
