"""Customers: features of a million interactions beside DuckDB, scoring with reasons, and how well the risks rank."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from features.customers.customer_activity import customer_activity
from features.customers.entity_facts import EntityFacts
from fenzhen.metrics import paired_risk_bootstrap
from fenzhen.tables import conform, empty_table
from fenzhen.workspace import Workspace, load_workspace
from models.churn.details import ChurnDetails
from models.churn.spec import ChurnSpec
from models.specs import spec_of
from tests.benchmarks.bench import Bench
from tests.benchmarks.cases import PROJECT
from tests.benchmarks.customer_sql import ACTIVITY, in_sql
from tests.benchmarks.results import Aim, Section, Table, number
from training.churn.backtest import risk_summary
from training.churn.learning import judged_churn, refitted
from training.churn.snapshots import snapshots
from training.families.churn import FAMILY
from training.family import BacktestAsk, Job

__all__ = ["churn"]

INTERACTIONS, CUSTOMERS, DATES, SCORED = 1_000_000, 100_000, 12, 100_000
KINDS = ("order", "visit")


def churn(bench: Bench) -> Section:
    """Return the section: speed of features and scoring, quality on the ready workspaces."""
    share = 0.01 if bench.quick else 1.0
    seconds, theirs = feature_seconds(round(INTERACTIONS * share), round(CUSTOMERS * share), bench.seed)
    bench.say(f"features {seconds:.1f} s, DuckDB {theirs:.1f} s")
    rate = reasons_a_second(round(SCORED * share), bench.seed)
    bench.say(f"{rate:,.0f} customers with reasons a second")
    speed = Table(("", "seconds"), [
        (f"features at {DATES} dates", number(seconds, 1)), ("the same in DuckDB SQL", number(theirs, 1))])
    aims = [Aim("features at twelve dates, seconds", seconds, 60, at_least=False, digits=1),
            Aim("customers scored with reasons a second", rate, 5_000, digits=0)]
    ranked = [] if bench.quick else [
        _retail(bench), _judged(bench, "cdnow", "1997-11-27"), _judged(bench, "telco", None)]
    quality = Table(("workspace", "rows", "AUC", "lift at 10 %", "ECE", "over buy-till-you-die"),
                    [cells for cells, _ in ranked])
    aims += [aim for _, more in ranked for aim in more]
    return Section("churn", f"{round(INTERACTIONS * share):,} interactions of {round(CUSTOMERS * share):,} customers; "
                            "then the ready workspaces.", [speed, *([quality] if ranked else [])], aims)


def feature_seconds(rows: int, customers: int, seed: int) -> tuple[float, float]:
    """Return the seconds for activity features at twelve dates, and those of the same columns in DuckDB."""
    interactions = made_up_interactions(rows, customers, seed)
    dates = [pd.Timestamp("2025-12-31", tz="UTC") - pd.Timedelta(days=20 * back) for back in range(DATES)]
    ids = pd.Index(pd.unique(interactions["customer_id"]))

    def ours(as_of: pd.Timestamp) -> None:
        customer_activity(interactions, ids, as_of, KINDS)

    def theirs(as_of: pd.Timestamp) -> None:
        in_sql(ACTIVITY, {"interactions": interactions}, as_of, kinds=list(KINDS))

    return _seconds(ours, dates), _seconds(theirs, dates)


def made_up_interactions(rows: int, customers: int, seed: int) -> pd.DataFrame:
    """Return canonical interactions over the year 2025."""
    random = np.random.default_rng(seed)
    at = pd.Timestamp("2025-01-01", tz="UTC") + pd.to_timedelta(random.integers(0, 365 * 86_400, rows), unit="s")
    return conform("interactions", pd.DataFrame({
        "customer_id": pd.Series(random.integers(0, customers, rows)).astype("str"), "at": at,
        "kind": random.choice(["order", "visit", "call"], rows), "value": random.random(rows) * 100,
        "product": pd.Series(random.integers(0, 500, rows)).astype("str"),
    }))


def reasons_a_second(customers: int, seed: int) -> float:
    """Return how many customers a second get a risk and its reasons, features as given."""
    interactions = made_up_interactions(customers * 5, customers, seed)
    spec = spec_of("churn", {"horizon_days": 60, "cohort": "repeat", "snapshots": 4, "kinds": list(KINDS)})
    tables = {name: empty_table(name) for name in spec.tables} | {"interactions": interactions}
    since = EntityFacts.of(interactions["customer_id"], interactions["at"], ids := pd.Index(
        np.unique(interactions["customer_id"].to_numpy(dtype=object))), end := interactions["at"].max())
    tables["customers"] = conform("customers", pd.DataFrame({
        "customer_id": ids, "since": end - pd.to_timedelta(np.nan_to_num(since.oldest()), unit="D")}))
    fitted = snapshots(spec, _some(tables, 3_000), end)
    scorer = refitted(spec, fitted, None, seed, lambda: None)
    rows = spec.rows(tables, end)
    started = time.perf_counter()
    scorer.probabilities(rows)
    list(ChurnDetails(scorer, rows, tables["customers"], spec.settings))
    return len(rows) / (time.perf_counter() - started)


def _some(tables: dict[str, pd.DataFrame], customers: int) -> dict[str, pd.DataFrame]:
    chosen = tables["customers"]["customer_id"].iloc[:customers]
    return {name: frame[frame["customer_id"].isin(chosen)] if "customer_id" in frame.columns else frame
            for name, frame in tables.items()}


def _seconds(work: Callable[[pd.Timestamp], None], dates: Sequence[pd.Timestamp]) -> float:
    started = time.perf_counter()
    for date in dates:
        work(date)
    return time.perf_counter() - started


def _workspace(name: str) -> tuple[Workspace, ChurnSpec]:
    workspace = load_workspace(Path(PROJECT / "training" / "workspaces" / name))
    return workspace, spec_of("churn", workspace.model_settings("churn"))


def _retail(bench: Bench) -> tuple[tuple[str, ...], list[Aim]]:
    """Trained as of 2010-06-01, scored then, beside what happened in the 90 days after."""
    workspace, spec = _workspace("online_retail")
    found = FAMILY.backtest(BacktestAsk(workspace, spec, [workspace.moment("2010-06-01")], seed=bench.seed))
    numbers = risk_summary(found)
    bench.say(f"online_retail: {numbers}")
    return (("online_retail, as of 2010-06-01", f"{numbers['rows']:,.0f}", number(numbers["roc_auc"]),
             number(numbers["lift_at_10"], 2), number(numbers["ece"], 3), "—"),
            [Aim("online_retail AUC", numbers["roc_auc"], 0.739),
             Aim("online_retail lift at 10 %", numbers["lift_at_10"], 1.95, digits=2),
             Aim("online_retail AUC", numbers["roc_auc"], 0.750, stretch=True)])


def _judged(bench: Bench, name: str, as_of: str | None) -> tuple[tuple[str, ...], list[Aim]]:
    """Judged out of fold by customer, as ``fenzhen train`` does where the past is short."""
    workspace, spec = _workspace(name)
    moment = workspace.moment(as_of) if as_of else pd.Timestamp.now(tz="UTC")
    evaluation = judged_churn(Job(workspace, spec, moment, bench.seed))[0].evaluation
    bench.say(f"{name}: AUC {evaluation.roc_auc.estimate:.4f}")
    over = "—"
    aims = [Aim(f"{name} AUC", evaluation.roc_auc.estimate, 0.848), Aim(f"{name} ECE", evaluation.ece, 0.02,
                                                                       at_least=False)]
    if (rival := evaluation.scores.get("buy_till_you_die")) is not None:
        found = paired_risk_bootstrap(evaluation.outcome, evaluation.probability, rival, None, rounds=500)
        over = f"{found.estimate:+.4f} [{found.low:+.4f}, {found.high:+.4f}]"
        aims = [Aim(f"{name} AUC over buy-till-you-die", found.estimate, 0.005)]
    auc = evaluation.roc_auc
    return (name, f"{evaluation.outcome.size:,}", f"{auc.estimate:.4f} [{auc.low:.3f}, {auc.high:.3f}]",
            number(evaluation.lift_at_10.estimate, 2), number(evaluation.ece, 3), over), aims
