"""``fenzhen predict``: answers for a file of raw tickets."""

from pathlib import Path
from typing import Annotated

import typer

from training.options import Model, Output, Table, TopK, Workspace


def command(
    model: Model,
    input_file: Annotated[Path, typer.Option("--input", help="File of raw rows, mapped like the table's source.")],
    output: Output,
    table: Table = "",
    top_k: TopK = 3,
    alias: Annotated[str, typer.Option("--alias", help="Alias of the version that answers.")] = "champion",
    workspace: Workspace = Path(),
) -> None:
    """Answer every row of a file: id, prediction (empty when abstaining), confidence, decision, best values.

    Decisions are those of the thresholds; the service may cap them by mode. Raw text is expected even where the
    table's source is already segmented.
    """
    import tempfile

    from fenzhen.workspace import load_workspace
    from models.specs import spec_of
    from training.champions.doors import open_doors, settings_of
    from training.family import Ask, family_of
    from training.scoring import load_version, write_rows
    from training.screen import rows_progress

    loaded = load_workspace(workspace)
    spec = spec_of(model, loaded.model_settings(model))
    rows = loaded.map_rows(table or spec.table, input_file)
    with open_doors(settings_of(workspace)) as doors, tempfile.TemporaryDirectory() as scratch:
        scorer = load_version(doors, model, alias, Path(scratch))
        with rows_progress(model, len(rows)) as advance:
            found = family_of(spec).predict(Ask(loaded, spec, scorer, rows, top_k, advance=advance))
    write_rows(found, output)
    typer.echo(f"{len(found)} rows written to {output}")
