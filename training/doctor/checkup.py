"""Everything that ``fenzhen doctor`` looks at; what is broken is found, not raised, and nothing is changed."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from fenzhen.errors import FenzhenError
from fenzhen.exports import Exports
from fenzhen.registry import Registry
from fenzhen.settings import Settings, read_settings
from fenzhen.workspace import Workspace, load_workspace, validate
from models.artefact import load_scorer
from models.specs import spec_of
from training.doctor.checkup_state import look_at_data, look_at_service, look_at_store
from training.doctor.finding import Finding
from training.missing_tables import missing_tables
from training.provenance import library_versions

__all__ = ["checkup"]

URL = "http://127.0.0.1:3000"


def checkup(folder: Path, url: str = URL) -> list[Finding]:
    """Return what is found in a workspace, in the order in which one would mend it; ``url`` is the service's."""
    now = datetime.now(UTC)
    try:
        workspace, settings = load_workspace(folder), read_settings(folder)
    except FenzhenError as error:
        return [Finding("broken", "workspace", str(error))]
    looks: tuple[Callable[[], Iterator[Finding]], ...] = (
        lambda: _configured(workspace, settings), lambda: _tables(workspace), lambda: _models(workspace),
        lambda: look_at_data(workspace, now), lambda: _trained(settings), lambda: _champions(settings),
        lambda: look_at_store(workspace, settings, now), lambda: look_at_service(url, settings),
    )
    return [finding for look in looks for finding in _safely(look)]


def _safely(look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    try:
        yield from look()
    except FenzhenError as error:
        yield Finding("broken", "", str(error))


def _configured(workspace: Workspace, settings: Settings) -> Iterator[Finding]:
    yield Finding("ok", "versions", ", ".join(f"{name} {version}" for name, version in library_versions().items()))
    yield Finding("ok", "time zone", workspace.time_zone)
    yield Finding("ok", "MLflow", settings.tracking_uri)
    yield Finding("ok", "exports", f"{settings.exports_dir}, keeping {settings.exports_keep} versions")
    words = workspace.user_words()
    yield Finding("ok" if words else "absent", "user words", str(words or "no user_words.txt"))
    rules = workspace.rules()
    yield Finding("ok" if rules else "absent", "rules", f"{len(rules)} in rules.toml" if rules else "no rules.toml")


def _tables(workspace: Workspace) -> Iterator[Finding]:
    for name in workspace.table_names:
        try:
            yield Finding("ok", f"table {name}", f"{len(workspace.table(name)):,} rows")
        except FenzhenError as error:
            yield Finding("broken", f"table {name}", str(error))
    problems = validate(workspace)
    errors = sum(problem.severity == "error" for problem in problems)
    said = f"{errors} errors, {len(problems) - errors} warnings (fenzhen validate)"
    yield Finding("broken" if errors else "ok", "validation", said)


def _models(workspace: Workspace) -> Iterator[Finding]:
    for name in workspace.model_names():
        try:
            spec = spec_of(name, workspace.model_settings(name))
            yield Finding("ok", f"model {name}", f"predicts {spec.table}.{spec.label}")
        except FenzhenError as error:
            yield Finding("broken", f"model {name}", str(error))
    for lack in missing_tables(workspace):
        yield Finding("absent", f"table {lack.table}", str(lack))


def _trained(settings: Settings) -> Iterator[Finding]:
    if not (settings.state_dir / "mlflow.db").exists() and settings.tracking_uri.startswith("sqlite"):
        yield Finding("absent", "trained", "nothing yet: fenzhen train MODEL")
        return
    registry = Registry(settings)
    for model in registry.models():
        versions = registry.versions(model)
        aliases = {name: registry.alias(model, name) for name in ("champion", "challenger")}
        said = ", ".join(f"{name} {version}" for name, version in aliases.items() if version)
        yield Finding("ok", f"trained {model}", f"{len(versions)} versions; {said}")


def _champions(settings: Settings) -> Iterator[Finding]:
    exports = Exports(settings.exports_dir, settings.exports_keep)
    if not settings.exports_dir.is_dir() or not exports.champions():
        yield Finding("absent", "served", "no champion exported: fenzhen train MODEL --promote auto")
        return
    for model, champion in exports.champions().items():
        try:
            scorer = load_scorer(champion.folder, champion.manifest_sha256)
            said = f"version {champion.version}, {scorer.manifest['family']}, since {champion.since}"
            yield Finding("ok", f"champion {model}", said)
        except FenzhenError as error:
            yield Finding("broken", f"champion {model}", str(error))

