"""What the demo shows."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from serving.access import Access
from serving.demo import screen
from serving.demo.screen import (
    answers_table,
    closing_words,
    excerpt,
    fields_of,
    hit_line,
    prediction_cell,
    routes_table,
    words_of,
)

TICKET = {"subject": "打印机卡纸", "body": "每打两页\n就卡纸"}


def prediction(value: str | None, **more: Any) -> dict[str, Any]:
    return {"status": "ok", "value": value, "confidence": 0.875, "decision": "suggest" if value else "abstain",
            "reasons": [], "rule": None, **more}


def asked(value: str | None, truth: str) -> tuple[dict[str, Any], dict[str, Any]]:
    return ({"ticket": TICKET, "truth": {"category": truth, "sentiment": "中性"}},
            {"predictions": {"request_type": prediction("报修"), "category": prediction(value)}})


def test_the_table_shows_ticket_value_confidence_decision_and_words() -> None:
    reasons = [{"code": "text", "field": "body", "start": 5, "end": 8, "weight": 0.5}]
    row = asked("硬件故障", "硬件故障")
    row[1]["predictions"]["category"]["reasons"] = reasons
    console = Console(width=120)
    with console.capture() as captured:
        console.print(answers_table([row]))
    shown = captured.get()
    assert all(word in shown for word in ("打印机卡纸 每打两页 就卡纸", "硬件故障 0.88 建议", "就卡纸", "工单为虚构"))


def test_fields_with_a_known_truth_come_first() -> None:
    assert fields_of([asked("硬件故障", "硬件故障")]) == ["category", "request_type"]
    assert fields_of([]) == []


def test_a_wrong_value_stands_beside_the_truth() -> None:
    assert prediction_cell(prediction("配送"), "硬件故障") == "[red]配送[/] 0.88 建议\n[dim]实为 硬件故障[/]"


def test_an_abstention_is_left_to_people() -> None:
    assert prediction_cell(prediction(None), "硬件故障") == "[yellow]—[/] 0.88 转人工\n[dim]实为 硬件故障[/]"


def test_words_are_the_strongest_first_without_repeats_and_a_rule_is_named() -> None:
    reasons = [{"field": "subject", "start": 0, "end": 3, "weight": 0.1},
               {"field": "subject", "start": 3, "end": 5, "weight": 0.9},
               {"field": "body", "start": 6, "end": 8, "weight": 0.5},
               {"field": "body", "start": 0, "end": 1, "weight": -0.5}]
    assert words_of(TICKET, {"reasons": reasons}) == ["卡纸", "打印机"]
    assert words_of(TICKET, {"reasons": reasons, "rule": {"id": "paper"}}) == ["规则 paper", "卡纸", "打印机"]


def routed() -> tuple[dict[str, Any], dict[str, Any]]:
    sentence = {"code": "solved_same_product", "text_zh": "同产品已解决 31/40"}
    words = [{"code": "text", "field": "subject", "start": 3, "end": 5, "weight": 0.5}]
    return ({"ticket": TICKET, "truth": {"priority": "高", "assignee": "E302"}},
            {"predictions": {"priority": prediction("高", reasons=words), "category": prediction("硬件故障"),
                             "assignee": prediction("E301", reasons=[sentence])}})


def test_routes_show_priority_and_people_by_name_with_why() -> None:
    table = routes_table([routed()], {"E301": "佟建", "E302": "乔峻"})
    console = Console(width=160)
    with console.capture() as captured:
        console.print(table)
    shown = captured.get()
    assert all(word in shown for word in ("佟建 0.88", "实为 乔峻", "高 0.88", "同产品已解决 31/40", "卡纸"))
    assert "硬件故障" not in shown


def test_without_priority_and_people_there_is_no_table_of_routes() -> None:
    assert routes_table([asked("硬件故障", "硬件故障")], {}) is None


def test_a_long_ticket_is_cut_and_kept_on_one_line() -> None:
    assert excerpt({"subject": "a\nb", "body": "长" * 100}) == "a b " + "长" * 56 + "…"


def test_hits_count_answers_and_what_is_left_to_people() -> None:
    line = hit_line([asked("硬件故障", "硬件故障"), asked("配送", "硬件故障"), asked(None, "硬件故障")])
    assert line.startswith("category 1 of 2 right, 1 left to people")
    assert "made up" in line


def closing(folder: Path) -> str:
    """Return the closing words as a person reads them."""
    (folder / ".fenzhen/exports").mkdir(parents=True)
    workspace: Any = SimpleNamespace(model_names=lambda: ("ticket_category",))
    console = Console(width=120)
    with console.capture() as captured:
        console.print(closing_words(workspace, "http://127.0.0.1:3000", ["http://127.0.0.1:5000"], folder),
                      soft_wrap=True)
    return captured.get()


def test_at_the_end_stand_the_addresses_the_key_s_place_and_a_line_to_try(tmp_path: Path) -> None:
    folder = tmp_path / "a [red] desk"
    told = closing(folder)
    assert f"Key           {folder}/.fenzhen/first_key" in told
    assert f"\"Authorization: Bearer $(cat '{folder}/.fenzhen/first_key')\"" in told
    assert all(word in told for word in ("http://127.0.0.1:3000/docs", "http://127.0.0.1:5000", "has no champion"))


@pytest.mark.parametrize("path", ["/app/triage", "/app/churn", "/app/devices", "/app/other"])
def test_pages_are_named_where_there_are_any(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screen, "TABLE", (Access("GET", path, ("page",)),))
    assert (f"http://127.0.0.1:3000{path}" in closing(tmp_path)) == (path != "/app/other")
