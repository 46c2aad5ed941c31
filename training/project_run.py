"""What ``mlflow run`` passes to the commands it starts, and what of it counts."""

from collections.abc import MutableMapping
from pathlib import Path

PASSED = ("MLFLOW_TRACKING_URI", "MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID")


def prefer_own_state(environ: MutableMapping[str, str], project: Path) -> None:
    """Forget the address that ``mlflow run .`` makes up where nobody named one: a database in the project's root.

    Versions belong into the workspace's state, where every other command looks for them. An address that
    somebody chose (``MLFLOW_TRACKING_URI``) is kept, and the training run is then a child of MLflow's run.

    >>> environ = {"MLFLOW_RUN_ID": "1f", "MLFLOW_TRACKING_URI": "sqlite:////srv/fenzhen/mlflow.db"}
    >>> prefer_own_state(environ, Path("/srv/elsewhere"))
    >>> len(environ)
    2
    >>> prefer_own_state(environ, Path("/srv/fenzhen"))
    >>> environ
    {}
    """
    made_up = (f"sqlite:///{project / 'mlflow.db'}", str(project / "mlruns"), (project / "mlruns").as_uri())
    if "MLFLOW_RUN_ID" in environ and environ.get("MLFLOW_TRACKING_URI") in made_up:
        for name in PASSED:
            environ.pop(name, None)
