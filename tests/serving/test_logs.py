"""Log lines."""

import json
import logging

from serving.logs import JsonFormatter, without_text


def line(**extra: object) -> dict[str, object]:
    record = logging.LogRecord("serving.x", logging.ERROR, __file__, 1, "what %s", ("happened",), None)
    for name, value in extra.items():
        setattr(record, name, value)
    parsed: dict[str, object] = json.loads(JsonFormatter().format(record))
    return parsed


def test_a_record_is_one_json_object_with_its_facts() -> None:
    found = line(facts={"model": "ticket_category", "reason": "校验不符"})
    assert found["message"] == "what happened"
    assert found["level"] == "error"
    assert found["reason"] == "校验不符"


def test_an_error_is_logged_without_its_message() -> None:
    try:
        raise ValueError("打印机卡纸 13800138000")
    except ValueError as error:
        found = line(exc_info=(ValueError, error, error.__traceback__))
        told = without_text(error)
    assert found["error"] == "ValueError"
    assert "卡纸" not in json.dumps([found, told], ensure_ascii=False)
    assert "test_logs.py" in told["at_lines"][0]
