"""``/v1/churn/accounts`` in this process: lists, single accounts, files, outcomes, and who may see what."""

import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from fenzhen.store import Outcome
from serving.accounts.export import COLUMNS
from serving.accounts.index import SORTS
from tests.serving.accounts_made_up import AS_OF, SECOND, scored_again_before, told
from tests.serving.application import Desk, problem, running_desk

LIST = "/v1/churn/accounts"


def ids(desk: Desk, **query: Any) -> list[str]:
    answer = desk.get(LIST, params=query)
    assert answer.status_code == 200, answer.text
    assert answer.json()["total"] >= len(answer.json()["items"])
    return [each["id"] for each in answer.json()["items"]]


@contextmanager
def as_owner(desk: Desk, owner: str) -> Iterator[None]:
    """Ask with a key that is bound to an owner."""
    kept = desk.client.headers
    desk.client.headers = {"X-API-Key": desk.store.create_key(["churn"], owner=owner).text}
    try:
        yield
    finally:
        desk.client.headers = kept


def test_an_account_in_a_list_says_what_changed_and_why(scored: Desk) -> None:
    answer = scored.get(LIST).json()
    assert answer["scored"]["model"] == "churn/3"
    assert answer["scored"]["horizon_days"] == 90
    first = answer["items"][0]
    assert (first["id"], first["name"], first["risk_level"]) == ("C1", "华东精密机械有限公司", "high")
    assert (first["change"]["kind"], first["change"]["from_level"]) == ("rose", "medium")
    assert first["reason"]["text_zh"] == "近90天重新打开 3 次,平时 0.4 次"
    assert [point["risk_level"] for point in first["trend"]] == ["medium", "high"]
    assert {each["id"]: each["too_little_history"] for each in answer["items"]}["C5"] is True


@pytest.mark.parametrize(("query", "expected"), [
    ({"risk_level": "high"}, {"C1"}), ({"risk_level": ["high", "low"]}, {"C1", "C2", "C4"}),
    ({"customer_tier": "VIP"}, {"C1"}), ({"owner": "李强"}, {"C3"}), ({"region": ["华南", "华东"]}, {"C1", "C2", "C4"}),
    ({"region": "火星"}, set()), ({"change": "rose"}, {"C1"}), ({"change": ["fell", "reason"]}, {"C2", "C3"}),
    ({"changed_since": AS_OF.isoformat()}, {"C1", "C2", "C3", "C5"}),
    ({"changed_since": (AS_OF + timedelta(seconds=1)).isoformat()}, set()),
    ({"renewal_from": (AS_OF + timedelta(days=20)).isoformat()}, {"C1", "C4"}),
    ({"renewal_until": (AS_OF + timedelta(days=20)).isoformat()}, set()),
    ({"renewal_until": (AS_OF + timedelta(days=21)).date().isoformat()}, {"C1"}),
    ({"q": "物流"}, {"C2"}), ({"q": "c3"}, {"C3"}), ({"q": "%"}, set()), ({"q": ""}, {"C1", "C2", "C3", "C4", "C5"}),
    ({"risk_level": "low", "owner": "王芳", "region": "华南"}, {"C2"}),
])
def test_filters_narrow_the_list(scored: Desk, query: dict[str, Any], expected: set[str]) -> None:
    assert set(ids(scored, **query)) == expected


@pytest.mark.parametrize("sort", [f"{sign}{sort}" for sort in SORTS for sign in ("", "-")])
def test_pages_show_everybody_once_in_order(scored: Desk, sort: str) -> None:
    whole, found, cursor = ids(scored, sort=sort), [], None
    while True:
        query = {"sort": sort, "limit": 2, **({"cursor": cursor} if cursor else {})}
        answer = scored.get(LIST, params=query).json()
        found += [each["id"] for each in answer["items"]]
        cursor = answer["next_cursor"]
        if cursor is None:
            break
    assert found == whole
    assert sorted(found) == sorted(SECOND)


def test_what_has_no_value_comes_last_either_way(scored: Desk) -> None:
    assert ids(scored, sort="value_at_risk")[:2] == ["C2", "C1"]
    assert ids(scored, sort="-value_at_risk")[:2] == ["C1", "C2"]


