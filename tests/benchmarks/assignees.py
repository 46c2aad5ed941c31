"""Who takes a ticket: how well the ready workspaces' newest fifth is answered, and what each part gives."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fenzhen.workspace import Workspace, load_workspace
from models.routing.fit_trees import fit_rank_trees, places
from models.routing.past import RoutingPast
from models.routing.rows import RoutingRows
from models.routing.spec import RoutingSpec
from models.specs import spec_of
from tests.benchmarks.bench import Bench
from tests.benchmarks.cases import PROJECT
from tests.benchmarks.results import Aim, Section, Table, number
from training.routing.answers import rank_metrics
from training.routing.baselines import baseline_probabilities
from training.routing.dataset import RoutingDataset, routing_dataset, routing_tables
from training.routing.study import RoutingStudy

__all__ = ["assignees"]

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]
WEEK = 7 * 86_400.0
TEST_FROM = 0.80
MODELS = (("incidents", "assignee", (0.55, 0.72), (0.61, 0.78)),
          ("incidents", "assignee_group", (0.74, 0.90), (0.83, 0.93)),
          ("helpdesk", "assignee", (0.42, 0.78), (0.42, 0.78)))
LATELY = ("share_fresh", "share_recent", "share_latest")


def assignees(bench: Bench) -> Section:
    """Return the section: each model beside its baselines and without one of its parts."""
    rows, aims = [], []
    for workspace, model, once, weekly in MODELS[2:] if bench.quick else MODELS:
        found = _judged(bench, workspace, model)
        for way, metrics in found.items():
            bench.say(f"{workspace} {model}, {way}: {metrics}")
            cells = (number(metrics[name], 3) for name in ("top_1", "top_3", "mrr"))
            rows.append((f"{workspace} {model}, {way}", *cells))
        for way, wanted in (("trained once", once), ("retrained weekly", weekly)):
            aims += [Aim(f"{workspace} {model} {way}, {name}", found[way][name], aim, digits=3)
                     for name, aim in zip(("top_1", "top_3"), wanted, strict=True)]
    about = "The newest fifth of each workspace's tickets, each answered by what had happened before it was filed."
    return Section("assignees", about, [Table(("", "top-1", "top-3", "MRR"), rows)], aims)


def _dataset(loaded: Workspace, spec: RoutingSpec) -> RoutingDataset:
    return routing_dataset(routing_tables(loaded, spec, None), spec, loaded)


def _studied(bench: Bench, dataset: RoutingDataset, spec: RoutingSpec) -> tuple[RoutingStudy, list[float]]:
    """Return the study of the newest fifth, and the edges of its weeks."""
    start, end = float(dataset.at[int(len(dataset) * TEST_FROM)]), float(dataset.at[-1]) + 1
    weeks = [start, *np.arange(start + WEEK, end, WEEK).tolist()]
    return RoutingStudy(dataset, spec, weeks, bench.seed), [*weeks, end]


def _judged(bench: Bench, workspace: str, model: str) -> dict[str, dict[str, float]]:
    loaded = load_workspace(Path(PROJECT / "training" / "workspaces" / workspace))
    spec: RoutingSpec = spec_of(model, loaded.model_settings(model))  # type: ignore[assignment]
    study, edges = _studied(bench, _dataset(loaded, spec), spec)
    start = edges[0]
    once = study.block(start, edges[-1])
    without = {
        "without what happened lately": lambda name: not name.endswith(LATELY) and not name.startswith("hours_since"),
        "without load": lambda name: name != "open_tickets",
        "without the linear stage": lambda name: name != "linear_log_probability",
    }
    frozen = RoutingPast(np.minimum(study.dataset.at, start), study.past.terms, study.past.as_of, study.past.named)
    return {
        **_baselines(study, start, once.tickets),
        "trained once": _trained(study, start, once),
        **{way: _without(study, start, once, kept) for way, kept in without.items()},
        "trained once, history stops then": _trained(study, start, frozen.rows(once.tickets, study.stage(start))),
        "retrained weekly": _weekly(study, edges),
        "retrained weekly, told all labels at filing": _told_at_once(bench, study.dataset, spec),
        **_unnamed(bench, loaded, spec),
    }


def _told_at_once(bench: Bench, dataset: RoutingDataset, spec: RoutingSpec) -> dict[str, float]:
    """Return what could be learnt if no label were waited for, which nobody could: how much the delay costs."""
    labels, groups = (np.where(texts != "", dataset.at, np.inf) for texts in (dataset.labels, dataset.groups))
    return _weekly(*_studied(bench, replace(dataset, known_at=labels, groups_known_at=groups), spec))


def _unnamed(bench: Bench, loaded: Workspace, spec: RoutingSpec) -> dict[str, dict[str, float]]:
    """Return what is left without the fields that name candidates, where there are any."""
    if not spec.settings.named_in:
        return {}
    fewer = RoutingSpec(spec.name, replace(spec.settings, named_in=()))
    study, edges = _studied(bench, _dataset(loaded, fewer), fewer)
    found = _trained(study, edges[0], study.block(edges[0], edges[-1]))
    return {f"trained once, without {', '.join(spec.settings.named_in)}": found}


def _metrics(study: RoutingStudy, rows: RoutingRows, scores: Float64) -> dict[str, float]:
    """Return the metrics over the tickets with a label; candidates by falling score."""
    order = np.argsort(-np.where(rows.who >= 0, scores.reshape(rows.who.shape), -np.inf), axis=1, kind="stable")
    ranked = RoutingRows(rows.tickets, np.take_along_axis(rows.who, order, axis=1), rows.matrix[:0])
    told = study.dataset.labels[rows.tickets] != ""
    return rank_metrics(places(ranked, study.codes[rows.tickets])[told])


def _trained(study: RoutingStudy, start: float, rows: RoutingRows) -> dict[str, float]:
    """Return what trees of before ``start`` make of rows."""
    return _metrics(study, rows, study.trees(start).scores(rows.matrix))


def _without(study: RoutingStudy, start: float, rows: RoutingRows, kept: Callable[[str], bool]) -> dict[str, float]:
    names = [name for name in study.names if kept(name)]
    columns = [study.names.index(name) for name in names]
    lesson, place = study.lesson(start)
    fewer = RoutingRows(lesson.tickets, lesson.who, lesson.matrix[:, columns])
    trees = fit_rank_trees(fewer, place, tuple(names), study.seed)
    return _metrics(study, rows, trees.scores(rows.matrix[:, columns]))


def _weekly(study: RoutingStudy, edges: Sequence[float]) -> dict[str, float]:
    parts = [study.answered(start, end) for start, end in pairwise(edges)]
    rows = RoutingRows.joined([part.rows for part in parts])
    return _metrics(study, rows, np.concatenate([part.scores for part in parts]))


def _baselines(study: RoutingStudy, start: float, tickets: Int64) -> dict[str, dict[str, float]]:
    told = tickets[study.dataset.labels[tickets] != ""]
    classes = tuple(sorted({*study.dataset.labels[study.dataset.labels != ""]}))
    column = {name: number for number, name in enumerate(classes)}
    own = np.array([column[label] for label in study.dataset.labels[told]])
    found = {}
    for name, chances in baseline_probabilities(study, start, told, classes).items():
        place = (np.argsort(-chances, axis=1, kind="stable") == own[:, None]).argmax(axis=1)
        found[name.replace("_", "-")] = rank_metrics(place)
    return found
