"""Reasons in words: true ones only, at most three, those that someone can act on first."""

import numpy as np
import pytest

from models.churn.columns import MEANINGS
from models.churn.meanings import ACTIONS, meaning_in_words
from models.churn.reasons import Evidence, Meaning, explained

REOPENED, SILENCE = meaning_in_words("tickets_reopened"), meaning_in_words("silence")
NAN = float("nan")


def _evidence(weight, value, own=None, peers=None, labels=None):
    shape = np.asarray(weight, dtype=float)
    missing = np.full(shape.shape, NAN)
    return Evidence(shape, np.asarray(value, dtype=float), missing if own is None else np.asarray(own, dtype=float),
                    missing if peers is None else np.asarray(peers, dtype=float),
                    np.full(shape.shape, None, dtype=object) if labels is None else np.asarray(labels, dtype=object))


def test_a_reason_has_its_number_the_own_baseline_the_peers_and_an_action():
    found = explained([REOPENED], _evidence([[0.41]], [[3.0]], [[0.43]], [[0.3]]), ACTIONS)[0]["reasons"][0]
    assert found["text_zh"] == "近90天重新打开 3 次,平时 0.4 次,同类客户 0.3"
    assert found["text_en"] == "3 tickets reopened in 90 days, usually 0.4, peers 0.3"
    assert found["action"] == ACTIONS["tickets_reopened"]
    assert {key: found[key] for key in ("code", "value", "own", "peers", "weight")} == {
        "code": "tickets_reopened", "value": 3.0, "own": 0.43, "peers": 0.3, "weight": 0.41}


def test_one_of_a_thing_is_told_in_the_singular():
    meanings = [REOPENED, meaning_in_words("device_failures"), SILENCE]
    found = explained(meanings, _evidence([[0.5] * 3], [[1, 1, 9]], [[NAN, NAN, 1]]), {})[0]["reasons"]
    assert [each["text_en"] for each in found] == [
        "1 ticket reopened in 90 days", "1 device failure in 90 days", "9 days without an order, usually every 1 day"]


def test_words_that_are_not_true_are_not_told():
    meanings = [REOPENED, SILENCE]
    found = explained(meanings, _evidence([[0.5, 0.5], [-0.5, -0.5]], [[0, 5], [0, 5]], [[0.4, 14], [0.4, 14]]), {})
    assert found[0] == {"reasons": [], "protective": []}
    assert [each["text_zh"] for each in found[1]["protective"]] == ["近90天没有重新打开的工单,平时 0.4 次",
                                                                    "最近 5 天内有往来,平时约 14 天一次"]


def test_at_most_three_reasons_and_the_actionable_first():
    meanings = [Meaning(f"m{place}", "", "{}", "{}", actionable=place == 1) for place in range(5)]
    found = explained(meanings, _evidence([[0.5, 0.3, 0.4, 0.2, 0.01]], [[1, 1, 1, 1, 1]]), {})[0]["reasons"]
    assert [each["code"] for each in found] == ["m1", "m0", "m2"]


def test_unknown_values_and_slight_contributions_are_not_told():
    found = explained([REOPENED, SILENCE], _evidence([[0.5, 0.02]], [[NAN, 50.0]]), {})[0]
    assert found["reasons"] == []


def test_a_category_is_told_by_its_text():
    contract = meaning_in_words("Contract")
    found = explained([contract], _evidence([[0.5]], [[NAN]], labels=[["Month-to-month"]]), {})[0]["reasons"][0]
    assert (found["value"], found["text_zh"]) == ("Month-to-month", "Contract:Month-to-month")


def test_every_group_has_words_in_both_languages_and_columns_of_the_history():
    from features.customers.customer_history import COLUMNS

    for code in MEANINGS:
        meaning = meaning_in_words(code)
        assert meaning.code == code
        assert meaning.value in COLUMNS
        assert not meaning.own or meaning.own in COLUMNS
        assert "{}" in meaning.zh
        assert "{}" in meaning.en
        assert bool(meaning.own) == bool(meaning.own_zh) == bool(meaning.own_en)
    assert set(ACTIONS) <= set(MEANINGS)


def test_meanings_and_contributions_must_match():
    with pytest.raises(ValueError, match="2 contributions"):
        explained([REOPENED], _evidence([[0.1, 0.2]], [[1, 1]]), {})