@pytest.mark.parametrize("query", [
    {"limit": "00000000199999"}, {"limit": "0"}, {"limit": "201"}, {"limit": "x"},
    {"sort": "name"}, {"risk_level": "highest"}, {"foo": "1"},
    {"renewal_from": "soon"}, {"changed_since": "2026-11-21T09:00:00"}, {"cursor": "x"}, {"cursor": "W10"},
    {"format": "pdf"}, {"handled": "won"}, {"q": "x" * 201}, {"owner": "x" * 201}, {"limit": ["1", "2"]},
    {"cursor": "WzIsIi1wcm9iYWJpbGl0eSIsMV0", "sort": "renewal_at"}, {"cursor": "Wzk5OTk5LCItcHJvYmFiaWxpdHkiLDFd"},
    {"renewal_from": "0001-01-01"}, {"owner": [str(number) for number in range(101)]},
])
def test_a_wrong_parameter_is_named(scored: Desk, query: dict[str, Any]) -> None:
    answer = scored.get(LIST, params=query)
    assert {each["path"] for each in problem(answer, 422)["errors"]} <= set(query)


def test_an_account_shows_reasons_with_their_tickets_and_what_happened(scored: Desk) -> None:
    found = scored.get(f"{LIST}/C1").json()
    assert [(each["code"], each["tickets"]) for each in found["reasons"]] == [("tickets_reopened_90d", ["T-1"])]
    assert [(each["kind"], each["id"]) for each in found["evidence"]] == [
        ("ticket", "T-2"), ("return", "R-1"), ("ticket", "T-1")]
    assert found["evidence"][0]["text_zh"] == "硬件故障 · P20 · 未解决 · 满意度 2"
    assert found["attributes"]["customer_tier"] == "VIP"


def test_a_factor_may_be_told_by_a_name(scored: Desk) -> None:
    found = scored.get(f"{LIST}/C5").json()
    assert [(each["value"], each["text_zh"]) for each in found["protective"]] == [("华东", "所在地区为华东")]


def test_outcomes_are_kept_and_counted_and_move_an_account_between_lists(scored: Desk) -> None:
    path = f"{LIST}/C3/outcomes"
    body = {"outcome": "contacted", "reason": "csat_low_90d", "note": "已约周五上门", "actor": "李强"}
    once = {"Idempotency-Key": "c3"}
    assert scored.post(path, body, headers=once).json() == scored.post(path, body, headers=once).json()
    assert ids(scored, handled="contacted") == ["C3"]
    assert scored.post(path, {"outcome": "saved", "reason": "csat_low_90d"}).status_code == 200
    found = scored.get(f"{LIST}/C3").json()
    assert [each["outcome"] for each in found["outcomes"]] == ["saved", "contacted"]
    assert found["outcomes"][1]["actor"] == "李强"
    assert found["outcomes"][0]["actor"].startswith("key:")
    assert found["action_results"]["csat_low_90d"] == {"saved": 1, "lost": 0, "done": 1}
    snoozed = {"outcome": "snoozed", "until": (AS_OF + timedelta(days=9)).isoformat()}
    assert scored.post(f"{LIST}/C4/outcomes", snoozed).status_code == 200
    assert "C4" not in ids(scored, handled="none")
    over = Outcome("churn", "C4", "snoozed", "李强", datetime.now(UTC), until=AS_OF - timedelta(days=1))
    with scored.store.unit() as unit:
        unit.write_outcome(over)
    assert set(ids(scored, handled="none")) == {"C1", "C2", "C4", "C5"}
    assert ids(scored, q="C3")[0] == "C3"


@pytest.mark.parametrize("body", [
    {}, {"outcome": "won"}, {"outcome": "snoozed"}, {"outcome": "saved", "until": "2026-12-01T09:00:00+08:00"},
    {"outcome": "saved", "note": "x" * 2001}, {"outcome": "saved", "note": "\0"}, {"outcome": "saved", "who": "me"},
    {"outcome": "saved", "actor": " \u3000"}, {"outcome": "saved", "reason": "…"},
    {"outcome": "snoozed", "until": (AS_OF - timedelta(days=1)).isoformat()},
])
def test_what_is_no_outcome_is_refused(scored: Desk, body: dict[str, Any]) -> None:
    problem(scored.post(f"{LIST}/C1/outcomes", body), 422)


def test_the_reason_of_an_outcome_is_one_of_the_account_now_or_in_the_scoring_before(scored: Desk) -> None:
    refused = problem(scored.post(f"{LIST}/C3/outcomes", {"outcome": "saved", "reason": "csat"}), 422)
    assert refused["errors"] == [{"path": "$.reason", "code": "unknown_reason",
                                  "message": "expected one of the account's reasons: csat_low_90d"}]
    refused = problem(scored.post(f"{LIST}/C4/outcomes", {"outcome": "saved", "reason": "csat"}), 422)
    assert "no reason" in refused["errors"][0]["message"]
    before = {"outcome": "contacted", "reason": "days_since_last"}
    assert scored.post(f"{LIST}/C3/outcomes", before).status_code == 200


