"""What is wrong with the tickets of an event log as a whole."""

from collections.abc import Iterator

import pandas as pd

from fenzhen.workspace.event_log_config import EventLogConfig
from fenzhen.workspace.problem import Problem

__all__ = ["log_problems"]


def log_problems(table: str, log: EventLogConfig, tickets: pd.DataFrame) -> Iterator[Problem]:
    """Yield filed columns that the source lacks, and rules that find nothing at all in it.

    Tickets that are still open, and those without a value of some label, are normal and no problem.
    """
    for name in log.filed:
        lacking = name not in tickets.columns or name in tickets.attrs.get("absent", ())
        if lacking and name != "ticket_id":
            yield Problem(table, name, "it is listed in filed, and the source has none that is mapped to it",
                          severity="error" if name == "created_at" else "warning")
    if len(tickets) and tickets["resolved_at"].isna().all():
        yield Problem(table, "resolved_at", "no ticket is done: the queries under events keep no row that ends one, so "
                                            "no label is ever known")
        return
    for name in log.labels:
        if len(tickets) and tickets[name].isna().all():
            yield Problem(table, name, "its rule under labels finds no value in any ticket")
