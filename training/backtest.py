"""What a model would have said, had it been trained at past dates: each ticket answered by an older fit."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from fenzhen.errors import TrainingRefused, WorkspaceError
from models.policy import Policy
from models.specs import Spec
from training.family import BacktestAsk

LATEST = pd.Timedelta(1, unit="us")

Answered = Callable[[pd.Timestamp, pd.DataFrame], pd.DataFrame]
"""Given a date to train at and the canonical tickets that follow, the columns of ``predict``, a row a ticket."""


def ticket_backtest(ask: BacktestAsk, answered: Answered, policy: Policy) -> pd.DataFrame:
    """Return the columns of ``predict`` and ``outcome``, one row a ticket created from the first date on.

    At each date a model is trained on what was known before it, and answers the tickets created until the next date;
    the last one until ``until`` (exclusive; default: after the last ticket). ``outcome`` is the label as it is known
    today, empty where there is none. Raises ``TrainingRefused`` for tickets without times.
    """
    tickets = ask.workspace.table(ask.spec.table)
    if tickets["created_at"].isna().all():
        raise TrainingRefused(f"{ask.spec.name}: a backtest needs created_at, and no ticket has one")
    edges = windows(ask.dates, ask.until if ask.until is not None else tickets["created_at"].max() + LATEST)
    parts = []
    for start, end in pairwise(edges):
        rows = tickets[(tickets["created_at"] >= start) & (tickets["created_at"] < end)]
        parts.append(answered(start, rows).assign(outcome=outcomes(rows, ask.spec, policy)))
        ask.advance()
    return pd.concat(parts, ignore_index=True)


def windows(dates: Sequence[pd.Timestamp], until: pd.Timestamp) -> list[pd.Timestamp]:
    """Return the edges of consecutive windows; ``WorkspaceError`` unless each lies before the next.

    >>> day = pd.Timestamp("2026-01-01", tz="UTC")
    >>> windows([day], day)
    Traceback (most recent call last):
    ...
    fenzhen.errors.WorkspaceError: got --as-of 2026-01-01T00:00:00+00:00 ... expected each before the next
    """
    edges = [*sorted(set(dates)), until]
    for first, second in pairwise(edges):
        if not first < second:
            raise WorkspaceError(
                f"got --as-of {first.isoformat()} and then {second.isoformat()}, expected each before the next"
            )
    return edges


def outcomes(tickets: pd.DataFrame, spec: Spec, policy: Policy) -> list[str]:
    """Return each ticket's label under today's name, empty where there is none."""
    labels = tickets[spec.label]
    return ["" if pd.isna(label) else policy.current(spec.field, str(label)) for label in labels]


def hit_rates(found: pd.DataFrame, top_k: int) -> dict[str, float]:
    """Return the shares of rows with an outcome whose first value, or one of the ``top_k`` first, is right."""
    known = found[found["outcome"] != ""]
    ranks = known[[f"rank_{place + 1}" for place in range(top_k)]].to_numpy(dtype=object)
    hits = ranks == known["outcome"].to_numpy(dtype=object)[:, None]
    if not len(known):
        return {"rows": 0.0}
    best, any_of_them = float(hits[:, 0].mean()), float(np.mean(hits.any(axis=1)))
    return {"rows": float(len(known)), "top_1": best, f"top_{top_k}": any_of_them}
