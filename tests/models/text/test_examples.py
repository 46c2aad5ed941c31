"""Rows of examples."""

from dataclasses import replace

import numpy as np
import pandas as pd

from tests.models.made_up import examples_of


def test_rows_are_taken_in_the_order_asked_for() -> None:
    times = pd.Series(pd.date_range("2026-01-01", periods=3, tz="UTC"))
    examples = replace(examples_of(["甲", "乙", "丙"], ["a", "b", "c"]), created_at=times, left_out={"no_label": 1})
    found = examples.take(np.array([2, 0]))
    assert (found.bodies.tolist(), found.labels.tolist(), len(found)) == (["丙", "甲"], ["c", "a"], 2)
    assert found.created_at is not None
    assert found.created_at.tolist() == [times[2], times[0]]
    assert found.resolved_at is None
    assert found.left_out == {"no_label": 1}


def test_texts_join_what_there_is() -> None:
    examples = examples_of(["乙", None, ""], ["a", "b", "c"])
    examples.subjects[:] = ["甲", "甲", None]
    assert examples.texts == ["甲 乙", "甲", ""]
