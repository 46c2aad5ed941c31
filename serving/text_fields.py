"""``/v1/classify`` answers what a ticket's text alone says; ``/v1/triage`` answers every field."""

from dataclasses import replace

from serving.champions import Snapshot
from serving.families import TEXT_LABEL


def text_snapshot(snapshot: Snapshot) -> Snapshot:
    """Return the snapshot with its text fields alone; the same one where it has no others."""
    served = {name: each for name, each in snapshot.served.items() if each.family == TEXT_LABEL}
    return snapshot if len(served) == len(snapshot.served) else replace(snapshot, served=served)
