"""Options that several commands share, with their help."""

from pathlib import Path
from typing import Annotated, Literal

import typer

Workspace = Annotated[
    Path,
    typer.Option("--workspace", envvar="FENZHEN_WORKSPACE", help="Folder that holds workspace.toml.", show_default="."),
]
Model = Annotated[str, typer.Argument(help="Registered model, such as ticket_category.")]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", help="Moment up to which facts are known: a date (midnight in the workspace's time zone) "
                                 "or an ISO 8601 time. Default: now."),
]
Seed = Annotated[
    int,
    typer.Option("--seed", min=0, max=2**32 - 1, help="Seed of every random choice, a whole number below 2^32."),
]
Promotion = Annotated[
    Literal["never", "auto", "force"],
    typer.Option("--promote", help="Make the challenger champion: never, auto (if it passes the gate) or force."),
]
Output = Annotated[Path, typer.Option("--output", help="File to write, .csv or .parquet.")]
Table = Annotated[
    str,
    typer.Option("--table", help="Table of workspace.toml whose mapping the rows have. Default: the model's own.",
                 show_default=False),
]
TopK = Annotated[int, typer.Option("--top-k", min=1, max=50, help="How many best values to give, 1 to 50.")]
