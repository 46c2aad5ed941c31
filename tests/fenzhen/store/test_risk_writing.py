"""Scores are written whole or not at all, replaced when written again, and remember their course."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import text

from fenzhen.errors import StoreError
from fenzhen.store import Store, risk_runs, risk_writing
from fenzhen.store.risk_runs import RiskRun, StoredRun
from tests.fenzhen.store.made_up_risks import MONDAY, WEEK, Said, details_of, made_details, made_frame, made_run

ONE: Said = {
    "C1": (0.91, "high", made_details(name="甲公司", owner="王芳", customer_tier="VIP", region="华东",
                                      renewal_at="2027-01-01T00:00:00+08:00", value_at_risk=120000.0, currency="CNY")),
    "C2": (0.4, "medium", made_details("days_since_last")),
    "C3": (0.1, "low", made_details(None, renewal_at=pd.NaT, value_at_risk=float("nan"))),
}


def write(store: Store, said: Said, run: RiskRun, **options: Any) -> StoredRun:
    return store.write_scores(run, made_frame(said, run), details_of(said), **options)


def counted(store: Store, table: str) -> int:
    with store.reading() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


class StoppedError(Exception):
    """The process is killed."""


def stopping_at(row: int) -> Any:
    """Details that are made until a row, at which the process is killed."""
    def details(start: int, stop: int) -> Sequence[Mapping[str, Any]]:
        if stop > row:
            raise StoppedError
        return details_of(ONE)[start:stop]

    return details


def test_a_score_comes_back_with_what_a_list_shows(store: Store) -> None:
    run = write(store, ONE, made_run())
    found = store.scores(run.id, ["C1", "C3", "nobody"])
    assert set(found) == {("C1", ""), ("C3", "")}
    first = found["C1", ""]
    assert (first.probability, first.risk_level, first.reason) == (0.91, "high", "tickets_reopened_90d")
    assert (first.name, first.owner, first.customer_tier, first.region) == ("甲公司", "王芳", "VIP", "华东")
    assert first.renewal_at == datetime(2026, 12, 31, 16, tzinfo=UTC)
    assert (first.value_at_risk, first.currency) == (120000.0, "CNY")
    assert (found["C3", ""].renewal_at, found["C3", ""].value_at_risk, found["C3", ""].reason) == (None, None, None)
    assert store.score_details(run.id, ["C1", "nobody"]) == {("C1", ""): ONE["C1"][2]}


def test_the_first_scores_are_new_and_later_ones_tell_what_changed_last(store: Store) -> None:
    write(store, ONE, made_run())
    second = {
        "C1": (0.5, "medium", made_details()), "C2": (0.4, "medium", made_details("csat_low")),
        "C3": (0.95, "high", made_details(None)), "C4": (0.2, "low", made_details(None)),
    }
    run = write(store, second, made_run(1))
    found = {entity: each for (entity, _), each in store.scores(run.id, list(second)).items()}
    assert {name: each.change for name, each in found.items()} == {
        "C1": "fell", "C2": "reason", "C3": "rose", "C4": "new"}
    assert (found["C1"].previous_level, found["C2"].previous_reason) == ("high", "days_since_last")
    third = write(store, second, made_run(2))
    again = store.scores(third.id, ["C1"])["C1", ""]
    assert (again.change, again.changed_at, again.previous_level) == ("fell", MONDAY + WEEK, "high")
    assert [point.probability for point in again.history] == [0.91, 0.5, 0.5]
    assert [point.as_of for point in again.history] == [MONDAY, MONDAY + WEEK, MONDAY + 2 * WEEK]


def test_readers_see_the_run_before_until_all_is_there(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(risk_writing, "CHUNK", 1)
    first, run = write(store, ONE, made_run()), made_run(1)
    with pytest.raises(StoppedError):
        store.write_scores(run, made_frame(ONE, run), stopping_at(2))
    assert store.newest_scores("churn") == first
    told: list[int] = []
    asked: list[int] = []

    def details(start: int, stop: int) -> Sequence[Mapping[str, Any]]:
        asked.append(start)
        return details_of(ONE)[start:stop]

    second = store.write_scores(run, made_frame(ONE, run), details, advance=told.append)
    assert (asked, told) == ([2], [2, 1])
    assert store.newest_scores("churn") == second
    columns = store.score_columns(second.id)
    assert columns is not None
    assert columns.entity.to_pylist() == ["C1", "C2", "C3"]


def test_a_stopped_run_with_other_scores_starts_anew(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(risk_writing, "CHUNK", 1)
    run = made_run()
    with pytest.raises(StoppedError):
        store.write_scores(run, made_frame(ONE, run), stopping_at(2))
    other = {**ONE, "C1": (0.2, "low", made_details())}
    found = write(store, other, run)
    assert store.scores(found.id, ["C1"])["C1", ""].probability == 0.2


def test_scoring_again_replaces_and_what_is_replaced_goes(store: Store) -> None:
    first = write(store, ONE, made_run())
    second = write(store, {"C1": ONE["C1"]}, made_run())
    assert store.newest_scores("churn") == second
    assert store.scores_run(first.id) is not None
    write(store, ONE, made_run(version=2))
    assert store.scores_run(first.id) is None
    assert [counted(store, table) for table in ("risk_runs", "risk_scores", "risk_details", "risk_blocks")] == [
        2, 4, 4, 2]


def test_only_the_newest_runs_are_kept(store: Store) -> None:
    for week in range(risk_writing.KEEP + 2):
        run = write(store, ONE, made_run(week))
    assert counted(store, "risk_runs") == risk_writing.KEEP + 1
    assert len(store.scores(run.id, ["C1"])["C1", ""].history) == risk_writing.KEEP + 2


def test_an_older_date_scored_later_is_not_the_newest(store: Store) -> None:
    newest = write(store, ONE, made_run(3))
    older = write(store, ONE, made_run(1))
    assert store.newest_scores("churn") == newest
    assert store.newest_scores("churn", before=newest.run.as_of) == older
    assert store.newest_scores("device_failure") is None


def test_levels_before_a_date_are_those_of_the_run_before_it(store: Store) -> None:
    write(store, ONE, made_run())
    assert store.levels_before("churn", MONDAY) == {}
    assert store.levels_before("churn", MONDAY + timedelta(seconds=1)) == {
        ("C1", ""): "high", ("C2", ""): "medium", ("C3", ""): "low"}


def test_a_second_writer_takes_over_and_the_first_is_refused(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(risk_writing, "CHUNK", 1)
    run = made_run()

    def overtaken(start: int, stop: int) -> Sequence[Mapping[str, Any]]:
        if start == 1:
            with store.writing() as connection:
                risk_runs.begin(connection, run, 3, "other", datetime.now(UTC))
        return details_of(ONE)[start:stop]

    with pytest.raises(StoreError, match="another process"):
        store.write_scores(run, made_frame(ONE, run), overtaken)


def test_components_of_one_entity_are_rows_of_their_own(store: Store) -> None:
    run = made_run(model="device_failure")
    frame = pd.DataFrame({"device_id": ["D1", "D1"], "component": ["any", "fan"], "probability": [0.5, 0.4],
                          "risk_level": ["high", "low"]})
    found = store.write_scores(run, frame, [{}, {"reasons": [{"code": "heat"}]}])
    assert [each.reason for each in store.scores(found.id, ["D1"]).values()] == [None, "heat"]
    assert store.score_details(found.id, ["D1"])["D1", "fan"] == {"reasons": [{"code": "heat"}]}


def test_a_run_of_nobody_is_a_run(store: Store) -> None:
    run = made_run()
    found = store.write_scores(run, made_frame({}, run), [])
    assert (found.status, found.row_count) == ("complete", 0)
    assert store.score_columns(found.id) is None


@pytest.mark.parametrize(("change", "words"), [
    ({"probability": 1.2}, "expected a probability"), ({"risk_level": "highest"}, "expected a probability"),
    ({"customer_id": "C1"}, "1 scores of entities scored before|2 scores"),
])
def test_what_is_no_risk_is_refused(store: Store, change: dict[str, Any], words: str) -> None:
    run = made_run()
    with pytest.raises(StoreError, match=words):
        store.write_scores(run, made_frame(ONE, run).assign(**change), details_of(ONE))
    assert store.newest_scores("churn") is None


def test_too_few_details_are_refused(store: Store) -> None:
    run = made_run()
    with pytest.raises(StoreError, match="details of 2 rows, expected one for each of 3"):
        store.write_scores(run, made_frame(ONE, run), details_of(ONE)[:2])
