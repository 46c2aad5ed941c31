"""``fenzhen evaluate``: how good a registered version is on labelled rows."""

from pathlib import Path
from typing import Annotated

import typer

from training.options import Model, Table, Workspace


def command(
    model: Model,
    input_file: Annotated[
        Path | None,
        typer.Option("--input", help="File of labelled raw rows. Default: the rows of --table."),
    ] = None,
    table: Table = "",
    alias: Annotated[str, typer.Option("--alias", help="Alias of the version to judge.")] = "champion",
    workspace: Workspace = Path(),
) -> None:
    """Judge a version on labelled rows that it was not fitted on; rows that it has seen are left out and counted."""
    import tempfile

    from rich.console import Console

    from fenzhen.workspace import load_workspace
    from models.specs import spec_of
    from training.champions.doors import open_doors, settings_of
    from training.family import Ask, family_of
    from training.scoring import load_version

    loaded = load_workspace(workspace)
    spec = spec_of(model, loaded.model_settings(model))
    name = table or spec.table
    rows = loaded.map_rows(name, input_file) if input_file else loaded.table(name)
    segmented = input_file is None and name in loaded.table_names and loaded.segmented(name)
    with open_doors(settings_of(workspace)) as doors, tempfile.TemporaryDirectory() as scratch:
        scorer = load_version(doors, model, alias, Path(scratch))
        judged = family_of(spec).evaluate(Ask(loaded, spec, scorer, rows, segmented=segmented))
    judged.show(Console())
