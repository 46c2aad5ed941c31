"""Feedback: one current word for each prediction, field and person; earlier ones are kept."""

import itertools
import multiprocessing
from typing import Any

import pytest

from fenzhen.errors import StoreError
from fenzhen.store import Feedback, PredictedField, Store, open_store
from tests.fenzhen.store.made_up import NOON, hours, made_feedback, made_prediction

FORK = multiprocessing.get_context("fork")


@pytest.fixture(autouse=True)
def _predicted(store: Store) -> None:
    store.write_predictions([made_prediction()])


def test_feedback_remembers_what_had_been_predicted(store: Store) -> None:
    outcome = store.write_feedback([made_feedback("corrected", key_id="k_1")])[0]
    assert (outcome.status, outcome.prediction_id, outcome.ticket_id, outcome.value) == (
        "recorded", "P000001", "T-1", "耗材")
    kept = store.feedback_of("P000001")[0]
    assert (kept.id, kept.value, kept.predicted, kept.decision, kept.model, kept.version, kept.current) == (
        outcome.feedback_id, "耗材", "硬件故障", "suggest", "ticket_category", 17, True)


def test_an_acceptance_has_the_predicted_value_and_a_rejection_none(store: Store) -> None:
    outcomes = store.write_feedback([made_feedback("accepted"), made_feedback("rejected", actor="李工")])
    assert [outcome.value for outcome in outcomes] == ["硬件故障", None]


def test_a_later_word_supersedes_and_both_are_kept(store: Store) -> None:
    first = store.write_feedback([made_feedback("accepted")])[0]
    second = store.write_feedback([made_feedback("corrected", at=NOON - hours(5))])[0]
    assert (first.status, second.status) == ("recorded", "superseded")
    kept = store.feedback_of("P000001")
    assert [(word.verdict, word.superseded_by, word.current) for word in kept] == [
        ("accepted", second.feedback_id, False), ("corrected", None, True)]


def test_the_same_word_again_is_written_once(store: Store) -> None:
    outcomes = [store.write_feedback([made_feedback("accepted", at=NOON + hours(n))])[0] for n in range(3)]
    assert [outcome.status for outcome in outcomes] == ["recorded", "repeated", "repeated"]
    assert len({outcome.feedback_id for outcome in outcomes}) == 1
    assert len(store.feedback_of("P000001")) == 1


def test_going_back_to_an_earlier_word_is_a_new_word(store: Store) -> None:
    rows = [made_feedback("accepted"), made_feedback("rejected"), made_feedback("accepted")]
    assert [outcome.status for outcome in store.write_feedback(rows)] == ["recorded", "superseded", "superseded"]
    assert [word.current for word in store.feedback_of("P000001")] == [False, False, True]


def test_people_and_fields_are_told_apart(store: Store) -> None:
    rows = [made_feedback(), made_feedback(actor="李工"),
            made_feedback("corrected", field="sentiment", value="不满")]
    assert [outcome.status for outcome in store.write_feedback(rows)] == ["recorded"] * 3


def test_feedback_by_ticket_goes_to_the_newest_prediction_with_the_field(store: Store) -> None:
    store.write_predictions([made_prediction(2, ticket_id="T-1", at=NOON - hours(1)),
                             made_prediction(3, ticket_id="T-1", fields=(PredictedField("priority", "ok", "高"),))])
    outcome = store.write_feedback([made_feedback(ticket_id="T-1")])[0]
    assert (outcome.status, outcome.prediction_id) == ("recorded", "P000002")


@pytest.mark.parametrize(("changes", "status"), [
    ({"prediction_id": "P9"}, "unknown_prediction"), ({"ticket_id": "T-9"}, "unknown_ticket"),
    ({"field": "priority"}, "unknown_field"), ({"ticket_id": "T-1", "field": "priority"}, "unknown_field"),
    ({"field": "sentiment"}, "nothing_to_accept"),
])
def test_feedback_on_nothing_known_is_not_written(store: Store, changes: dict[str, Any], status: str) -> None:
    assert store.write_feedback([made_feedback(**changes)])[0].status == status
    assert store.feedback_of("P000001") == []


@pytest.mark.parametrize(("row", "message"), [
    (made_feedback("liked"), "'liked', expected one of accepted"),
    (made_feedback("corrected", value=None), "a correction of 'category' without a value"),
    (Feedback("category", "accepted", "me", NOON), "without prediction_id and ticket_id"),
])
def test_feedback_that_says_nothing_is_refused(store: Store, row: Feedback, message: str) -> None:
    with pytest.raises(StoreError, match=message):
        store.write_feedback([row])


def _speak(url: str, barrier: Any, turn: int) -> None:
    verdicts = ["accepted", "rejected"]
    with open_store(url, lock_timeout_seconds=30) as store:
        barrier.wait(30)
        for number in range(20):
            rows = [made_feedback(verdicts[(number + turn) % 2], prediction_id=f"P00000{each}") for each in (1, 2)]
            store.write_feedback(rows if turn else rows[::-1])


def test_two_processes_that_speak_for_one_person_leave_one_current_word(store: Store, store_url: str) -> None:
    store.write_predictions([made_prediction(2)])
    barrier = FORK.Barrier(2)
    processes = [FORK.Process(target=_speak, args=(store_url, barrier, turn)) for turn in (0, 1)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0, 0]
    words = store.feedback_of("P000001")
    assert [word.current for word in words] == [False] * (len(words) - 1) + [True]
    assert all(word.superseded_by == later.id for word, later in itertools.pairwise(words))
