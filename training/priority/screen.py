"""What a person sees of a priority model: tables for the screen."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.box import SIMPLE
from rich.table import Table

from training.priority.evaluation import PriorityEvaluation
from training.screen import metrics_table

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["JudgedPriorities", "priority_tables"]


def priority_tables(model: str, evaluation: PriorityEvaluation) -> Iterator[Table]:
    """Yield the metrics of any label and those of the order, the model above its baselines, and one of each value."""
    yield metrics_table(model, evaluation.whole)
    urgent = ", ".join(evaluation.urgent)
    load = f"the most urgent {evaluation.review_load:.0%}"
    caption = f"urgent: {urgent} ({evaluation.urgent_rows} tickets); review: {load}"
    table = Table(caption=caption, box=SIMPLE, padding=(0, 1, 0, 0))
    for name in ("", "weighted kappa", "mean cost", "urgent found in review"):
        table.add_column(name, justify="left" if not name else "right", no_wrap=True)
    for each in evaluation.ordered:
        table.add_row(each.name, f"{each.kappa:.3f}", f"{each.cost:.3f}", f"{each.urgent_recall:.3f}")
    yield table
    by_value = Table(box=SIMPLE, padding=(0, 1, 0, 0))
    for name in ("value", "precision", "recall", "F1", "tickets"):
        by_value.add_column(name, justify="left" if name == "value" else "right")
    for row in evaluation.whole.per_class:
        by_value.add_row(row.value, f"{row.precision:.3f}", f"{row.recall:.3f}", f"{row.f1:.3f}", str(row.support))
    yield by_value


@dataclass(frozen=True, eq=False)
class JudgedPriorities:
    """The evaluation of a version, and how many tickets were left out because it may have been fitted on them."""

    model: str
    evaluation: PriorityEvaluation
    seen: int

    def show(self, console: "Console") -> None:
        """Print the tables, and how many tickets were left out."""
        for table in priority_tables(self.model, self.evaluation):
            console.print(table)
        if self.seen:
            console.print(f"  {self.seen} tickets left out: they were filed before the version was trained")
