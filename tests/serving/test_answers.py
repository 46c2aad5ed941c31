"""An answer is written by its declared shape as it would be value by value."""

import json

from pydantic_core import to_json

from serving.answers import (
    Alternative,
    Answer,
    Excluded,
    Prediction,
    RoutedPrediction,
    Thresholds,
    Unavailable,
    answer_json,
)

CATEGORY = Prediction(
    "ok", "网络", None, ["办公", "网络"], 0.91, "high", "suggest", Thresholds(None, 0.5),
    [Alternative("硬件", "7", 0.05)],
    [{"code": "span", "field": "subject", "start": 0, "end": 2, "weight": 1.5}], None, "网络", "ticket_category/3")
PERSON = RoutedPrediction(
    "ok", None, None, [], None, None, "abstain", Thresholds(None, None), [], [], {"id": "fixed_owner", "value": "a1"},
    None, "assignee/2", [Excluded("a2", "at_capacity", {"open": 4.0, "capacity": 4}, "手上 4 单", "has 4 open")])


def test_every_kind_of_field_is_written_whole():
    found = {"category": CATEGORY, "assignee": PERSON, "group": Unavailable("unavailable", "no_champion")}
    answer = Answer("01J", "T-1", found, ["empty_text"], 1.25)
    assert json.loads(answer_json(answer)) == json.loads(to_json(answer))
    assert "excluded" in json.loads(answer_json(answer))["predictions"]["assignee"]
