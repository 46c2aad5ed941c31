"""From a workspace to a registered challenger: validate, judge on held-out rows, gate, refit, log, register."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from fenzhen.errors import TableError
from fenzhen.registry import Run
from fenzhen.workspace import Workspace, validate
from models.examples import Examples
from models.specs import Spec, spec_of
from training.dataset import NOTHING_HARVESTED, Dataset, load_dataset, window_of
from training.doors import Doors
from training.harvest import harvest
from training.judge import FEW_LABELS, Judge, Judgement
from training.promotion import promote
from training.provenance import Provenance, git_commit, library_versions
from training.report import write_report

PYFUNC = Path(__file__).with_name("pyfunc.py")
PROJECT = Path(__file__).parents[1]
WHY_LEFT_OUT = {
    "no_label": "没有标签", "inactive_label": "标签已停用", "no_text": "没有文字",
    "near_duplicate": "与指定表中的工单近似重复",
}

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
    judgement: Judgement
    promoted: bool


@dataclass(frozen=True)
class Stages:
    """How a run tells where it is: ``stage`` names the next step, ``advance`` ticks after each fit."""

    stage: Callable[[str], None] = lambda _name: None
    advance: Callable[[], None] = lambda: None


def train(workspace: Workspace, doors: Doors, order: Order, progress: Stages) -> Outcome:
    """Train and register one model; promote it as ordered.

    Raises ``TableError`` for tables with errors, ``TrainingRefused`` for data that cannot be learnt from. Until the
    version is registered nothing but an MLflow run exists; the champion changes last.
    """
    spec = spec_of(order.model, workspace.model_settings(order.model))
    progress.stage("reading tables")
    require_valid(workspace, spec)
    harvested = harvest(doors.store, spec.field, order.as_of) if order.harvest else NOTHING_HARVESTED
    dataset = load_dataset(workspace, spec, order.as_of, harvested)
    doors.registry.initialise()
    champion = doors.exports.champion(order.model)
    judge = Judge(
        spec, dataset, workspace.user_words(), champion.folder if champion else None, order.seed, progress.advance
    )
    progress.stage("judging on the newest rows")
    judgement = judge.judge()
    progress.stage("fitting on all rows")
    scorer = judge.refit(judgement.spec)
    with doors.registry.run(order.model, run_name=f"{order.model} {order.as_of:%Y-%m-%d}") as run:
        progress.stage("logging to MLflow")
        version = _registered(workspace, doors, order, run, _Result(dataset, judgement, scorer))
        promoted = order.promote == "force" or (order.promote == "auto" and judgement.gate.passed)
        if promoted:
            progress.stage("promoting")
            promote(doors, order.model, version, actor=order.actor, reason=_why(judgement, order.promote),
                    force=order.promote == "force")
        return Outcome(order.model, version, run.id, judgement, promoted)


def require_valid(workspace: Workspace, spec: Spec) -> None:
    """Raise ``TableError`` if a table that the model reads has errors; warnings pass."""
    wanted = {spec.table, *spec.tables}
    errors = [each for each in validate(workspace) if each.severity == "error" and each.table in wanted]
    if errors:
        listed = "\n".join(f"  {each.table}.{each.column}: {each.problem} ({each.rows} rows)" for each in errors[:10])
        raise TableError(f"the tables have {len(errors)} errors; `fenzhen validate` shows all:\n{listed}")


@dataclass(frozen=True, eq=False)
class _Result:
    dataset: Dataset
    judgement: Judgement
    scorer: Any

    @property
    def spec(self) -> Spec:
        return self.judgement.spec

    @property
    def judged(self) -> Examples:
        return self.dataset.examples.take(self.judgement.split.test)


def _registered(workspace: Workspace, doors: Doors, order: Order, run: Run, result: _Result) -> int:
    """Log parameters, metrics and report to the run, then register the artefact."""
    provenance = _provenance(workspace, order, result)
    run.log_params({
        "as_of": provenance.as_of, "seed": order.seed, "regime": provenance.regime, "gap": provenance.gap,
        "dataset_sha256": provenance.dataset_sha256, "rows": len(result.dataset.examples), **provenance.parameters,
    })
    run.log_metrics(result.judgement.evaluation.metrics())
    verdict = "passed" if result.judgement.gate.passed else "failed"
    run.set_tags({"gate": verdict, "git_commit": provenance.git_commit})
    with tempfile.TemporaryDirectory() as scratch:
        judged = result.judged
        write_report(Path(scratch) / "report", result.judgement.evaluation, provenance, texts=judged.texts,
                     rows=judged.slices, gate=result.judgement.gate, ids=list(judged.ids))
        run.log_artifacts(Path(scratch) / "report", "report")
        artefact = Path(scratch) / "artefact"
        result.scorer.save(artefact, _manifest(order, provenance, result))
        example = pd.DataFrame({"subject": ["打印机卡纸"], "body": ["重启以后还是不行,请安排工程师上门。"]})
        return doors.registry.register(
            run, order.model, artefact, code=PYFUNC, input_example=example, tags={"gate": verdict},
            description=_description(result.judgement),
        )


def _manifest(order: Order, provenance: Provenance, result: _Result) -> dict[str, Any]:
    evaluation, examples = result.judgement.evaluation, result.dataset.examples
    return {
        "model": order.model, "field": result.spec.field, "labels": len(examples), "as_of": provenance.as_of,
        "few_labels": len(examples) < FEW_LABELS, "trained_until": window_of(examples).last,
        "evaluated_until": window_of(result.judged).last, "metrics": evaluation.metrics(),
        "seed": order.seed, "dataset_sha256": provenance.dataset_sha256, "libraries": dict(provenance.libraries),
        "git_commit": provenance.git_commit, "gate_passed": result.judgement.gate.passed,
    }


def _provenance(workspace: Workspace, order: Order, result: _Result) -> Provenance:
    parts, examples = result.judgement.split, result.dataset.examples
    windows = {name: window_of(examples.take(getattr(parts, name))) for name in ("train", "validation", "test")}
    settings = result.spec.settings
    return Provenance(
        model=order.model, field=result.spec.field, label=result.spec.label, as_of=order.as_of.isoformat(),
        regime=parts.regime, gap=str(parts.gap), seed=order.seed, dataset_sha256=result.dataset.sha256,
        windows={**windows, "refit": window_of(examples)}, source=workspace.folder.resolve().name,
        git_commit=git_commit(PROJECT), libraries=library_versions(), merged_classes=dict(examples.merged),
        parameters={name: getattr(settings, name) for name in settings.__dataclass_fields__},
        excluded={WHY_LEFT_OUT.get(why, why): rows for why, rows in examples.left_out.items()},
        warnings=_doubts(result),
    )


def _doubts(result: _Result) -> tuple[str, ...]:
    rows = len(result.dataset.examples)
    if rows >= FEW_LABELS:
        return ()
    accuracy = result.judgement.evaluation.accuracy
    return (
        f"起步模式：只有 {rows} 条带标签的工单，准确率的 95% 区间为 {accuracy.low:.0%}–{accuracy.high:.0%}，"
        "请先以建议方式使用。",
    )


def _description(judgement: Judgement) -> str:
    found = judgement.evaluation
    return (
        f"accuracy {found.accuracy.estimate:.3f} ({found.accuracy.low:.3f} to {found.accuracy.high:.3f}), macro-F1 "
        f"{found.macro_f1.estimate:.3f}, ECE {found.ece:.3f} on {len(found.labels)} rows; gate: "
        + "; ".join(judgement.gate.reasons)
    )


def _why(judgement: Judgement, how: Promote) -> str:
    return f"{how}: gate {'passed' if judgement.gate.passed else 'failed'}; " + "; ".join(judgement.gate.reasons)
