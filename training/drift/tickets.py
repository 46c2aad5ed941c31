"""Tickets before and since a version was trained: its answers, what people said, and what was filed."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from features.filed_fields import FiledFields
from models.policy import Policy
from training.backtest import outcomes
from training.drift.comparison import LEAST_ROWS, Compared, Kind
from training.drift.windows import ticket_windows
from training.family import Ask, DriftAsk
from training.policy import policy_of

__all__ = ["compared_tickets"]

KINDS: Mapping[str, Kind] = {"label": "label", "prediction": "answer", "abstentions": "answer", "confidence": "answer"}
REMEMBERED = ("abstentions", "confidence", "known_text")
"""What a model is surer of on tickets that it was fitted on than on any others."""
FITTED_ON = "the version was fitted on the reference"

Answered = Callable[[Ask], pd.DataFrame]
Measured = Callable[[pd.DataFrame], Mapping[str, pd.Series]]


def compared_tickets(
    ask: DriftAsk, answered: Answered, fields: Sequence[str], measured: Measured = lambda _tickets: {},
) -> Compared:
    """Return ``label``, ``prediction``, ``abstentions``, ``confidence``, the ``fields``, ``text_length`` and what is
    ``measured`` of tickets.

    Of what the fit remembers the reference are tickets that came after it and before ``since``, if there are enough;
    else the difference says nothing by itself. Raises ``TrainingRefused`` for too few tickets.
    """
    tables = ask.workspace.tables("tickets", "customers")
    tickets = tables["tickets"]
    windows = ticket_windows(ask, tickets["created_at"])
    asked = np.flatnonzero(windows.reference | windows.recent | windows.unseen)
    rows = tickets.iloc[asked].reset_index(drop=True)
    answers = answered(Ask(ask.workspace, ask.spec, ask.scorer, rows, top_k=1,
                           segmented=ask.workspace.segmented(ask.spec.table), advance=ask.advance))
    columns = {
        "label": pd.Series(outcomes(rows, ask.spec, Policy.from_dict(policy_of(ask.workspace))), dtype=object),
        "prediction": answers["rank_1"], "confidence": answers["confidence"],
        "abstentions": (answers["decision"] == "abstain").astype(np.float64),
        **_filed(ask, {**tables, "tickets": rows}, fields), "text_length": text_length(rows), **measured(rows),
    }
    reference, recent, unseen = (mask[asked] for mask in (windows.reference, windows.recent, windows.unseen))
    fresh = int(unseen.sum()) >= LEAST_ROWS
    before = {name: values[unseen if fresh and name in REMEMBERED else reference] for name, values in columns.items()}
    return Compared(windows.spans, before, {name: values[recent] for name, values in columns.items()}, KINDS,
                    {} if fresh else dict.fromkeys(REMEMBERED, FITTED_ON))


def text_length(tickets: pd.DataFrame) -> pd.Series:
    """Return how many characters subject and body have together.

    >>> text_length(pd.DataFrame({"subject": ["卡纸", None], "body": ["重启过了", None]})).tolist()
    [6, 0]
    """
    lengths = [tickets[name].fillna("").astype(str).str.len() for name in ("subject", "body")]
    return (lengths[0] + lengths[1]).astype(np.int64)


def _filed(ask: DriftAsk, tables: Mapping[str, pd.DataFrame], fields: Sequence[str]) -> dict[str, pd.Series]:
    values = FiledFields(tuple(fields), ask.workspace.time_zone).of_tables(tables)
    return {name: pd.Series(values[name]) for name in fields}