def test_a_key_bound_to_an_owner_sees_and_changes_the_owners_accounts_alone(scored: Desk) -> None:
    with as_owner(scored, "李强"):
        assert ids(scored) == ids(scored, owner="李强") == ["C3"]
        assert ids(scored, owner="王芳") == ids(scored, q="C1") == []
        for each in ("C1", "C5", "nobody"):
            problem(scored.get(f"{LIST}/{each}"), 404)
            problem(scored.post(f"{LIST}/{each}/outcomes", {"outcome": "saved"}), 404)
        assert [row["id"] for row in csv_rows(scored)] == ["C3"]
        assert scored.post(f"{LIST}/C3/outcomes", {"outcome": "contacted", "actor": "王芳"}).status_code == 200
        assert scored.get(f"{LIST}/C3").json()["outcomes"][0]["actor"] == "李强"
    with as_owner(scored, "陈晨"):
        assert ids(scored) == []
        assert scored.get(LIST).json()["total"] == 0


def csv_rows(desk: Desk, **query: Any) -> list[dict[str, str]]:
    answer = desk.get(LIST, params={"format": "csv", **query})
    assert answer.status_code == 200, answer.text
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_a_file_holds_the_list_and_no_formulas(scored: Desk) -> None:
    rows = csv_rows(scored, sort="-probability")
    assert [row["id"] for row in rows] == ["C1", "C5", "C3", "C2", "C4"]
    assert rows[1]["name"] == "'=1+1@新客户"
    assert [(row["value_at_risk"], row["previous_level"]) for row in rows[::4]] == [("1284000.0", "medium"), ("", "")]
    answer = scored.get(LIST, params={"format": "xlsx", "risk_level": "medium"})
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert sheet is not None
    cells = list(sheet.values)
    assert [row[0] for row in cells] == ["id", "C5", "C3"]
    assert cells[1][1] == "'=1+1@新客户"
    assert answer.headers["content-disposition"].endswith('.xlsx"')


def test_a_file_tells_reasons_in_words_with_what_is_usual_what_to_do_and_what_was_done(scored: Desk) -> None:
    body = {"outcome": "contacted", "note": "=已约", "actor": "王芳"}
    assert scored.post(f"{LIST}/C1/outcomes", body).status_code == 200
    row = csv_rows(scored, q="C1")[0]
    assert tuple(row) == COLUMNS
    assert [row[f"reason_1_{name}"] for name in ("zh", "en", "value", "own", "peers", "action")] == [
        "近90天重新打开 3 次,平时 0.4 次", "reopened 3 times in 90 days, usually 0.4", "3.0", "0.4", "0.3",
        "安排资深工程师回访"]
    assert (row["reason_2_zh"], row["reason_3_action"]) == ("", "")
    assert (row["outcome"], row["outcome_by"], row["outcome_note"]) == ("contacted", "王芳", "'=已约")
    assert (row["outcome_at"], row["snoozed_until"]) == (
        datetime.now(ZoneInfo("Asia/Shanghai")).date().isoformat(), "")
    readme = (Path(__file__).resolve().parents[3] / "README.md").read_text("utf-8")
    assert all(f"`{re.sub('_[123]_', '_1_', name)}`" in readme for name in COLUMNS)


def test_a_file_of_a_run_whose_rows_go_meanwhile_is_of_the_run_that_took_its_place(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running_desk(tmp_path) as desk:
        told(desk.store)
        assert len(csv_rows(desk)) == 5
        scored_again_before(monkeypatch, desk.store, "explained")
        assert [row["reason_1_zh"] != "" for row in csv_rows(desk)] == [True, False, True, False, False]


def test_a_file_names_the_next_one(scored: Desk) -> None:
    answer = scored.get(LIST, params={"format": "csv", "limit": "3", "owner": ["王芳", "李强"]})
    link = answer.headers["link"]
    assert link.endswith('>; rel="next"')
    following = scored.get(f"{LIST}{link[1:link.index('>')]}")
    rows = list(csv.DictReader(io.StringIO(following.content.decode("utf-8-sig"))))
    assert [row["id"] for row in rows] == ["C4"]
    assert "link" not in following.headers
