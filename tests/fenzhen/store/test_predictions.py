"""Predictions: kept as answered, in the order of writing, in bulk, whatever text they carry."""

import dataclasses
from datetime import timedelta

import pytest

from fenzhen.errors import StoreError
from fenzhen.store import PredictedField, Store, Unit
from tests.fenzhen.store.made_up import NOON, made_prediction


def test_a_prediction_comes_back_as_written(store: Store) -> None:
    written = made_prediction()
    store.write_predictions([written])
    found = store.prediction("P000001")
    assert found is not None
    assert found.prediction == written
    assert store.prediction("P000002") is None


def test_nothing_to_write_is_fine(store: Store) -> None:
    store.write_predictions([])
    store.write_predictions([made_prediction(fields=())])
    found = store.prediction("P000001")
    assert found is not None
    assert found.prediction.fields == ()


def test_writing_the_same_prediction_again_changes_nothing(store: Store) -> None:
    store.write_predictions([made_prediction()])
    store.write_predictions([made_prediction(ticket_id="other", fields=(PredictedField("category", "ok", "耗材"),))])
    found = store.prediction("P000001")
    assert found is not None
    assert found.prediction == made_prediction()


def test_the_newest_prediction_is_the_one_written_last_even_if_the_clock_was_set_back(store: Store) -> None:
    store.write_predictions([made_prediction(1, ticket_id="T")])
    store.write_predictions([made_prediction(2, ticket_id="T", at=NOON - timedelta(days=1))])
    found = store.newest_prediction("T")
    assert found is not None
    assert found.prediction.prediction_id == "P000002"


def test_the_newest_prediction_of_a_field_holds_that_field(store: Store) -> None:
    store.write_predictions([made_prediction(1, ticket_id="T")])
    store.write_predictions([made_prediction(2, ticket_id="T", fields=(PredictedField("priority", "ok", "高"),))])
    found = store.newest_prediction("T", "category")
    assert found is not None
    assert found.prediction.prediction_id == "P000001"
    assert store.newest_prediction("T", "assignee") is None
    assert store.newest_prediction("nobody") is None


def test_text_is_kept_only_if_it_is_given(store: Store) -> None:
    store.write_predictions([made_prediction(1), made_prediction(2, subject="卡纸", body="打印机卡纸")])
    first, second = store.prediction("P000001"), store.prediction("P000002")
    assert first is not None
    assert second is not None
    assert (first.prediction.subject, second.prediction.body) == (None, "打印机卡纸")


@pytest.mark.parametrize("text", ["a\0b", "半个\ud800字", "😀" * 50, "'; DROP TABLE predictions; --", ":name %s {day}"])
def test_any_text_can_be_written_and_looked_up(store: Store, text: str) -> None:
    reasons = ({"code": text, "weight": float("nan")},)
    fields = (PredictedField("category", text, text, 0.5, text, text, ((text, 0.1),), reasons),)
    store.write_predictions([made_prediction(ticket_id=text, request_id=text, fields=fields, body=text)])
    found = store.newest_prediction(text, "category")
    assert found is not None
    assert found.prediction.fields[0].spans[0]["weight"] is None
    assert found.prediction.body == text.replace("\0", "\ufffd").replace("\ud800", "\ufffd")


def test_an_id_too_long_for_an_index_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="got an id of 401 characters, expected at most 400"):
        store.write_predictions([made_prediction(ticket_id="长" * 401)])
    store.write_predictions([made_prediction(ticket_id="长" * 400)])


def _write_and_fail(unit: Unit, number: int) -> None:
    unit.write_predictions([made_prediction(number)])
    raise ZeroDivisionError


def test_of_a_failed_unit_nothing_is_kept(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.unit() as unit:
        _write_and_fail(unit, 1)
    assert store.prediction("P000001") is None


def test_a_part_of_a_unit_may_fail_alone(store: Store) -> None:
    with store.unit() as unit:
        unit.write_predictions([made_prediction(1)])
        with pytest.raises(ZeroDivisionError), unit.nested():
            _write_and_fail(unit, 2)
        unit.write_predictions([made_prediction(3)])
    assert [store.prediction(f"P00000{number}") is not None for number in (1, 2, 3)] == [True, False, True]


def test_thousands_are_written_together_and_found(store: Store) -> None:
    store.write_predictions([made_prediction(number) for number in range(3000)])
    assert all(store.prediction(f"P{number:06d}") is not None for number in range(0, 3000, 30))


def test_a_field_without_a_version_keeps_its_model(store: Store) -> None:
    fields = tuple(PredictedField(name, "ok", model=name) for name in ("rules", "a/b", "a/1/2", "/3"))
    store.write_predictions([dataclasses.replace(made_prediction(), fields=fields)])
    found = store.prediction("P000001")
    assert found is not None
    assert all(each.model == each.field for each in found.prediction.fields)
