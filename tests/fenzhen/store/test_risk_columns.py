"""A run as columns says what its rows say."""

import numpy as np
import pytest

from fenzhen.store import CHANGES, LEVELS, Store, risk_writing
from fenzhen.store.risk_columns import NO_MOMENT, Labels
from tests.fenzhen.store.made_up_risks import MONDAY, details_of, made_details, made_frame, made_run


def named(column: Labels) -> list[str | None]:
    return [None if code < 0 else column.values[code] for code in column.codes]


def test_columns_hold_what_rows_hold_across_chunks(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(risk_writing, "CHUNK", 3)
    run = made_run()
    said = {
        f"C{number}": (number / 10, LEVELS[number % 3], made_details(
            name=None if number == 4 else f"客户{number}", owner=["王芳", "李强", None][number % 3],
            renewal_at=None if number % 2 else "2027-01-01", value_at_risk=None if number == 5 else 10.0 * number))
        for number in range(8)
    }
    stored = store.write_scores(run, made_frame(said, run), details_of(said))
    rows = [store.scores(stored.id, [entity])[entity, ""] for entity in said]
    found = store.score_columns(stored.id)
    assert found is not None
    assert len(found) == 8
    assert found.entity.to_pylist() == list(said)
    assert found.name.to_pylist() == [row.name for row in rows]
    assert found.probability.tolist() == pytest.approx([row.probability for row in rows])
    assert [LEVELS[each] for each in found.level] == [row.risk_level for row in rows]
    assert [CHANGES[each] for each in found.change] == ["new"] * 8
    assert set(found.previous_level.tolist()) == {-1}
    assert set(found.changed_at.tolist()) == {MONDAY.timestamp()}
    assert [each != NO_MOMENT for each in found.renewal_at] == [row.renewal_at is not None for row in rows]
    assert np.isnan(found.value_at_risk).tolist() == [row.value_at_risk is None for row in rows]
    assert named(found.labels["owner"]) == [row.owner for row in rows]
    assert named(found.labels["region"]) == [None] * 8
    assert named(found.labels["reason"]) == ["tickets_reopened_90d"] * 8
