"""What the demo tells the service: a word on an answer, an event; and what it shows of the reply."""

from typing import Any

import pytest

from serving.demo.asking import Service
from serving.demo.telling import event_line, feedback_line, happened_to, modes_line, word_on


def asked(number: int, value: str | None, truth: str) -> tuple[dict[str, Any], dict[str, Any]]:
    return ({"ticket": {"id": f"T-{number}"}, "truth": {"category": truth, "subcategory": "别的"}},
            {"prediction_id": f"P-{number}", "predictions": {"category": {"status": "ok", "value": value}}})


class Echo(Service):
    """Answers as the service would, without HTTP."""

    def call(self, path: str, body: Any = None) -> Any:
        return {
            "/v1/feedback": {"status": "recorded", "ticket_id": "T-1", "field": "category",
                             "value": (body or {}).get("value")},
            "/v1/events": {"events": [{"status": "recorded"}]},
            "/v1/modes": {"fields": [{"field": "category", "mode": "suggest"}, {"field": "group", "mode": "off"}]},
        }[path]


ECHO = Echo("http://127.0.0.1", "fz_1")


@pytest.mark.parametrize("value", ["退款", None])
def test_a_wrong_or_missing_answer_is_corrected_first(value: str | None) -> None:
    word = word_on([asked(1, "配送", "配送"), asked(2, value, "配送")])
    assert word is not None
    assert (word["prediction_id"], word["verdict"], word["value"]) == ("P-2", "corrected", "配送")


def test_where_all_is_right_one_answer_is_accepted() -> None:
    word = word_on([asked(1, "配送", "配送")])
    assert word is not None
    assert (word["verdict"], "value" in word) == ("accepted", False)


def test_without_an_answer_there_is_nothing_to_say() -> None:
    row = asked(1, None, "配送")
    row[1]["predictions"]["category"] = {"status": "unavailable", "code": "no_champion"}
    assert word_on([row]) is None
    assert word_on([]) is None


def test_the_replies_are_told_on_a_line_each() -> None:
    assert feedback_line(ECHO, {"verdict": "corrected", "field": "category", "value": "配送"}).endswith(
        "corrected T-1 category = 配送: recorded")
    event = happened_to({"id": "T-1", "created_at": "2026-11-21T09:00:00+08:00"})
    assert event_line(ECHO, event).endswith("created T-1: recorded")
    assert modes_line(ECHO).endswith("category suggest, group off")
