"""From feedback to labels: the newest word of anybody before a moment, and what nobody has touched."""

from typing import Any

import pytest

from fenzhen.store import PredictedField, Store
from tests.fenzhen.store.made_up import NOON, hours, made_feedback, made_prediction

LATER = NOON + hours(100)


def _auto(number: int, decision: str = "auto", **changes: Any) -> Any:
    fields = (PredictedField("category", "ok", "网络", 0.99, decision, "ticket_category/18"),)
    return made_prediction(number, fields=fields, **changes)


@pytest.fixture(autouse=True)
def _predicted(store: Store) -> None:
    store.write_predictions([made_prediction(1, subject="卡纸", body=None), _auto(2), _auto(3, "suggest")])


def test_the_newest_word_of_anybody_is_the_last(store: Store) -> None:
    store.write_feedback([made_feedback("accepted"), made_feedback("corrected", actor="李工", at=NOON + hours(1))])
    word = store.last_words("category", LATER)[0]
    assert (word.ticket_id, word.verdict, word.value, word.predicted, word.actor, word.subject) == (
        "T-1", "corrected", "耗材", "硬件故障", "李工", "卡纸")
    assert store.last_words("sentiment", LATER) == []


def test_words_at_or_after_the_moment_do_not_count(store: Store) -> None:
    store.write_feedback([made_feedback("accepted"), made_feedback("corrected", at=NOON + hours(1))])
    assert store.last_words("category", NOON) == []
    assert store.last_words("category", NOON + hours(1))[0].verdict == "accepted"


def test_feedback_on_a_purged_prediction_is_still_a_label(store: Store) -> None:
    store.write_feedback([made_feedback("corrected")])
    store.purge(LATER)
    word = store.last_words("category", LATER)[0]
    assert (word.value, word.subject, word.predicted_at) == ("耗材", None, None)


def test_what_was_applied_and_touched_by_nobody_is_told(store: Store) -> None:
    assert [(each.ticket_id, each.value) for each in store.applied_values("category", LATER)] == [("T-2", "网络")]
    assert store.applied_values("category", NOON) == []
    assert store.applied_values("sentiment", LATER) == []


def test_somebodys_word_ends_that_from_its_moment_on(store: Store) -> None:
    store.write_feedback([made_feedback("accepted", prediction_id="P000002", at=NOON + hours(2))])
    assert store.applied_values("category", LATER) == []
    assert len(store.applied_values("category", NOON + hours(2))) == 1


def test_a_newer_suggestion_is_not_an_application(store: Store) -> None:
    store.write_predictions([_auto(4, "suggest", ticket_id="T-2", at=NOON + hours(1))])
    assert store.applied_values("category", LATER) == []
