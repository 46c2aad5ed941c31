"""``fenzhen score``: the risk of a whole cohort as of a moment, into a file and the store."""

from pathlib import Path
from typing import Annotated

import typer

from training.options import AsOf, Workspace


def command(
    model: Annotated[str, typer.Argument(help="Registered model of a cohort: churn or device_failure.")],
    as_of: AsOf = None,
    output: Annotated[
        Path | None, typer.Option("--output", help="File to write as well, .csv or .parquet.")] = None,
    store: Annotated[
        bool, typer.Option("--store/--no-store", help="Write the scores into the service's database.")] = True,
    alias: Annotated[str, typer.Option("--alias", help="Alias of the version that scores.")] = "champion",
    workspace: Workspace = Path(),
) -> None:
    """Score everyone in the cohort on what was known before --as-of.

    Writes id, as_of (ISO 8601, UTC), horizon_days, (component,) probability (six digits) and risk_level to --output,
    and the same with reasons into the store, where the service reads them. Scoring again with the same version and date
    replaces what was there; a run that was stopped goes on where it was.
    """
    import tempfile

    from fenzhen.workspace import load_workspace
    from training.champions.doors import open_doors, settings_of
    from training.cohort_scores import score_cohort, store_cohort
    from training.moment import moment_of
    from training.scoring import write_rows

    loaded = load_workspace(workspace)
    moment = moment_of(loaded, as_of)
    with open_doors(settings_of(workspace)) as doors, tempfile.TemporaryDirectory() as scratch:
        cohort = score_cohort(loaded, doors, model, moment, Path(scratch), alias=alias)
        if output is not None:
            write_rows(cohort.frame, output)
            typer.echo(f"{len(cohort.frame)} rows written to {output}")
        if store:
            found = store_cohort(doors, cohort)
            typer.echo(f"{found.row_count} scores of {model} version {found.run.version} as of {cohort.as_of} stored")
        typer.echo(cohort.summary())
