"""Which run is shown: none before anything was scored, a cursor's own, the newest one soon."""

import threading
import time
from pathlib import Path

import pytest

from tests.serving.accounts_made_up import AS_OF, SECOND, WEEK, score, scored_again_before, told
from tests.serving.application import problem, running_desk

LIST = "/v1/churn/accounts"


def test_before_anything_was_scored_the_list_is_empty(tmp_path: Path) -> None:
    with running_desk(tmp_path) as desk:
        assert desk.get(LIST).json() == {"scored": None, "total": 0, "items": [], "next_cursor": None}
        problem(desk.get(f"{LIST}/C1"), 404)
        problem(desk.get(f"{LIST}?format=csv"), 404)


def test_a_cursor_goes_on_in_its_own_run_whatever_is_scored_meanwhile(tmp_path: Path) -> None:
    with running_desk(tmp_path) as desk:
        told(desk.store)
        first = desk.get(LIST, params={"limit": 3}).json()
        turned = {name: (1 - probability, level, details) for name, (probability, level, details) in SECOND.items()}
        score(desk.store, turned, AS_OF + WEEK)
        second = desk.get(LIST, params={"limit": 3, "cursor": first["next_cursor"]}).json()
        assert [each["id"] for each in (*first["items"], *second["items"])] == ["C1", "C5", "C3", "C2", "C4"]
        for weeks in range(2, 6):
            score(desk.store, SECOND, AS_OF + weeks * WEEK)
        expired = desk.get(LIST, params={"cursor": first["next_cursor"]})
        assert problem(expired, 422)["errors"][0]["code"] == "expired"


def test_a_new_run_is_shown_within_seconds_and_the_one_before_until_then(tmp_path: Path) -> None:
    with running_desk(tmp_path) as desk:
        told(desk.store)
        assert desk.get(LIST).json()["total"] == 5
        score(desk.store, {"C9": (0.7, "high", {})}, AS_OF + WEEK)
        deadline = time.monotonic() + 10
        while (total := desk.get(LIST).json()["total"]) != 1:
            assert total == 5
            assert time.monotonic() < deadline


def test_a_run_scored_again_never_answers_a_page_that_lacks_rows(tmp_path: Path) -> None:
    with running_desk(tmp_path) as desk:
        told(desk.store)
        first = desk.get(LIST, params={"limit": 3}).json()
        for _ in range(3):  # replaced, then deleted, while nobody asks
            score(desk.store, SECOND, AS_OF)
        page = desk.get(LIST, params={"limit": 3}).json()
        assert [each["id"] for each in page["items"]] == ["C1", "C5", "C3"]
        expired = problem(desk.get(LIST, params={"limit": 3, "cursor": first["next_cursor"]}), 422)
        assert expired["errors"][0]["code"] == "expired"
        rest = desk.get(LIST, params={"limit": 3, "cursor": page["next_cursor"]}).json()
        assert [each["id"] for each in rest["items"]] == ["C2", "C4"]


def test_a_run_whose_rows_go_while_a_page_is_read_gives_way_to_the_next(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running_desk(tmp_path) as desk:
        told(desk.store)
        assert desk.get(LIST).json()["total"] == 5
        scored_again_before(monkeypatch, desk.store, "listed")
        assert len(desk.get(LIST).json()["items"]) == 5


def test_readers_beside_a_run_that_is_scored_again_and_again_see_all_rows(tmp_path: Path, store_url: str) -> None:
    with running_desk(tmp_path, FENZHEN_STORE_URL=store_url) as desk:
        told(desk.store)
        stopped = threading.Event()

        def scoring() -> None:
            while not stopped.is_set():
                score(desk.store, SECOND, AS_OF)

        writer = threading.Thread(target=scoring)
        writer.start()
        try:
            for _ in range(150):
                page = desk.get(LIST, params={"limit": 3}).json()
                assert (page["total"], [each["id"] for each in page["items"]]) == (5, ["C1", "C5", "C3"])
                assert desk.get(f"{LIST}/C1").status_code == 200
        finally:
            stopped.set()
            writer.join()
