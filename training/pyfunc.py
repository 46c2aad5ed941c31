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


class RegisteredModel(mlflow.pyfunc.PythonModel):  # type: ignore[misc, unused-ignore]
    """Any family's scorer as a pyfunc: the columns of its signature in and out."""

    def load_context(self, context: Any) -> None:
        """Load and verify the artefact folder."""
        from models.artefact import load_scorer

        self._scorer: Any = load_scorer(Path(context.artifacts["artefact"]))

    def predict(self, context: Any, model_input: pd.DataFrame, params: Any = None) -> pd.DataFrame:  # noqa: ARG002
        """Return one row a row in, in order and with its index."""
        found: pd.DataFrame = self._scorer.frame(model_input)
        return found


mlflow.models.set_model(RegisteredModel())
