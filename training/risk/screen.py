"""What a person sees of a risk model on the screen."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from training.risk.evaluation import RiskEvaluation

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table


def risk_table(model: str, evaluation: RiskEvaluation) -> "Table":
    """Return AUC (with 95 % interval), average precision, lift and calibration of a model above its baselines."""
    from rich.box import SIMPLE
    from rich.table import Table

    caption = f"lift@10: rate among the riskiest 10 % over the rate of all ({evaluation.base_rate:.1%})"
    title = f"{model} on {evaluation.outcome.size} rows it was not fitted on"
    table = Table(title=title, caption=caption, box=SIMPLE, padding=(0, 1, 0, 0))
    for name in ("", "AUC", "AP", "lift@10", "ECE"):
        table.add_column(name, justify="left" if not name else "right", no_wrap=True)
    auc = evaluation.roc_auc
    table.add_row(model, f"{auc.estimate:.3f} [{auc.low:.3f}, {auc.high:.3f}]",
                  f"{evaluation.average_precision.estimate:.3f}", f"{evaluation.lift_at_10.estimate:.2f}",
                  f"{evaluation.ece:.3f}")
    for row in evaluation.baselines:
        table.add_row(f"  {row.name}", f"{row.roc_auc:.3f}", f"{row.average_precision:.3f}",
                      f"{row.lift_at_10:.2f}", "")
    return table


@dataclass(frozen=True)
class RiskShown:
    """The judgement of a registered version, for the screen."""

    model: str
    evaluation: RiskEvaluation

    def show(self, console: "Console") -> None:
        """Print the table and what lists of limited length would hold."""
        console.print(risk_table(self.model, self.evaluation))
        found = self.evaluation
        console.print(f"  the {found.capacity} riskiest: {found.precision_at_capacity:.1%} happened, "
                      f"{found.recall_at_capacity:.1%} of all that happened")
