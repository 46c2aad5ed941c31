"""The whole loop: tables, train, promote, serve, ask, correct, harvest, train again, roll back; what may go wrong."""

import contextlib
import csv
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from fenzhen.exports import Exports
from fenzhen.registry import Registry
from fenzhen.settings import Settings, read_settings
from fenzhen.simulate import simulate_workspace
from fenzhen.store import open_store
from fenzhen.workspace import load_workspace
from models.artefact import load_scorer
from tests.serving.server import Server, running_server

FENZHEN = str(Path(sys.executable).with_name("fenzhen"))
MODEL = "ticket_category"
ROWS = 40

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small made-up company, nothing trained."""
    folder = tmp_path_factory.mktemp("company") / "desk"
    simulate_workspace(folder, 500, 200, date(2026, 7, 1), 3)
    return folder


@pytest.fixture(scope="module")
def trained(simulated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same company with version 1 as champion."""
    folder = tmp_path_factory.mktemp("trained") / "desk"
    shutil.copytree(simulated, folder)
    started = time.monotonic()
    fenzhen(folder, "train", MODEL, "--promote", "force")
    (folder / "seconds").write_text(str(time.monotonic() - started))
    return folder


@pytest.fixture(scope="module")
def seconds_to_train(trained: Path) -> float:
    """How long a training takes here and now."""
    return float((trained / "seconds").read_text())


def environment(workspace: Path, **more: str) -> dict[str, str]:
    return {**os.environ, "FENZHEN_WORKSPACE": str(workspace), "COLUMNS": "200", **more}


def fenzhen(workspace: Path, *words: str, code: int = 0, **environ: str) -> str:
    """Run a command, check its exit code, return what it said."""
    done = subprocess.run([FENZHEN, *words], env=environment(workspace, **environ), capture_output=True, text=True,
                          timeout=180, check=False)
    said = done.stdout + done.stderr
    assert (done.returncode, "Traceback" in said) == (code, False), said
    return said


def settings_of(workspace: Path) -> Settings:
    return read_settings(workspace, {})


def champion_of(workspace: Path) -> int | None:
    """Return the champion's version, after loading and verifying its artefact."""
    champion = Exports(settings_of(workspace).exports_dir).champion(MODEL)
    if champion is not None:
        load_scorer(champion.folder, expected_manifest_sha256=champion.manifest_sha256)
    return champion.version if champion is not None else None


