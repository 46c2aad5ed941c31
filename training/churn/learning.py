"""One churn model learnt: snapshots, judgement with gate, monthly look back, refit on everything."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fenzhen.metrics import lift_at, roc_auc
from models.churn.details import value_of
from models.churn.fit import fit_weights, scorer_of
from models.churn.levels import risk_levels
from models.churn.scorer import ChurnScorer
from models.churn.spec import ChurnSpec
from training.champions.champion_to_beat import champion_to_beat
from training.champions.gate_rules import GateResult
from training.churn.judge import (
    STRONG,
    ChurnSplit,
    JudgedRows,
    baseline_scores,
    judge_rows,
    out_of_fold_scores,
    split_of,
)
from training.churn.snapshots import Snapshots, snapshots
from training.churn.tables import labelled_tables
from training.family import Job
from training.risk.evaluation import RiskEvaluation, evaluate_risk
from training.risk.gate import RiskLimits, RiskRival, risk_gate

MOST_MONTHS = 6
LEAST_EVENTS = 10


@dataclass(frozen=True, eq=False)
class ChurnJudgement:
    """What the judged rows said; ``notes`` are Chinese sentences for the model card."""

    split: ChurnSplit
    evaluation: RiskEvaluation
    gate: GateResult
    notes: tuple[str, ...]


def judged_churn(job: Job) -> tuple[ChurnJudgement, Snapshots, str, pd.DataFrame]:
    """Return the judgement, the snapshots, the hash of what went in, and the monthly look back."""
    spec: ChurnSpec = job.spec  # type: ignore[assignment]
    job.progress.stage("features at past dates")
    found = snapshots(spec, labelled_tables(job.workspace, spec), job.as_of)
    job.progress.stage("judging on the newest date")
    parts = split_of(found, job.seed)
    judged = judge_rows(spec, found, parts, job.seed, job.progress.advance)
    evaluation = _evaluated(spec, found, judged, job.seed)
    verdict = _gated(job, found, judged, evaluation)
    job.progress.stage("looking back month by month")
    monthly = monthly_backtest(spec, found, job.seed, job.progress.advance)
    return ChurnJudgement(parts, evaluation, verdict, _notes(found)), found, _sha256(job), monthly


def refitted(spec: ChurnSpec, found: Snapshots, judgement: ChurnJudgement | None, seed: int,
             advance: Callable[[], None]) -> ChurnScorer:
    """Return the scorer fitted on all rows; it is calibrated out of fold, the newer a date the more it counts."""
    facts = {} if judgement is None else {"regime": judgement.split.regime}
    scores, _, _ = out_of_fold_scores(spec, found, seed, advance)
    weights = fit_weights(found.rows, found.outcome, found.newest, spec.settings.horizon_days, seed, advance=advance)
    newest = int((found.whole & (found.place == found.judged_place)).sum())
    share = min(spec.capacity(newest) / newest, 1.0)
    scored = ~np.isnan(scores)
    return scorer_of(weights, scores[scored], found.outcome[scored], found.weights()[scored], share,
                     {"model": spec.name, "field": spec.field, **facts})


def monthly_backtest(spec: ChurnSpec, found: Snapshots, seed: int, advance: Callable[[], None]) -> pd.DataFrame:
    """Return AUC and lift at past dates about a month apart, each by a fit on windows that had ended by then."""
    columns = ["as_of", "rows", "happened", "roc_auc", "lift_at_10", "recency_roc_auc"]
    dates, chosen = found.dates, list[int]()
    for place in range(found.judged_place, -1, -1):
        if _learnable(found, place) and (not chosen or dates[chosen[-1]] - dates[place] >= pd.Timedelta(days=28)):
            chosen.append(place)
    rows = [_month(spec, found, place, seed, advance) for place in reversed(chosen[:MOST_MONTHS])]
    return pd.DataFrame(rows, columns=columns)


def _ended(found: Snapshots, place: int) -> NDArray[np.bool_]:
    """Which rows' windows had ended by the date at ``place``."""
    return found.ended_by(found.dates[place])


def _learnable(found: Snapshots, place: int) -> bool:
    """Whether both outcomes had been seen often enough by a date, and occur at it."""
    seen, held = found.outcome[_ended(found, place)], found.outcome[found.whole & (found.place == place)]
    return bool(seen.size and LEAST_EVENTS <= seen.sum() <= seen.size - LEAST_EVENTS and 0 < held.sum() < held.size)


def _month(spec: ChurnSpec, found: Snapshots, place: int, seed: int, advance: Callable[[], None]) -> dict[str, Any]:
    fitted, held = found.take(_ended(found, place)), found.take(found.whole & (found.place == place))
    weights = fit_weights(fitted.rows, fitted.outcome, fitted.newest, spec.settings.horizon_days, seed, forests=1)
    score = weights.scores(held.rows)
    recency = baseline_scores(weights, held.rows).get("recency", np.zeros(len(held)))
    advance()
    return {"as_of": found.dates[place].isoformat(), "rows": len(held), "happened": float(held.outcome.mean()),
            "roc_auc": roc_auc(held.outcome, score), "lift_at_10": lift_at(held.outcome, score, 0.1),
            "recency_roc_auc": roc_auc(held.outcome, recency)}


def _evaluated(spec: ChurnSpec, found: Snapshots, judged: JudgedRows, seed: int) -> RiskEvaluation:
    rows, outcome = found.rows.take(judged.positions), found.outcome[judged.positions]
    capacity = spec.capacity(len(rows))
    value = value_of(rows)
    return evaluate_risk(
        outcome, np.clip(judged.probability, 0, 1), found.entity[judged.positions], capacity=capacity,
        baselines=judged.baselines, levels=risk_levels(judged.probability, capacity),
        value=value if np.nansum(value * outcome) > 0 else None, seed=seed)


def _gated(job: Job, found: Snapshots, judged: JudgedRows, evaluation: RiskEvaluation) -> GateResult:
    spec: ChurnSpec = job.spec  # type: ignore[assignment]
    limits = RiskLimits(ece=spec.settings.maximum_calibration_error)
    rivals = [RiskRival(name, score, strong=name in STRONG) for name, score in evaluation.scores.items()]
    champion = champion_to_beat(job.champion, lambda name, scorer: _rival(name, scorer, found, judged))
    return risk_gate(evaluation.outcome, evaluation.probability, evaluation.entities,
                     champion=champion, baselines=rivals, limits=limits, seed=job.seed)


def _rival(name: str, scorer: ChurnScorer, found: Snapshots, judged: JudgedRows) -> RiskRival:
    """The champion has not seen dates after its newest snapshot; without time it has seen everyone it was given."""
    dates = pd.DatetimeIndex(found.dates).take(found.place[judged.positions])
    unseen = np.asarray(dates > pd.Timestamp(scorer.manifest["newest_snapshot"]), dtype=bool)
    return RiskRival(name, scorer.scores(found.rows.take(judged.positions)), unseen & (not found.timeless))


def _notes(found: Snapshots) -> tuple[str, ...]:
    if found.timeless:
        return ("数据没有时间:每位客户一行,无法按时间检验,实际使用时的表现可能不同。",)
    span = found.dates[found.judged_place] - found.dates[0]
    short = f"只有 {len(found.dates)} 个快照日期,跨 {span.days} 天,不足三个预测期,季节变化无法检验。"
    return (short,) if span < 2 * found.horizon else ()


def _sha256(job: Job) -> str:
    facts = {"files": job.workspace.file_hashes(), "model": job.spec.name, "as_of": job.as_of.isoformat()}
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
