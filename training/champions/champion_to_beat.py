"""The champion as a rival in the gate: read one way by all families, and never passed over in silence."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from fenzhen.errors import ArtefactError, ArtefactOutdated
from fenzhen.exports import Champion
from models.artefact import load_scorer

__all__ = ["UnreadChampion", "champion_to_beat"]

AnyRival = TypeVar("AnyRival")


@dataclass(frozen=True, slots=True)
class UnreadChampion:
    """A champion that nothing can be compared with, and why.

    An ``outdated`` one is whole, but of an older schema or of features that have changed since: with this code it
    answers nobody, so it cannot hold its place. Any other is a damaged copy, which may well be better than all.
    """

    name: str
    why: str
    outdated: bool


def champion_to_beat(
    champion: Champion | None, rival: Callable[[str, Any], AnyRival]
) -> AnyRival | UnreadChampion | None:
    """Return ``rival(name, scorer)`` of the champion, whose name is ``model/version``; None where there is none."""
    if champion is None:
        return None
    name = f"{champion.model}/{champion.version}"
    try:
        scorer = load_scorer(champion.folder, champion.manifest_sha256)
    except ArtefactError as error:
        return UnreadChampion(name, str(error), isinstance(error, ArtefactOutdated))
    return rival(name, scorer)
