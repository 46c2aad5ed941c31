"""What every family of models offers to training, so that no command branches on a model.

A family lives in ``training/families/<family>.py`` as ``FAMILY`` and is found by its spec's ``family``. Commands ask
it to learn, predict, score, backtest and evaluate; what it cannot do it refuses with ``TrainingRefused``.
"""

import importlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import pandas as pd

from fenzhen.exports import Champion, Exports
from fenzhen.registry.signature import Signature
from fenzhen.store import Store
from fenzhen.workspace import Workspace
from models.specs import Spec
from training.champions.gate_rules import GateResult
from training.provenance import DataFacts, Provenance

if TYPE_CHECKING:
    from rich.console import Console

    from training.drift.comparison import Compared


@dataclass(frozen=True)
class Stages:
    """How long work tells where it is: ``stage`` names the next step, ``advance`` ticks after each fit."""

    stage: Callable[[str], None] = lambda _name: None
    advance: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class Job:
    """What a family learns from: what was known before ``as_of`` (UTC).

    ``champion`` is the version to beat, if any; ``store`` is where people's feedback is harvested from,
    None when nothing is to be harvested.
    """

    workspace: Workspace
    spec: Spec
    as_of: pd.Timestamp
    seed: int = 0
    champion: Champion | None = None
    store: Store | None = None
    progress: Stages = Stages()


class Learned(Protocol):
    """A judged and refitted model, ready to be logged and registered."""

    @property
    def gate(self) -> GateResult:
        """Whether it may become champion, with reasons."""

    @property
    def data(self) -> DataFacts:
        """What it was learnt from."""

    def metrics(self) -> dict[str, float]:
        """Flat, finite numbers for MLflow and the manifest."""

    def facts(self) -> dict[str, Any]:
        """What the manifest says beside the common facts: ``trained_until``, ``evaluated_until``, …; JSON-able."""

    def description(self) -> str:
        """One line for the registry."""

    def signature(self) -> Signature:
        """Columns that the pyfunc takes and gives."""

    def input_example(self) -> pd.DataFrame:
        """A row or two as the pyfunc takes them; nothing real."""

    def write_report(self, folder: Path, provenance: Provenance) -> None:
        """Write tables, plots and the Chinese model card into ``folder`` (made if absent)."""

    def save(self, folder: Path, manifest: Mapping[str, Any]) -> None:
        """Write the artefact with golden cases."""

    def show(self, console: "Console") -> None:
        """Print metrics beside the baselines, and what weakens them."""


@dataclass(frozen=True)
class Ask:
    """Rows to answer or to judge: canonical ``rows`` of the table that ``spec`` reads; ``segmented`` text is cut."""

    workspace: Workspace
    spec: Spec
    scorer: Any
    rows: pd.DataFrame
    top_k: int = 3
    segmented: bool = False
    advance: Callable[[int], None] = lambda _rows: None


@dataclass(frozen=True)
class ScoreAsk:
    """A whole cohort to score as of a moment (UTC); ``store`` holds the scores before, for levels with hysteresis."""

    workspace: Workspace
    spec: Spec
    scorer: Any
    as_of: pd.Timestamp
    store: Store | None = None
    advance: Callable[[int], None] = lambda _rows: None


@dataclass(frozen=True)
class Scored:
    """A scored cohort: ``frame`` with entity id, ``as_of``, ``horizon_days``, (``component``,) ``probability`` and
    ``risk_level``; ``details`` gives one JSON-able dict per row of it, in order, made when it is read; ``left_out``
    says in a few words who of the cohort was not scored and why, empty for nobody."""

    frame: pd.DataFrame
    details: Iterable[dict[str, Any]]
    left_out: str = ""


@dataclass(frozen=True)
class BacktestAsk:
    """Past dates (UTC) to train at, and ``until`` when (exclusive) to answer; None: after the last fact."""

    workspace: Workspace
    spec: Spec
    dates: Sequence[pd.Timestamp]
    until: pd.Timestamp | None = None
    top_k: int = 3
    seed: int = 0
    advance: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class DriftAsk:
    """What a version saw before it was trained beside what came from ``since`` to ``until`` (UTC, exclusive).

    None: since the version was trained, until after the last fact.
    """

    workspace: Workspace
    spec: Spec
    scorer: Any
    since: pd.Timestamp | None = None
    until: pd.Timestamp | None = None
    advance: Callable[[int], None] = lambda _rows: None


class Shown(Protocol):
    """Something that a person reads on the screen."""

    def show(self, console: "Console") -> None:
        """Print it."""


@dataclass(frozen=True)
class FollowUp:
    """What a family may do about fresh scores: the newest complete ones of ``spec`` in ``store``."""

    workspace: Workspace
    spec: Spec
    scorer: Any
    store: Store
    exports: Exports


@runtime_checkable
class FollowsUp(Protocol):
    """A family that does something with fresh scores, such as opening alerts; most do nothing."""

    def follow_up(self, ask: FollowUp) -> str:
        """Do it, once however often it is asked for the same scores; return a line for the screen."""


class Family(Protocol):
    """Everything that commands ask of a family."""

    def learn(self, job: Job) -> Learned:
        """Judge on rows that nothing was fitted on, gate, then refit on everything known."""

    def predict(self, ask: Ask) -> pd.DataFrame:
        """Return one row a row in, in order: id, prediction, confidence, decision, rank_1 …, confidence_1 …."""

    def score(self, ask: ScoreAsk) -> Scored:
        """Return the risk of every entity of the cohort."""

    def backtest(self, ask: BacktestAsk) -> pd.DataFrame:
        """Return the columns of predict or score and ``outcome``."""

    def summary(self, found: pd.DataFrame, top_k: int) -> dict[str, float]:
        """Return the metrics of a backtest for the screen."""

    def evaluate(self, ask: Ask) -> Shown:
        """Judge a registered version on labelled rows that it was not fitted on."""

    def drift(self, ask: DriftAsk) -> "Compared":
        """Return what the version sees, answers and is told, before it was trained and since."""


def family_of(spec: Spec) -> Family:
    """Return the family of a spec.

    >>> from models.specs import spec_of
    >>> type(family_of(spec_of("ticket_sentiment", {}))).__name__
    'TextLabelFamily'
    """
    found: Family = importlib.import_module(f"training.families.{spec.family}").FAMILY
    return found