def new_rows(workspace: Path, folder: Path) -> Path:
    """Write some of the helpdesk's own rows as a file of new tickets, without their label."""
    source = workspace / "工单导出.csv"
    with source.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))[:ROWS]
    fields = [name for name in rows[0] if name != "一级分类"]
    with (folder / "new.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fields, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return folder / "new.csv"


def test_the_whole_loop(simulated: Path, tmp_path: Path) -> None:
    workspace = tmp_path / "desk"
    shutil.copytree(simulated, workspace)
    assert "0 error(s)" in fenzhen(workspace, "validate")
    what_happened_to_tickets_is_loaded_once(workspace)
    assert "challenger" in fenzhen(workspace, "train", MODEL)
    assert champion_of(workspace) is None
    assert "version 1 is champion" in fenzhen(workspace, "promote", MODEL, "--force")
    with running_server(workspace) as server:
        the_service_answers_as_predict_does(server, workspace, tmp_path)
        what_people_say_becomes_labels(server, workspace, tmp_path)
        a_second_training_goes_through_the_gate(server, workspace)
        rollback_is_one_command(server, workspace)
    what_happened_is_in_the_ledger(workspace)


def what_happened_to_tickets_is_loaded_once(workspace: Path) -> None:
    first, again = (re.findall(r"(\d+) inserted, (\d+) already there", fenzhen(workspace, "ingest")) for _ in range(2))
    assert sum(int(new) for new, _ in first) > 200
    assert [(new, int(known)) for new, known in again] == [("0", int(new) + int(known)) for new, known in first]


def the_service_answers_as_predict_does(server: Server, workspace: Path, scratch: Path) -> None:
    server.wait_for("/readyz", 200)
    new = new_rows(workspace, scratch)
    fenzhen(workspace, "predict", MODEL, "--input", str(new), "--output", str(scratch / "out.csv"))
    with new.open(encoding="utf-8", newline="") as asked, (scratch / "out.csv").open(encoding="utf-8-sig") as told:
        pairs = list(zip(csv.DictReader(asked), csv.DictReader(told), strict=True))
    assert len(pairs) == ROWS
    for row, predicted in pairs:
        said = classify(server, row["工单编号"], *(text(row[name]) for name in ("标题", "问题描述")))
        assert predicted["ticket_id"] == row["工单编号"]
        assert (said["value"] or "") == predicted["prediction"]
        assert said["confidence"] == pytest.approx(float(predicted["confidence"]), abs=1e-5)


def text(cell: str) -> str | None:
    """Return a cell as the workspace's mapping reads it: "-" is missing."""
    return None if cell in ("", "-") else cell


def classify(server: Server, number: str, subject: str | None, body: str | None) -> dict[str, Any]:
    response = server.request("POST", "/v1/classify", json={"ticket": {"id": number, "subject": subject, "body": body}})
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()["predictions"]["category"]
    return found


def what_people_say_becomes_labels(server: Server, workspace: Path, scratch: Path) -> None:
    with (scratch / "out.csv").open(encoding="utf-8-sig") as told:
        ticket = next(csv.DictReader(told))["ticket_id"]
    tickets = load_workspace(workspace).table("tickets").set_index("ticket_id")
    value = next(other for other in values_of(server, "category") if other != tickets.at[ticket, "category"])
    word = {"ticket_id": ticket, "field": "category", "verdict": "corrected", "value": value, "actor": "王工"}
    response = server.request("POST", "/v1/feedback", json=word)
    assert (response.status_code, response.json().get("status")) == (200, "recorded"), response.text
    fenzhen(workspace, "harvest", MODEL, "--output", str(scratch / "labels.csv"))
    with (scratch / "labels.csv").open(encoding="utf-8") as file:
        row, = csv.DictReader(file)
    assert [row[name] for name in ("ticket_id", "value", "actor", "label")] == [ticket, value, "王工", "corrected"]


def values_of(server: Server, field: str) -> list[str]:
    """Return the values that may be given to a field."""
    fields = server.request("GET", "/v1/taxonomy").json()["fields"]
    return [row["value"] for each in fields if each["field"] == field for row in each["values"] if row["active"]]


def a_second_training_goes_through_the_gate(server: Server, workspace: Path) -> None:
    said = fenzhen(workspace, "retrain", MODEL, "--seed", "1")
    passed = "passed the gate" in said
    assert champion_of(workspace) == (2 if passed else 1)
    if not passed:
        assert "--force" in fenzhen(workspace, "promote", MODEL, code=1)
        fenzhen(workspace, "promote", MODEL, "--force", "--reason", "to go on")
    until_served(server, 2)


def until_served(server: Server, version: int) -> None:
    deadline = time.monotonic() + 20
    while [each["version"] for each in server.models()["models"]] != [version]:
        assert time.monotonic() < deadline, server.models()
        time.sleep(0.1)


def rollback_is_one_command(server: Server, workspace: Path) -> None:
    fenzhen(workspace, "rollback", MODEL, "--reason", "投诉变多")
    assert (champion_of(workspace), Registry(settings_of(workspace)).alias(MODEL, "champion")) == (1, 1)
    until_served(server, 1)


def what_happened_is_in_the_ledger(workspace: Path) -> None:
    with open_store(settings_of(workspace).store_url) as store:
        entries = store.ledger(MODEL)
    assert [(entry.action, entry.from_version, entry.to_version) for entry in entries] == [
        ("promote", None, 1), ("promote", 1, 2), ("rollback", 2, 1),
    ]
    assert entries[-1].reason == "投诉变多"


def test_trainings_killed_at_any_moment_leave_champion_and_registry_usable(
    trained: Path, seconds_to_train: float, tmp_path: Path,
) -> None:
    workspace = moved(trained, tmp_path)
    moments = random.Random(2)
    for third in range(3):
        kill_a_training_after(workspace, (third + moments.random()) / 3 * seconds_to_train)
        fenzhen(workspace, "export")
        assert champion_of(workspace) == Registry(settings_of(workspace)).alias(MODEL, "champion")
    fenzhen(workspace, "train", MODEL, "--promote", "force")
    newest = max(Registry(settings_of(workspace)).versions(MODEL))
    assert champion_of(workspace) == newest
    assert Registry(settings_of(workspace)).alias(MODEL, "champion") == newest


def kill_a_training_after(workspace: Path, seconds: float) -> None:
    process = subprocess.Popen([FENZHEN, "train", MODEL, "--promote", "force"], env=environment(workspace),
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    time.sleep(seconds)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert champion_of(workspace) is not None


def moved(trained: Path, to: Path) -> Path:
    """Copy the workspace with its state; MLflow's artifact addresses are absolute, so they are rewritten."""
    workspace = to / "desk"
    shutil.copytree(trained, workspace)
    for name in ("mlflow.db", "store.db"):
        for beside in ("-wal", "-shm"):
            (workspace / ".fenzhen" / f"{name}{beside}").unlink(missing_ok=True)
    with sqlite3.connect(workspace / ".fenzhen" / "mlflow.db") as database:
        for table, column in (("experiments", "artifact_location"), ("runs", "artifact_uri"),
                              ("logged_models", "artifact_location"), ("model_versions", "storage_location"),
                              ("model_versions", "source")):
            database.execute(f"update {table} set {column} = replace({column}, ?, ?)", (str(trained), str(workspace)))
    database.close()
    return workspace


def test_two_trainings_at_once_both_succeed(simulated: Path, tmp_path: Path) -> None:
    workspace = tmp_path / "desk"
    shutil.copytree(simulated, workspace)
    both = [subprocess.Popen([FENZHEN, "train", MODEL, "--seed", seed, "--promote", "force"], stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True, env=environment(workspace)) for seed in "12"]
    said = [process.communicate(timeout=240)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    registry = Registry(settings_of(workspace))
    assert registry.versions(MODEL) == [1, 2]
    assert champion_of(workspace) == registry.alias(MODEL, "champion")


def test_a_locked_mlflow_database_is_refused_in_bounded_time(trained: Path) -> None:
    holder = sqlite3.connect(trained / ".fenzhen" / "mlflow.db", isolation_level=None)
    try:
        holder.execute("BEGIN EXCLUSIVE")
        started = time.monotonic()
        said = fenzhen(trained, "promote", MODEL, "--version", "1", "--force", code=1, FENZHEN_LOCK_TIMEOUT_SECONDS="1")
        assert time.monotonic() - started < 30
    finally:
        holder.execute("ROLLBACK")
        holder.close()
    assert "locked by another process" in said
    assert champion_of(trained) == 1


def test_vanished_exports_are_restored_by_export(trained: Path) -> None:
    exports = settings_of(trained).exports_dir
    before = json.loads((exports / "champions.json").read_text(encoding="utf-8"))["champions"][MODEL]
    shutil.rmtree(exports)
    assert champion_of(trained) is None
    fenzhen(trained, "export")
    after = json.loads((exports / "champions.json").read_text(encoding="utf-8"))["champions"][MODEL]
    assert (champion_of(trained), after["manifest_sha256"]) == (1, before["manifest_sha256"])
    assert (exports / "policy.json").exists()
