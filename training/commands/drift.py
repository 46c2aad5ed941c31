"""``fenzhen drift``: whether what the champion sees has changed since it was trained, enough to retrain."""

from pathlib import Path
from typing import Annotated

import typer

from training.options import Model, Workspace


def command(
    model: Model,
    since: Annotated[str | None, typer.Option(
        "--since", help="Date or ISO 8601 time at which the recent window begins (cohorts: as of which they are the "
                        "reference). Default: when the champion was trained.")] = None,
    until: Annotated[str | None, typer.Option(
        "--until", help="Date or ISO 8601 time at which it ends, exclusive. Default: after the last fact.")] = None,
    output: Annotated[Path | None, typer.Option("--output", help="File to write as well, .csv or .parquet.")] = None,
    workspace: Workspace = Path(),
) -> None:
    """Compare what the champion sees and answers with what came before it was trained, and say whether to retrain.

    Writes name, kind, psi, expected_by_chance, level, reference, recent and note of every column to --output.
    """
    import tempfile

    from rich.console import Console

    from fenzhen.workspace import load_workspace
    from models.specs import spec_of
    from training.champions.doors import CHAMPION, open_doors, settings_of
    from training.drift.comparison import drift_of
    from training.drift.screen import show_drift
    from training.family import DriftAsk, family_of
    from training.scoring import load_version, write_rows
    from training.screen import rows_progress

    loaded = load_workspace(workspace)
    spec = spec_of(model, loaded.model_settings(model))
    start, end = (loaded.moment(each) if each else None for each in (since, until))
    with open_doors(settings_of(workspace)) as doors, tempfile.TemporaryDirectory() as scratch:
        scorer = load_version(doors, model, CHAMPION, Path(scratch))
        with rows_progress(f"{model}: both windows", None) as advance:
            found = drift_of(model, family_of(spec).drift(DriftAsk(loaded, spec, scorer, start, end, advance)))
    if output is not None:
        write_rows(found.frame(), output)
        typer.echo(f"{len(found.shifts)} rows written to {output}")
    show_drift(found, Console(), loaded.time_zone)
