"""Which version decides: promoted, rolled back, and kept in step with MLflow's alias.

Every change goes the same way round: the artefact is staged and verified, the **ledger** is written,
then MLflow's alias, then ``champions.json``. The ledger's last word is what is wanted; whatever a
killed process or an absent MLflow left behind it, :func:`reconcile` completes.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from fenzhen.errors import ArtefactError, ExportError, FenzhenError, RegistryError
from fenzhen.exports import Champion
from fenzhen.store import LedgerEntry
from training.champions.doors import CHAMPION, Doors, decided, last_entry, record, stage
from training.champions.reconciliation import note_external

CHALLENGER = "challenger"


def promote(
    doors: Doors, model: str, version: int | None = None, *, actor: str, reason: str, force: bool = False
) -> Champion:
    """Make ``version`` (None: the challenger) champion of ``model`` and export it.

    A version that failed its gate is refused without ``force``; one whose artefact does not verify
    raises :class:`ArtefactError`. The champion stays then.
    """
    with doors.exports.locked(), tempfile.TemporaryDirectory() as scratch:
        chosen = _challenger(doors, model) if version is None else version
        tags = doors.registry.version_tags(model, chosen)
        _require_gate(model, chosen, tags.get("gate"), force)
        folder, sha256 = stage(doors, model, chosen, Path(scratch))
        _adopt_first(doors, model)
        last = last_entry(doors, model)
        if last is None or (last.to_version, last.manifest_sha256) != (chosen, sha256) or last.action == "retire":
            forced = f" (forced: gate {tags.get('gate', 'unknown')})" if force and tags.get("gate") != "passed" else ""
            record(doors, "promote", model, last, chosen, actor, reason + forced, sha256)
        doors.registry.set_alias(model, CHAMPION, chosen)
        return doors.exports.publish(model, chosen, folder, registry_alias=chosen)


def rollback(doors: Doors, model: str, to: int | None = None, *, actor: str, reason: str) -> Champion:
    """Make an earlier champion (None: the one before) decide again, with MLflow down too.

    The ledger and the kept exports suffice; MLflow's alias follows now if MLflow answers, otherwise
    at the next ``fenzhen export``. Raises :class:`ExportError` if there is no such earlier champion.
    """
    with doors.exports.locked(), tempfile.TemporaryDirectory() as scratch:
        entries = doors.store.ledger(model)
        target = _earlier(model, entries, to)
        folder = _kept_or_downloaded(doors, target, Path(scratch))
        version, sha256 = decided(target)
        record(doors, "rollback", model, entries[-1], version, actor, reason, sha256)
        seen = doors.exports.champion(model)
        alias = seen.registry_alias if seen is not None else entries[-1].to_version
        champion = doors.exports.publish(model, version, folder, registry_alias=alias)
        _follow(doors, champion)
        return doors.exports.champion(model) or champion


def _challenger(doors: Doors, model: str) -> int:
    version = doors.registry.alias(model, CHALLENGER)
    if version is None:
        raise RegistryError(f"{model} has no challenger in MLflow; train one with `fenzhen train {model}` "
                            f"or name a --version among {doors.registry.versions(model)}")
    return version


def _require_gate(model: str, version: int, gate: str | None, force: bool) -> None:
    if gate != "passed" and not force:
        said = "failed its gate" if gate == "failed" else f"has gate {gate!r}, expected 'passed'"
        raise RegistryError(f"version {version} of {model} {said}; its run in MLflow says why. "
                            "Promote it all the same with --force")


def _adopt_first(doors: Doors, model: str) -> None:
    """Let the ledger know of a move by hand before a decision of ours covers it."""
    try:
        note_external(doors, model)
    except FenzhenError as error:
        doors.warn(str(error))


def previous_champion(entries: Sequence[LedgerEntry]) -> LedgerEntry | None:
    """Return the entry of the champion before the current one; two rollbacks go two champions back."""
    stack: list[LedgerEntry] = []
    for entry in entries:
        if entry.to_version is None or (stack and decided(stack[-1]) == decided(entry)):
            continue
        if entry.action == "rollback":
            while stack and decided(stack[-1]) != decided(entry):
                stack.pop()
        if not stack or decided(stack[-1]) != decided(entry):
            stack.append(entry)
    return stack[-2] if len(stack) > 1 else None


def _earlier(model: str, entries: Sequence[LedgerEntry], to: int | None) -> LedgerEntry:
    """Return the ledger entry that a rollback goes back to."""
    if to is None:
        target = previous_champion(entries)
        if target is None:
            raise ExportError(f"{model} has no earlier champion in the ledger to roll back to")
        return target
    if entries and entries[-1].to_version == to:
        raise ExportError(f"version {to} of {model} is the champion already")
    matching = [entry for entry in entries if entry.to_version == to]
    if not matching:
        known = sorted({entry.to_version for entry in entries if entry.to_version is not None})
        raise ExportError(f"version {to} of {model} was never champion (the ledger knows {known}); "
                          f"use `fenzhen promote {model} --version {to}`")
    return matching[-1]


def _kept_or_downloaded(doors: Doors, target: LedgerEntry, scratch: Path) -> Path:
    """Return a folder of the version that verifies: from the exports, else from MLflow."""
    version, sha256 = decided(target)
    kept = doors.exports.kept_folder(target.model, version)
    try:
        if kept is not None:
            doors.check(kept, sha256)
            return kept
        missing = f"is not among the kept exports {doors.exports.kept(target.model)}"
    except (ArtefactError, ExportError) as error:
        missing = f"does not verify among the exports ({error})"
    try:
        folder = doors.registry.download(target.model, version, scratch)
    except RegistryError as error:
        raise ExportError(f"version {version} of {target.model} {missing}, and {error}") from error
    doors.check(folder, sha256)
    return folder


def _follow(doors: Doors, champion: Champion) -> None:
    """Bring MLflow's alias into line, or say that the next export will."""
    try:
        doors.registry.set_alias(champion.model, CHAMPION, champion.version)
    except RegistryError as error:
        doors.warn(f"version {champion.version} of {champion.model} decides now, but MLflow still names another: "
                   f"{error} The next `fenzhen export` brings MLflow into line.")
    else:
        doors.exports.note_alias(champion.model, champion.version)
