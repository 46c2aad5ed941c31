"""Past dates: windows that follow one another, outcomes under today's names, shares of hits."""

from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from fenzhen.errors import TrainingRefused, WorkspaceError
from models.policy import Policy
from models.specs import spec_of
from training.backtest import hit_rates, outcomes, ticket_backtest, windows
from training.family import BacktestAsk

DAYS = [pd.Timestamp(f"2026-01-0{day}", tz="UTC") for day in range(1, 7)]


def ask_of(tickets: pd.DataFrame, **changes: Any) -> BacktestAsk:
    """Return what a backtest over these tickets is asked; the workspace only has this table."""
    workspace: Any = SimpleNamespace(table=lambda _: tickets)
    asked: dict[str, Any] = {
        "workspace": workspace, "spec": spec_of("ticket_category", {}), "dates": [DAYS[1], DAYS[3]], "until": None,
        "top_k": 1, "seed": 0, "advance": lambda: None, **changes,
    }
    return BacktestAsk(**asked)


def tickets(*times: pd.Timestamp) -> pd.DataFrame:
    return pd.DataFrame({"ticket_id": [f"T-{row}" for row in range(len(times))], "created_at": list(times),
                         "category": ["旧名"] * len(times)})


def answered(asked: list[tuple[pd.Timestamp, list[str]]]) -> Any:
    def by(as_of: pd.Timestamp, rows: pd.DataFrame) -> pd.DataFrame:
        asked.append((as_of, list(rows["ticket_id"])))
        return pd.DataFrame({"ticket_id": rows["ticket_id"].to_numpy()})
    return by


def test_each_ticket_is_answered_by_the_newest_fit_before_it() -> None:
    asked: list[tuple[pd.Timestamp, list[str]]] = []
    found = ticket_backtest(ask_of(tickets(DAYS[0], DAYS[1], DAYS[2], DAYS[3], DAYS[5])), answered(asked), Policy())
    assert asked == [(DAYS[1], ["T-1", "T-2"]), (DAYS[3], ["T-3", "T-4"])]
    assert list(found["outcome"]) == ["旧名"] * 4


def test_until_is_exclusive() -> None:
    asked: list[tuple[pd.Timestamp, list[str]]] = []
    ticket_backtest(ask_of(tickets(*DAYS), until=DAYS[4]), answered(asked), Policy())
    assert asked[-1] == (DAYS[3], ["T-3"])


def test_tickets_without_times_are_refused() -> None:
    rows = tickets(DAYS[0]).assign(created_at=pd.Series([pd.NaT], dtype="datetime64[us, UTC]"))
    with pytest.raises(TrainingRefused, match="needs created_at"):
        ticket_backtest(ask_of(rows), answered([]), Policy())


def test_dates_are_sorted_and_an_end_before_them_is_refused() -> None:
    assert windows([DAYS[3], DAYS[1], DAYS[1]], DAYS[5]) == [DAYS[1], DAYS[3], DAYS[5]]
    with pytest.raises(WorkspaceError, match="expected each before the next"):
        windows([DAYS[3]], DAYS[2])


def test_outcomes_take_today_s_names_and_are_empty_without_a_label() -> None:
    policy = Policy.from_dict({"taxonomy": [{"field": "category", "value": "新名", "renamed_from": "旧名"}]})
    rows = pd.DataFrame({"category": ["旧名", None]})
    assert outcomes(rows, spec_of("ticket_category", {}), policy) == ["新名", ""]


def test_rows_without_an_outcome_count_for_nothing() -> None:
    found = pd.DataFrame({"rank_1": ["甲", "乙", "甲"], "rank_2": ["乙", "甲", "乙"], "outcome": ["甲", "甲", ""]})
    assert hit_rates(found, 2) == {"rows": 2.0, "top_1": 0.5, "top_2": 1.0}
    assert hit_rates(found.tail(1), 2) == {"rows": 0.0}
