"""What ``fenzhen doctor`` finds: nothing is raised, nothing is changed, what is broken is said."""

import json
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from fenzhen.exports import Exports
from fenzhen.settings import read_settings
from fenzhen.store import open_store
from tests.fenzhen.store.made_up_risks import made_frame, made_run
from tests.models.made_up import simulated_scorer
from training.doctor.checkup import checkup
from training.doctor.finding import Finding

NOBODY = "http://127.0.0.1:9"
TOML = """
[tables.tickets]
path = "tickets.csv"
[models.ticket_category]
[models.ticket_colour]
colour = "red"
"""


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A workspace with one good and one bad model, nothing trained, and nobody at the service's port."""
    (tmp_path / "workspace.toml").write_text(TOML, encoding="utf-8")
    (tmp_path / "tickets.csv").write_text("ticket_id,subject,category\n1,打印机卡纸,硬件\n", encoding="utf-8")
    return tmp_path


def found(desk: Path, url: str = NOBODY) -> dict[str, Finding]:
    return {each.what: each for each in checkup(desk, url)}


def test_a_new_workspace_is_told_part_by_part_and_stays_as_it_is(desk: Path) -> None:
    before = sorted(desk.rglob("*"))
    told = found(desk)
    assert told["table tickets"].found == "1 rows"
    assert (told["model ticket_category"].state, told["model ticket_colour"].state) == ("ok", "broken")
    assert {told[name].state for name in ("trained", "served", "service", "rules", "user words", "store")} == {"absent"}
    assert sorted(desk.rglob("*")) == before


def test_a_folder_without_a_workspace_is_one_finding(tmp_path: Path) -> None:
    finding, = checkup(tmp_path)
    assert (finding.state, finding.what) == ("broken", "workspace")


def test_a_table_that_cannot_be_read_does_not_hide_the_rest(desk: Path) -> None:
    (desk / "tickets.csv").unlink()
    told = found(desk)
    assert told["table tickets"].state == told["validation"].state == "broken"
    assert told["served"].state == "absent"


def test_a_champion_is_verified(desk: Path, tmp_path: Path) -> None:
    simulated_scorer().save(tmp_path / "artefact", {"model": "ticket_category", "field": "category", "metrics": {}})
    champion = Exports(desk / ".fenzhen" / "exports").publish("ticket_category", 4, tmp_path / "artefact",
                                                              registry_alias=4)
    assert found(desk)["champion ticket_category"].found.startswith("version 4, text_label")
    (champion.folder / "manifest.json").chmod(0o644)
    (champion.folder / "manifest.json").write_text("{}", encoding="utf-8")
    assert found(desk)["champion ticket_category"].state == "broken"


def scored(desk: Path, as_of: datetime, data_until: datetime) -> None:
    """Write a scoring of a customer into the workspace's store."""
    (desk / "workspace.toml").write_text(f"{TOML}[models.churn]\n", encoding="utf-8")
    with open_store(read_settings(desk, {}).store_url) as store:
        run = made_run(as_of=as_of, data_until=data_until)
        store.write_scores(run, made_frame({"C1": (0.5, "low", {})}, run), [{}])


def test_the_store_tells_its_last_scorings_and_how_old_their_data_are(desk: Path) -> None:
    now = datetime.now(UTC)
    scored(desk, now - timedelta(days=30), now - timedelta(days=31))
    told = found(desk)
    assert told["store"].state == "ok"
    assert "0 ticket events, 0 usable keys" in told["store"].found
    assert told["scores churn"].state == "stale"
    assert told["scores churn"].found.startswith("1 by version 1 as of ")
    assert told["scores churn"].found.endswith("31 days old")
    scored(desk, now - timedelta(days=1), now - timedelta(days=1))
    assert found(desk)["scores churn"].state == "ok"


def test_facts_that_end_long_ago_are_stale(desk: Path) -> None:
    (desk / "tickets.csv").write_text("ticket_id,subject,created_at\n1,打印机卡纸,2020-01-01 09:00\n", encoding="utf-8")
    assert found(desk)["newest fact"].state == "stale"


class Service(BaseHTTPRequestHandler):
    """Somebody's service at some port: what it answers and which key it asks for."""

    def do_GET(self) -> None:
        keyed = self.headers.get("X-API-Key") == "right"
        if self.path == "/v1/models" and not keyed:
            self.answer(401, {"type": "urn:fenzhen:problem:unauthenticated"})
        elif self.path == "/v1/models":
            self.answer(200, {"models": [{"model": "ticket_category", "version": 3}], "cohorts": []})
        else:
            self.answer(200, {})

    def answer(self, status: int, body: dict[str, Any]) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def test_a_service_at_any_address_is_found_with_a_key_or_without(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with HTTPServer(("127.0.0.1", 0), Service) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}"
        try:
            shut = found(desk, url)["service"]
            monkeypatch.setenv("FENZHEN_KEY", "right")
            asked = found(desk, url)["service"]
        finally:
            server.shutdown()
            thread.join()
    assert (shut.state, asked.state) == ("ok", "ok")
    assert "answers and is ready; set FENZHEN_KEY" in shut.found
    assert asked.found == f"{url} serves ticket_category 3"
