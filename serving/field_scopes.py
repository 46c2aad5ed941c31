"""Which fields a path answers: ``/v1/classify`` what a text says, ``/v1/route`` how urgent and who, the rest all."""

from dataclasses import replace

from serving.champions import Snapshot
from serving.families import FIELDS, ROUTING_FIELDS, TEXT_LABEL


def text_snapshot(snapshot: Snapshot) -> Snapshot:
    """Return the snapshot with its text fields alone; the same one where it has no others."""
    return _only(snapshot, frozenset({TEXT_LABEL}))


def routing_snapshot(snapshot: Snapshot) -> Snapshot:
    """Return the snapshot without its text fields; a field of routing that nothing answers is told as unavailable."""
    found = _only(snapshot, FIELDS - {TEXT_LABEL})
    return replace(found, usual=tuple(dict.fromkeys((*ROUTING_FIELDS, *found.served))))


def _only(snapshot: Snapshot, families: frozenset[str]) -> Snapshot:
    served = {name: each for name, each in snapshot.served.items() if each.family in families}
    others = frozenset(snapshot.served) - frozenset(served)
    return replace(snapshot, served=served, elsewhere=others) if others else snapshot
