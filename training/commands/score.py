"""``fenzhen score``: the risk of a whole cohort as of a moment, into a file and the store."""

from pathlib import Path
from typing import Annotated

import typer

from training.options import AsOf, Model, Workspace


def command(
    model: Model,
    as_of: AsOf = None,
    output: Annotated[
        Path | None, typer.Option("--output", help="File to write as well, .csv or .parquet.")] = None,
    store: Annotated[
        bool, typer.Option("--store/--no-store", help="Write the scores into the service's database.")] = True,
    alias: Annotated[str, typer.Option("--alias", help="Alias of the version that scores.")] = "champion",
    workspace: Workspace = Path(),
) -> None:
    """Score everyone in the cohort on what was known before --as-of.

    Writes id, as_of, horizon_days, (component,) probability and risk_level to --output, and the same with reasons into
    the store, where the service reads them. Scoring again with the same version and date replaces what was there; a run
    that was stopped goes on where it was.
    """
    import tempfile

    from fenzhen.store import RiskRun
    from fenzhen.workspace import load_workspace
    from models.specs import spec_of
    from training.doors import open_doors, settings_of
    from training.family import ScoreAsk, family_of
    from training.freshness import newest_fact
    from training.moment import moment_of
    from training.scoring import load_version, version_behind, write_rows
    from training.screen import rows_progress

    loaded = load_workspace(workspace)
    spec = spec_of(model, loaded.model_settings(model))
    moment = moment_of(loaded, as_of)
    with open_doors(settings_of(workspace)) as doors, tempfile.TemporaryDirectory() as scratch:
        scorer = load_version(doors, model, alias, Path(scratch))
        scored = family_of(spec).score(ScoreAsk(loaded, spec, scorer, moment, doors.store))
        if output is not None:
            write_rows(scored.frame, output)
            typer.echo(f"{len(scored.frame)} rows written to {output}")
        if store:
            horizon = int(scored.frame["horizon_days"].iloc[0])
            run = RiskRun(model, version_behind(doors, model, alias), moment.to_pydatetime(), horizon,
                          newest_fact(loaded, spec.tables, moment))
            with rows_progress(f"{model}: scores and reasons", len(scored.frame)) as advance:
                doors.store.write_scores(run, scored.frame, scored.details, advance=advance)
            typer.echo(f"{len(scored.frame)} scores of {model} version {run.version} as of {moment.isoformat()} stored")
