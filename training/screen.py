"""What a person sees of a training run: a progress bar while it lasts, tables when it is done."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.box import SIMPLE
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from training.evaluation.evaluate import Evaluation
from training.family import Stages

if TYPE_CHECKING:
    from training.train import Outcome

FITS = 12
"""Length of the progress bar: about as many fits as a run makes; the second level and few labels bring more."""


@contextmanager
def training_progress(model: str) -> Iterator[Stages]:
    """Show on stderr which step a training run is at and how many of its fits are done."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(model, total=FITS)
        yield Stages(
            stage=lambda name: bar.update(task, description=f"{model}: {name}"), advance=lambda: bar.advance(task)
        )


def show_outcome(outcome: "Outcome") -> None:
    """Print the metrics beside the baselines, the gate's sentences and what became of the version."""
    console, gate = Console(), outcome.learned.gate
    outcome.learned.show(console)
    for reason in gate.reasons:
        console.print(f"  {'✗' if reason in gate.failures else '✓'} {reason}", highlight=False)
    verdict = "passed" if gate.passed else "did not pass"
    state = "is champion" if outcome.promoted else "is registered as challenger"
    console.print(f"{outcome.model} version {outcome.version} {verdict} the gate and {state} (run {outcome.run_id})")


def metrics_table(model: str, evaluation: Evaluation) -> Table:
    """Return accuracy, macro-F1 (with 95 % intervals), calibration and coverage of a model above its baselines."""
    caption = "ECE: expected calibration error; cov@95: share that can be answered with 95 % precision"
    title = f"{model} on {len(evaluation.labels)} rows it was not fitted on"
    table = Table(title=title, caption=caption, box=SIMPLE, padding=(0, 1, 0, 0))
    for name in ("", "accuracy", "macro-F1", "ECE", "cov@95"):
        table.add_column(name, justify="left" if not name else "right", no_wrap=True)
    accuracy, macro_f1 = evaluation.accuracy, evaluation.macro_f1
    table.add_row(
        model, f"{accuracy.estimate:.3f} [{accuracy.low:.3f}, {accuracy.high:.3f}]",
        f"{macro_f1.estimate:.3f} [{macro_f1.low:.3f}, {macro_f1.high:.3f}]", f"{evaluation.ece:.3f}",
        f"{evaluation.coverage[0.95]:.3f}",
    )
    for baseline in evaluation.baselines:
        table.add_row(f"  {baseline.name}", f"{baseline.accuracy:.3f}", f"{baseline.macro_f1:.3f}", "", "")
    return table


@contextmanager
def rows_progress(title: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """Show on stderr how many of ``total`` (None: unknown) are done; the body calls what it is given for each."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=total)
        yield lambda done: bar.advance(task, done)
