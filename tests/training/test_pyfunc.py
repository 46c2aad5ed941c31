"""A registered version is a standard pyfunc: MLflow's own command line predicts with it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from fenzhen.registry import Registry
from fenzhen.settings import Settings, read_settings
from tests.serving.fitted import fitted_scorer
from training.champions.doors import open_doors
from training.champions.promotion import promote

MODEL = "ticket_category"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Settings:
    """A workspace whose champion is a scorer that was really fitted."""
    folder = tmp_path_factory.mktemp("pyfunc")
    fitted_scorer(1).save(folder / "artefact", {"model": MODEL, "field": "category"})
    settings = read_settings(folder, {})
    with open_doors(settings) as doors:
        doors.registry.initialise()
        with doors.registry.run(MODEL) as run:
            doors.registry.register(
                run, MODEL, folder / "artefact", code=project / "training" / "pyfunc.py",
                input_example=[{"subject": "打印机卡纸", "body": "第三次了"}], tags={"gate": "passed"},
            )
        promote(doors, MODEL, actor="me", reason="")
    return settings


def test_rows_come_back_in_order_with_their_index(settings: Settings) -> None:
    import mlflow.pyfunc

    with Registry(settings).mlflow("locate the version") as client:
        location = client.get_model_version_download_uri(MODEL, "1")
    rows = pd.DataFrame({"body": [None, "打印机卡纸"]}, index=[7, 3])
    said = mlflow.pyfunc.load_model(location).predict(rows)
    assert list(said.columns) == ["prediction", "confidence", "decision"]
    assert list(said.index) == [7, 3]
    assert said.loc[7, "prediction"] == ""
    assert said.loc[7, "decision"] == "abstain"
    assert said.loc[3, "prediction"] == "硬件故障"


@pytest.mark.slow
def test_mlflow_models_predict_works_on_the_champion(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "in.json").write_text(json.dumps({"dataframe_records": [{"subject": "打印机卡纸"}, {"body": ""}]}))
    words = f"models predict --env-manager local -m models:/{MODEL}@champion -i in.json -t json".split()
    done = subprocess.run(
        [sys.executable, "-m", "mlflow", *words], cwd=tmp_path, capture_output=True, text=True, check=False,
        timeout=120, env={**os.environ, "MLFLOW_TRACKING_URI": settings.tracking_uri},
    )
    assert done.returncode == 0, done.stderr
    said = [row["prediction"] for row in json.loads(done.stdout)["predictions"]]
    assert said == ["硬件故障", ""]
