"""MLflow's alias, the ledger and the exports brought into line, whatever came between them.

What is wanted is the ledger's last word. Where MLflow's alias says something else, it tells by
what it said when last looked at (``registry_alias`` in ``champions.json``)::

    alias is what is wanted           export it, if the exports lag
    alias is what it was              our own decision is pending: move the alias, export
    alias was moved                   by hand: adopt it as "external" in the ledger, and warn
    alias was deleted                 by hand: "retire" in the ledger; the exported champion stays, and warn
"""

import tempfile
from pathlib import Path

from fenzhen.errors import ArtefactError, ExportError, FenzhenError, RegistryError
from fenzhen.exports import Champion
from fenzhen.store import LedgerEntry
from training.champions.doors import CHAMPION, Doors, decided, last_entry, record, stage

HAND = "mlflow"


def reconcile_all(doors: Doors, *, thorough: bool = True) -> tuple[list[Champion], list[FenzhenError]]:
    """Reconcile every model that registry or ledger know; one that fails does not stop the others."""
    champions: list[Champion] = []
    failures: list[FenzhenError] = []
    for model in known_models(doors):
        try:
            champion = reconcile(doors, model, thorough=thorough)
        except FenzhenError as error:
            failures.append(error)
        else:
            champions += [champion] if champion is not None else []
    return champions, failures


def known_models(doors: Doors) -> list[str]:
    """Return the names of all models that registry or ledger know, sorted; changes of modes are of no model."""
    in_ledger = {entry.model for entry in doors.store.ledger() if entry.model}
    return sorted(in_ledger | set(doors.registry.models()))


def reconcile(doors: Doors, model: str, *, thorough: bool = True) -> Champion | None:
    """Bring one model into line and return its exported champion, None if it has none.

    ``thorough`` loads an exported champion again to see that it is whole. Raises
    :class:`ArtefactError` if the version wanted does not verify; the exported champion stays then.
    """
    with doors.exports.locked():
        alias = note_external(doors, model)
        last = last_entry(doors, model)
        if last is None or last.to_version is None:
            return doors.exports.champion(model)
        if alias not in (last.to_version, None) or (alias is None and last.action != "retire"):
            doors.registry.set_alias(model, CHAMPION, last.to_version)
            alias = last.to_version
        return _export(doors, last, last.to_version, alias, thorough)


def note_external(doors: Doors, model: str) -> int | None:
    """Write a move or deletion of the alias by hand into the ledger; return the alias.

    Raises :class:`RegistryError` if MLflow does not know a model that the ledger knows: it is another MLflow.
    """
    alias = doors.registry.alias(model, CHAMPION)
    last = last_entry(doors, model)
    wanted = last.to_version if last is not None else None
    if alias is None and wanted is not None and not doors.registry.versions(model):
        raise RegistryError(
            f"MLflow at {doors.registry.address} does not know {model}, whose version {wanted} decides; "
            "is MLFLOW_TRACKING_URI the one it was trained with? The champion stays"
        )
    if alias is None and last is not None and last.action == "retire":
        doors.warn(f"alias {CHAMPION} of {model} is missing in MLflow; version {wanted} goes on deciding "
                   "until one is promoted")
    elif alias != wanted and not _is_pending(doors, model, alias, last):
        _adopt(doors, model, alias, last)
    return alias


def _is_pending(doors: Doors, model: str, alias: int | None, last: LedgerEntry | None) -> bool:
    """Tell a decision of ours that MLflow has not heard of from a move by hand."""
    if last is None:
        return False
    exported = doors.exports.champion(model)
    return alias == (exported.registry_alias if exported is not None else last.from_version)


def _adopt(doors: Doors, model: str, alias: int | None, last: LedgerEntry | None) -> None:
    if alias is None:
        _retire(doors, model, last)
        return
    with tempfile.TemporaryDirectory() as scratch:
        _, sha256 = stage(doors, model, alias, Path(scratch))
    before = last.to_version if last is not None else None
    reason = f"alias {CHAMPION} was moved by hand in MLflow"
    record(doors, "external", model, last, alias, HAND, reason, sha256)
    doors.warn(f"{reason}: {model} from version {before} to {alias}; adopted as the champion")


def _retire(doors: Doors, model: str, last: LedgerEntry | None) -> None:
    exported = doors.exports.champion(model)
    version, sha256 = (last.to_version, last.manifest_sha256) if last is not None else (None, None)
    if exported is not None:
        version, sha256 = exported.version, exported.manifest_sha256
    reason = f"alias {CHAMPION} was deleted by hand in MLflow; the exported champion stays"
    record(doors, "retire", model, last, version, HAND, reason, sha256)
    doors.exports.note_alias(model, None)
    doors.warn(f"{reason}: {model} version {version}")


def _export(doors: Doors, last: LedgerEntry, version: int, alias: int | None, thorough: bool) -> Champion:
    """Export what the ledger wants, unless it is there and whole."""
    exported = doors.exports.champion(last.model)
    if exported is not None and _is_current(doors, exported, last, thorough):
        doors.exports.note_alias(last.model, alias)
        return doors.exports.champion(last.model) or exported
    with tempfile.TemporaryDirectory() as scratch:
        folder = _kept(doors, last, version) or _downloaded(doors, last, version, Path(scratch))
        return doors.exports.publish(last.model, version, folder, registry_alias=alias)


def _is_current(doors: Doors, exported: Champion, last: LedgerEntry, thorough: bool) -> bool:
    if decided(last) != (exported.version, exported.manifest_sha256):
        return False
    try:
        doors.exports.verify(exported)
        if thorough:
            doors.check(exported.folder, exported.manifest_sha256)
    except (ExportError, ArtefactError) as error:
        doors.warn(f"{error}; exporting it again")
        return False
    return True


def _kept(doors: Doors, last: LedgerEntry, version: int) -> Path | None:
    """Return the folder among the exports that is what the ledger wants, None if none is or it is broken."""
    folder = doors.exports.kept_folder(last.model, version)
    try:
        if folder is not None:
            doors.check(folder, decided(last)[1])
    except (ExportError, ArtefactError):
        return None
    return folder


def _downloaded(doors: Doors, last: LedgerEntry, version: int, scratch: Path) -> Path:
    folder, sha256 = stage(doors, last.model, version, scratch)
    if sha256 != decided(last)[1]:
        raise ArtefactError(
            f"version {version} of {last.model} in MLflow has manifest {sha256[:12]}…, the ledger says "
            f"{decided(last)[1][:12]}…; `fenzhen promote {last.model} --version {version}` accepts it"
        )
    return folder
