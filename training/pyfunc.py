"""What MLflow runs when it serves a registered version: models from code, over a folder of data.

``mlflow models predict --env-manager local -m models:/ticket_category@champion`` executes this file.
"""

import warnings
from pathlib import Path
from typing import Any

import pandas as pd

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # MLflow warns of its own type hints while it is imported
    import mlflow.models
    import mlflow.pyfunc

Row = tuple[str, float | None, str]

COLUMNS = ("prediction", "confidence", "decision")


class LabelModel(mlflow.pyfunc.PythonModel):  # type: ignore[misc, unused-ignore]
    """A text-label scorer as a pyfunc: ``subject`` and ``body`` in, ``COLUMNS`` out."""

    def load_context(self, context: Any) -> None:
        """Load and verify the artefact folder."""
        from models.artefact import load_scorer

        self._scorer: Any = load_scorer(Path(context.artifacts["artefact"]))

    def predict(self, context: Any, model_input: pd.DataFrame, params: Any = None) -> pd.DataFrame:  # noqa: ARG002
        """Return one row a row in, in order and with its index; an empty prediction abstains."""
        rows = answers_of(self._scorer, _texts(model_input, "subject"), _texts(model_input, "body"))
        return pd.DataFrame(rows, columns=list(COLUMNS), index=model_input.index)


def _texts(frame: pd.DataFrame, name: str) -> list[str | None]:
    """Return a column as texts; a missing column and a missing cell are None."""
    if name not in frame.columns:
        return [None] * len(frame)
    return [None if pd.isna(cell) else str(cell) for cell in frame[name]]


def answers_of(scorer: Any, subjects: list[str | None], bodies: list[str | None]) -> list[Row]:
    """Return prediction, confidence and decision of each text, by the model alone: no taxonomy, no rules."""
    from models.decision import decide
    from models.policy import Policy

    answers = decide(scorer, Policy(), subjects, bodies, top_k=1, mode="auto")
    return [(answer.value or "", answer.confidence, answer.decision) for answer in answers]


mlflow.models.set_model(LabelModel())
