"""Which versions answer at this moment: an immutable snapshot, and the step from one snapshot to the next.

A champion is loaded and verified before it is served. One that is refused leaves the running version in place;
a folder of exports that vanishes leaves everything in place. Both are told in the snapshot.
"""

import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fenzhen.errors import ArtefactError, ExportError, FenzhenError
from fenzhen.exports import Champion, Exports
from models.artefact import MANIFEST, read_json
from models.policy import Policy
from serving.families import COHORTS, FIELDS
from serving.history import History, history_of
from serving.logs import without_text
from serving.metrics import counted
from serving.routing.roster import Roster

logger = logging.getLogger("serving.champions")


Load = Callable[[Path, str], Any]
CatchUp = Callable[[History], None]
"""Feeds a history that nobody works on yet with what has happened since it was trained."""


@dataclass(frozen=True, slots=True)
class Served:
    """A champion that answers: where it came from, its scorer, and what has happened lately if it works on that."""

    champion: Champion
    scorer: Any
    history: History | None = None

    @property
    def manifest(self) -> Mapping[str, Any]:
        """What the artefact says about itself."""
        found: Mapping[str, Any] = self.scorer.manifest
        return found

    @property
    def family(self) -> str:
        """Which kind of model it is."""
        return str(self.manifest.get("family"))

    @property
    def classes(self) -> tuple[str, ...]:
        """The values it can give, as far as they are fixed: people and groups come and go."""
        return tuple(getattr(self.scorer, "classes", ()))

    @property
    def field(self) -> str:
        """The key of its answers."""
        return str(self.scorer.field)

    def lent(self) -> AbstractContextManager[Any]:
        """Lend the state of what has happened lately."""
        assert self.history is not None, f"{self.label} works without a history"
        return self.history.lent()

    @property
    def label(self) -> str:
        """Model and version as answers name them: ``ticket_category/17``."""
        return f"{self.champion.model}/{self.champion.version}"


@dataclass(frozen=True, slots=True)
class Refused:
    """A champion that is not served, and why."""

    model: str
    version: int
    manifest_sha256: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What one request sees from its beginning to its end."""

    served: Mapping[str, Served] = field(default_factory=dict)
    refused: tuple[Refused, ...] = ()
    policy: Policy = field(default_factory=Policy)
    document: Mapping[str, Any] = field(default_factory=dict)
    roster: Roster = field(default_factory=Roster)
    elsewhere: frozenset[str] = frozenset()
    """Fields that are served, but not by the path that was asked."""
    usual: tuple[str, ...] = ()
    """The fields of a request that names none; all that are served where empty."""
    cohorts: tuple[Champion, ...] = ()
    """Champions that score in batches: what they found is in the store, so nothing of them is loaded."""
    unreadable: str | None = None
    gone: str | None = None

    @property
    def problem(self) -> str | None:
        """What is wrong with the folder of champions, in words."""
        return self.unreadable or self.gone

    @property
    def taxonomy(self) -> tuple[Mapping[str, Any], ...]:
        """The rows of the workspace's taxonomy."""
        return tuple(self.document.get("taxonomy", ()))

    @property
    def histories(self) -> tuple[History, ...]:
        """What is to be fed with events."""
        return tuple(each.history for each in self.served.values() if each.history is not None)

    @property
    def fields(self) -> frozenset[str]:
        """Every field that is served or that the taxonomy names."""
        return frozenset(self.served) | {str(row["field"]) for row in self.taxonomy}


def next_snapshot(
    previous: Snapshot, exports: Exports, load: Load, catch_up: CatchUp = lambda _: None,
) -> Snapshot:
    """Return what is to be served now.

    Versions that run already are kept as they are, new ones are loaded, those no longer named are dropped. What
    cannot be read changes nothing but ``unreadable``. One that takes over from another ``catch_up``s first: the other
    answers meanwhile, and nobody is offered tickets by loads of weeks ago.
    """
    try:
        champions = _champions(previous, exports)
        document = exports.policy() or previous.document
        policy = Policy.from_dict(document)
    except Exception as error:
        return replace(previous, unreadable=in_words(error), gone=None)
    running = {served.champion.model: served for served in previous.served.values()}
    served: dict[str, Served] = {}
    refused: list[Refused] = []
    cohorts = tuple(champion for _, champion in sorted(champions.items()) if _is_cohort(champion))
    for model in sorted(champions.keys() - {champion.model for champion in cohorts}):
        found, refusal = _serve(champions[model], running.get(model), served, load, catch_up)
        if found is not None:
            served[found.field] = found
        if refusal is not None:
            refused.append(_same_or_told(refusal, previous))
    _tell_swaps(previous.served, served)
    return Snapshot(served, tuple(refused), policy, document, cohorts=cohorts)


