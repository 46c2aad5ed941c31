"""A workspace whose model has three registered versions, in a real MLflow."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fenzhen.registry import Registry
from fenzhen.settings import Settings, read_settings
from models.artefact import write_artefact
from tests.training.registered import MODEL, check
from training.champions.doors import Doors, open_doors

ECHO = """
import mlflow
import pandas as pd

class Echo(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input: pd.DataFrame, params=None) -> pd.DataFrame:
        return model_input

mlflow.models.set_model(Echo())
"""


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with three registered versions, of which the second failed its gate."""
    folder = tmp_path_factory.mktemp("made")
    registry = Registry(read_settings(folder, {}))
    registry.initialise()
    (folder / "echo.py").write_text(ECHO)
    for number, gate in enumerate(("passed", "failed", "passed"), start=1):
        write_artefact(folder / f"v{number}", {"weights.txt": f"weights {number}"}, {"number": number})
        with registry.run(MODEL) as run:
            registry.register(run, MODEL, folder / f"v{number}", code=folder / "echo.py", tags={"gate": gate})
    return folder


@pytest.fixture
def settings(made: Path, tmp_path: Path) -> Settings:
    """Settings of a workspace of its own; the artefacts stay where they were logged."""
    (tmp_path / ".fenzhen").mkdir()
    shutil.copy(made / ".fenzhen" / "mlflow.db", tmp_path / ".fenzhen" / "mlflow.db")
    return read_settings(tmp_path, {"FENZHEN_LOCK_TIMEOUT_SECONDS": "5"})


@pytest.fixture
def warnings() -> list[str]:
    """What was warned of."""
    return []


@pytest.fixture
def doors(settings: Settings, warnings: list[str]) -> Iterator[Doors]:
    """The doors of that workspace."""
    with open_doors(settings) as opened:
        yield replace(opened, check=check, warn=warnings.append)
