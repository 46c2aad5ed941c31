"""From a workspace to a registered challenger: validate, learn and gate as the family does, log, register."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from fenzhen.errors import TableError
from fenzhen.registry import Run
from fenzhen.workspace import Problem, Workspace, validate
from models.specs import Spec, spec_of
from training.champions.doors import Doors
from training.champions.promotion import promote
from training.family import Job, Learned, Stages, family_of
from training.moment import refuse_moment_to_come
from training.provenance import Provenance, git_commit, library_versions

PYFUNC = Path(__file__).with_name("pyfunc.py")
PROJECT = Path(__file__).parents[1]

Promote = Literal["never", "auto", "force"]


@dataclass(frozen=True, slots=True)
class Order:
    """What to train: which model, as of when, with which seed; whether to promote, who asks, whether to harvest."""

    model: str
    as_of: pd.Timestamp
    seed: int = 0
    promote: Promote = "never"
    actor: str = "fenzhen train"
    harvest: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a training run."""

    model: str
    version: int
    run_id: str
    learned: Learned
    promoted: bool


def train(workspace: Workspace, doors: Doors, order: Order, progress: Stages) -> Outcome:
    """Train and register one model; promote it as ordered.

    Raises ``TableError`` for tables with errors, ``TrainingRefused`` for data that cannot be learnt from and for a
    moment to come. Until the version is registered nothing but an MLflow run exists; the champion changes last.
    """
    refuse_moment_to_come(order.as_of, "what has not happened until then would be learnt as if it never did")
    spec = spec_of(order.model, workspace.model_settings(order.model))
    progress.stage("reading tables")
    require_valid(workspace, spec)
    job = Job(workspace, spec, order.as_of, order.seed, doors.exports.champion(order.model),
              doors.store if order.harvest else None, progress)
    learned = family_of(spec).learn(job)
    doors.registry.initialise()
    with doors.registry.run(order.model, run_name=f"{order.model} {order.as_of:%Y-%m-%d}") as run:
        progress.stage("logging to MLflow")
        version = _registered(job, doors, run, learned)
        promoted = order.promote == "force" or (order.promote == "auto" and learned.gate.passed)
        if promoted:
            progress.stage("promoting")
            promote(doors, order.model, version, actor=order.actor, reason=_why(learned, order.promote),
                    force=order.promote == "force")
        return Outcome(order.model, version, run.id, learned, promoted)


def require_valid(workspace: Workspace, spec: Spec) -> None:
    """Raise ``TableError`` if a table that the model reads has errors; warnings pass."""
    wanted = {spec.table, *spec.tables}
    errors = [each for each in validate(workspace) if each.severity == "error" and each.table in wanted]
    if errors:
        listed = "\n".join(f"  {_in_words(each)}" for each in errors[:10])
        counted = "one error" if len(errors) == 1 else f"{len(errors)} errors"
        raise TableError(f"the tables have {counted}; `fenzhen validate` shows all:\n{listed}")


def _in_words(problem: Problem) -> str:
    """Return a problem on one line.

    >>> _in_words(Problem("tickets", "", "the file does not exist")), _in_words(Problem("tickets", "at", "bad", 2))
    ('tickets: the file does not exist', 'tickets.at: bad (2 rows)')
    """
    where = f"{problem.table}.{problem.column}" if problem.column else problem.table
    rows = f" ({problem.rows} row{'' if problem.rows == 1 else 's'})" if problem.rows else ""
    return f"{where}: {problem.problem}{rows}"


def _registered(job: Job, doors: Doors, run: Run, learned: Learned) -> int:
    """Log parameters, metrics and report to the run, then register the artefact."""
    provenance, metrics, data = provenance_of(job, learned), learned.metrics(), learned.data
    run.log_params({
        "as_of": provenance.as_of, "seed": job.seed, "regime": data.regime, "gap": data.gap,
        "dataset_sha256": data.dataset_sha256, "rows": data.rows, **data.parameters,
    })
    run.log_metrics(metrics)
    verdict = "passed" if learned.gate.passed else "failed"
    run.set_tags({"gate": verdict, "git_commit": provenance.git_commit})
    with tempfile.TemporaryDirectory() as scratch:
        learned.write_report(Path(scratch) / "report", provenance)
        run.log_artifacts(Path(scratch) / "report", "report")
        artefact = Path(scratch) / "artefact"
        learned.save(artefact, {**manifest_facts(provenance, metrics), **learned.facts(),
                                "gate_passed": learned.gate.passed})
        return doors.registry.register(
            run, job.spec.name, artefact, code=PYFUNC, signature=learned.signature(),
            input_example=learned.input_example(), tags={"gate": verdict}, description=learned.description(),
        )


def manifest_facts(provenance: Provenance, metrics: dict[str, float]) -> dict[str, Any]:
    """Return what every family's manifest says of its origin."""
    return {
        "model": provenance.model, "field": provenance.field, "as_of": provenance.as_of, "metrics": metrics,
        "seed": provenance.seed, "dataset_sha256": provenance.dataset_sha256,
        "libraries": dict(provenance.libraries), "git_commit": provenance.git_commit,
    }


def provenance_of(job: Job, learned: Learned) -> Provenance:
    """Return where a model comes from, for report, model card and manifest."""
    data = learned.data
    return Provenance(
        model=job.spec.name, field=job.spec.field, label=job.spec.label, as_of=job.as_of.isoformat(),
        regime=data.regime, gap=data.gap, seed=job.seed, dataset_sha256=data.dataset_sha256, windows=data.windows,
        source=job.workspace.folder.resolve().name, git_commit=git_commit(PROJECT), libraries=library_versions(),
        merged_classes=data.merged_classes, parameters=data.parameters, excluded=data.excluded,
        warnings=data.warnings,
    )


def _why(learned: Learned, how: Promote) -> str:
    return f"{how}: gate {'passed' if learned.gate.passed else 'failed'}; " + "; ".join(learned.gate.reasons)
