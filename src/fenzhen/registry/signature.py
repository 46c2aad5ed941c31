"""Columns that a registered model takes and gives, without importing MLflow."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Signature:
    """Column names and MLflow types (``string``, ``double``, ``long``, ``boolean``, ``datetime``).

    Every input may be left out; a missing one is empty.
    """

    inputs: Mapping[str, str]
    outputs: Mapping[str, str]

    def as_mlflow(self) -> Any:
        """Return ``mlflow.models.ModelSignature``."""
        from mlflow.models import ModelSignature
        from mlflow.types import ColSpec, Schema

        inputs = [ColSpec(kind, name, required=False) for name, kind in self.inputs.items()]
        outputs = [ColSpec(kind, name) for name, kind in self.outputs.items()]
        return ModelSignature(inputs=Schema(inputs), outputs=Schema(outputs))


TEXT_SIGNATURE = Signature(
    inputs={"subject": "string", "body": "string"},
    outputs={"prediction": "string", "confidence": "double", "decision": "string"},
)
