"""What routing must beat: the majority, a back-off table and the plain linear model, fitted as of the same moment."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from training.routing.study import RoutingStudy

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]
LEAST_ALIKE = 3
"""Tickets that an entry of the back-off table must stand for."""


def baseline_probabilities(
    study: RoutingStudy, date: float, tickets: Int64, classes: tuple[str, ...],
) -> dict[str, Float64]:
    """Return each baseline's probabilities (tickets, classes), from labels known before ``date``.

    ``majority``: shares of all labels; ``back_off``: shares among tickets with the same value of the first key, the
    narrowest first, that stands for enough of them; ``linear``: one-hot fields with their crosses. Both read the
    fields that the model does, see ``features.routing.history_keys``.
    """
    known = study.known(date)
    column = {name: number for number, name in enumerate(classes)}
    labels = np.array([column[label] for label in study.dataset.labels[known]])
    majority = np.bincount(labels, minlength=len(classes)) / len(labels)
    return {
        "majority": np.tile(majority, (len(tickets), 1)),
        "back_off": _back_off(study, known, labels, tickets, majority),
        "linear": _linear(study, date, tickets, column),
    }


def _back_off(study: RoutingStudy, known: Int64, labels: Int64, tickets: Int64, majority: Float64) -> Float64:
    keys = sorted(study.keys, key=lambda key: -len(key.fields))
    found = np.tile(majority, (len(tickets), 1))
    open_rows = np.ones(len(tickets), dtype=bool)
    for key in keys:
        values = key.of_columns(study.dataset.values)
        table = _shares_by_value(values[known], labels, len(majority))
        for row in np.flatnonzero(open_rows).tolist():
            shares = table.get(values[tickets[row]])
            if shares is not None:
                found[row], open_rows[row] = shares, False
    return found


def _shares_by_value(values: NDArray[np.object_], labels: Int64, classes: int) -> Mapping[str, Float64]:
    order = np.argsort(values.astype(str), kind="stable")
    names, starts = np.unique(values[order].astype(str), return_index=True)
    parts = np.split(labels[order], starts[1:])
    return {str(name): np.bincount(part, minlength=classes) / len(part)
            for name, part in zip(names, parts, strict=True) if len(part) >= LEAST_ALIKE}


def _linear(study: RoutingStudy, date: float, tickets: Int64, column: Mapping[str, int]) -> Float64:
    stage = study.stage(date)
    matrix = stage.terms.matrix([study.past.terms[row] for row in tickets])
    found = np.zeros((len(tickets), len(column)))
    found[:, [column[name] for name in stage.own.classes]] = np.exp(stage.own.log_probabilities(matrix))
    return found
