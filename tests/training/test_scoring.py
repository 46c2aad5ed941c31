"""Answers for files: order, columns, chunks, and what is written or not."""

import numpy as np
import pandas as pd
import pytest

from fenzhen.errors import TableError
from models.policy import Policy
from tests.models.made_up import simulated, simulated_scorer
from training import scoring
from training.scoring import answers, write_rows


def frame_of(rows: int) -> pd.DataFrame:
    tickets = simulated(rows, 9)
    return pd.DataFrame({"ticket_id": [f"N-{row}" for row in range(rows)], "subject": tickets.subjects,
                         "body": tickets.bodies})


def test_rows_keep_their_order_over_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, done = frame_of(25), []
    whole = answers(simulated_scorer(), Policy(), rows, "ticket_id", 3, done.append)
    monkeypatch.setattr(scoring, "CHUNK", 10)
    parts = answers(simulated_scorer(), Policy(), rows, "ticket_id", 3, done.append)
    pd.testing.assert_frame_equal(whole, parts)
    assert list(parts["ticket_id"]) == list(rows["ticket_id"])
    assert done == [25, 10, 10, 5]


def test_an_abstention_has_no_prediction_and_still_its_ranks() -> None:
    rows = frame_of(2)
    rows.loc[1, ["subject", "body"]] = None
    found = answers(simulated_scorer(), Policy(), rows, "ticket_id", 2, lambda _: None)
    assert (found.loc[1, "prediction"], found.loc[1, "decision"]) == ("", "abstain")
    assert found.loc[1, "rank_2"] != ""
    assert found.loc[0, "confidence_1"] >= found.loc[0, "confidence_2"]


def test_more_ranks_than_values_are_empty() -> None:
    values = len(simulated_scorer().classes)
    found = answers(simulated_scorer(), Policy(), frame_of(1), "ticket_id", values + 1, lambda _: None)
    assert found.loc[0, f"rank_{values + 1}"] == ""
    assert np.isnan(found.loc[0, f"confidence_{values + 1}"])


def test_no_row_gives_the_columns_all_the_same() -> None:
    found = answers(simulated_scorer(), Policy(), frame_of(1).head(0), "ticket_id", 1, lambda _: None)
    assert list(found) == ["ticket_id", "prediction", "confidence", "decision", "rank_1", "confidence_1"]


def test_another_suffix_or_a_missing_folder_is_refused_and_leaves_nothing(tmp_path) -> None:
    with pytest.raises(TableError, match=r"expected a name that ends in \.csv or \.parquet"):
        write_rows(frame_of(1), tmp_path / "out.xls")
    with pytest.raises(TableError, match="cannot write"):
        write_rows(frame_of(1), tmp_path / "none" / "out.csv")
    assert not list(tmp_path.iterdir())
