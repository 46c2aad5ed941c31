"""``fenzhen backtest``: train at past dates, predict what followed."""

from pathlib import Path
from typing import Annotated

import typer

from training.options import Model, Output, Seed, TopK, Workspace


def command(
    model: Model,
    as_of: Annotated[list[str], typer.Option(
        "--as-of", help="Date or ISO 8601 time to train at; give it several times to retrain on the way.")],
    output: Output,
    until: Annotated[str | None, typer.Option(
        "--until", help="Date or ISO 8601 time at which to stop, exclusive. Default: after the last fact.")] = None,
    top_k: TopK = 3,
    seed: Seed = 0,
    workspace: Workspace = Path(),
) -> None:
    """Train on what was known before each date and answer what followed until the next.

    Writes the columns of predict and `outcome`, the label as it is known today.
    """
    from fenzhen.workspace import load_workspace
    from models.specs import spec_of
    from training.family import BacktestAsk, family_of
    from training.scoring import write_rows
    from training.screen import rows_progress

    loaded = load_workspace(workspace)
    spec = spec_of(model, loaded.model_settings(model))
    dates = [loaded.moment(each) for each in as_of]
    with rows_progress(f"{model}: training at past dates", len(dates)) as advance:
        ask = BacktestAsk(loaded, spec, dates, loaded.moment(until) if until else None, top_k, seed,
                          advance=lambda: advance(1))
        found = family_of(spec).backtest(ask)
    write_rows(found, output)
    rates = ", ".join(f"{name} {value:g}" if name == "rows" else f"{name} {value:.3f}"
                      for name, value in family_of(spec).summary(found, top_k).items())
    typer.echo(f"{len(found)} rows written to {output}; with an outcome: {rates}")