def vanished(snapshot: Snapshot) -> str | None:
    """Return which folders of running versions are gone, in words; None if all are there (or nothing is readable)."""
    if snapshot.unreadable:
        return None
    gone = [served for served in snapshot.served.values() if not served.champion.folder.is_dir()]
    if not gone:
        return None
    names = ", ".join(served.label for served in gone)
    return f"the exported folder of {names} is gone; the versions in memory go on answering"


def in_words(error: Exception) -> str:
    """Return an error that was foreseen in its own words, any other by its kind and with a log line."""
    if isinstance(error, FenzhenError):
        return str(error)
    logger.error("reading champions failed", extra={"facts": without_text(error)})
    return f"{type(error).__name__} while reading"


def _champions(previous: Snapshot, exports: Exports) -> Mapping[str, Champion]:
    """Return the champions by model; a volume that is no longer mounted looks empty, and does not empty the service."""
    champions = exports.champions()
    if not champions and previous.served and not (exports.root / "champions.json").is_file():
        raise ExportError(f"{exports.root} holds no champions.json any more; the versions in memory go on answering")
    return champions


def _serve(
    champion: Champion, running: Served | None, served: Mapping[str, Served], load: Load, catch_up: CatchUp,
) -> tuple[Served | None, Refused | None]:
    """Return the version that answers for this champion's model, and the refusal of the new one if there is any."""
    if running is not None and _identity(running.champion) == _identity(champion):
        return replace(running, champion=champion), None
    try:
        fresh = _loaded(champion, load)
        if fresh.field in served:
            raise ArtefactError(f"field {fresh.field!r} is answered by {served[fresh.field].label} already")
        if running is not None and fresh.history is not None:
            catch_up(fresh.history)
    except Exception as error:
        why = in_words(error)
        return running, Refused(champion.model, champion.version, champion.manifest_sha256, why, datetime.now(UTC))
    return fresh, None


def _is_cohort(champion: Champion) -> bool:
    """Return whether a champion's answers are made beforehand; one that cannot be read is left to be refused."""
    try:
        return read_json(champion.folder, MANIFEST).get("family") in COHORTS
    except (ArtefactError, AttributeError):
        return False


def _loaded(champion: Champion, load: Load) -> Served:
    scorer = load(champion.folder, champion.manifest_sha256)
    family = scorer.manifest.get("family")
    if family not in FIELDS:
        raise ArtefactError(f"got model family {family!r}, this service answers {', '.join(sorted(FIELDS))}")
    return Served(champion, scorer, history_of(scorer))


def _identity(champion: Champion) -> tuple[str, int, str]:
    return champion.model, champion.version, champion.manifest_sha256


def _same_or_told(refusal: Refused, previous: Snapshot) -> Refused:
    """Return the earlier refusal if it is the same one; otherwise log the new one and return it."""
    for earlier in previous.refused:
        if replace(earlier, at=refusal.at) == refusal:
            return earlier
    facts = {"model": refusal.model, "version": refusal.version, "reason": refusal.reason}
    logger.error("champion refused", extra={"facts": facts})
    counted().champion_refused(refusal.model)
    return refusal


def _tell_swaps(before: Mapping[str, Served], after: Mapping[str, Served]) -> None:
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        if (old and old.label) != (new and new.label):
            facts = {"field": name, "from": old.label if old else None, "to": new.label if new else None}
            logger.info("champion swapped", extra={"facts": facts})
            counted().swapped(name)
    counted().serving(len(after))
