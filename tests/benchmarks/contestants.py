"""Who is asked over HTTP: Fenzhen, and three others that show what each part of it costs."""

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fenzhen.exports import Exports
from tests.benchmarks.bare import ARTEFACT
from tests.benchmarks.bench import Bench
from tests.benchmarks.constant import ANSWER, WORKERS
from tests.benchmarks.footprint import save_fenzhen
from tests.benchmarks.servers import (
    Server,
    bentoml_command,
    fenzhen_command,
    free_port,
    mlflow_command,
    running,
    starlette_command,
)
from training.train import PYFUNC

__all__ = ["BARE", "CONSTANT", "FENZHEN", "MLFLOW", "MODEL", "NO_RATE_LIMIT", "PEERS", "Peer", "publish", "serving"]

MODEL = "ticket_category"
NO_RATE_LIMIT = "1000000"
FENZHEN, CONSTANT = "Fenzhen, /v1/classify", "BentoML, constant answer"
BARE, MLFLOW = "bare Starlette, same scorer", "mlflow models serve"

Ticket = Mapping[str, str]


@dataclass(frozen=True)
class Peer:
    """How one contestant is started over a folder, when it is ready, where it is asked and in which shape."""

    command: Callable[[Path, int, int], list[str]]
    path: str = "/v1/classify"
    ready: str = "/readyz"
    body: Callable[[Ticket], dict[str, Any]] = lambda ticket: {"ticket": ticket}


PEERS = {
    FENZHEN: Peer(lambda folder, port, workers: fenzhen_command(folder, port, workers)),
    CONSTANT: Peer(lambda _folder, port, _workers: bentoml_command(port)),
    BARE: Peer(lambda _folder, port, workers: starlette_command(port, workers)),
    MLFLOW: Peer(
        lambda folder, port, workers: mlflow_command(folder / "pyfunc", port, workers), "/invocations", "/health",
        lambda ticket: {"dataframe_split": {"columns": list(ticket), "data": [list(ticket.values())]}},
    ),
}


def publish(bench: Bench, folder: Path) -> None:
    """Make ``folder`` a workspace whose champion is the hotline's model, with the same model as MLflow saves it."""
    artefact = folder / "artefact"
    save_fenzhen(bench.kept_fit("raw", "Fenzhen").fitted, artefact)
    Exports(folder / ".fenzhen" / "exports").publish(MODEL, 1, artefact, registry_alias=1)
    (folder / "answer.json").write_text("{}", encoding="utf-8")
    _save_pyfunc(artefact, folder / "pyfunc")


@contextlib.contextmanager
def serving(name: str, folder: Path, workers: int = 1, port: int = 0, **environ: str) -> Iterator[Server]:
    """Run a contestant over a published folder, on any free port unless one is given."""
    port, peer = port or free_port(), PEERS[name]
    settings = {
        ANSWER: str(folder / "answer.json"), WORKERS: str(workers), ARTEFACT: str(folder / "artefact"),
        "FENZHEN_RATE": NO_RATE_LIMIT, **environ,
    }
    with running(peer.command(folder, port, workers), port, folder, settings, peer.ready) as server:
        yield server


def _save_pyfunc(artefact: Path, path: Path) -> None:
    """Save the model as training registers it."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    import mlflow.pyfunc

    mlflow.pyfunc.save_model(path=str(path), python_model=str(PYFUNC), artifacts={"artefact": str(artefact)},
                             pip_requirements=[])
