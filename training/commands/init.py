"""``fenzhen init``: a commented example to start from."""

from pathlib import Path
from typing import Annotated

import typer

from fenzhen.errors import FenzhenError
from training.options import Workspace

Folder = Annotated[Path | None, typer.Argument(help="Folder to write to, made if need be. Default: the workspace.",
                                               show_default=False)]


def command(folder: Folder = None, workspace: Workspace = Path(".")) -> None:
    """Write a commented workspace.toml, rules.toml and user_words.txt; nothing is ever overwritten."""
    from fenzhen.workspace.example import write_example

    try:
        paths = write_example(folder or workspace)
    except FenzhenError as error:
        typer.echo(f"fenzhen: {error}", err=True)
        raise typer.Exit(1) from None
    for path in paths:
        typer.echo(f"wrote {path}")
    typer.echo("Next: name your table in workspace.toml, then run `fenzhen validate`.")
