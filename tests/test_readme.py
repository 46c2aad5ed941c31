"""The README tells the truth: its blocks run, its examples have the real shape, and everything is in its tables."""

import csv
import dataclasses
import gzip
import importlib.metadata
import io
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tomllib
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pytest
import yaml

import training.cli
from fenzhen.store import CHANGES, LEVELS, SCOPES
from fenzhen.store.views import VIEWS
from fenzhen.tables import SCHEMAS
from fenzhen.workspace import load_workspace, validate
from models.churn.meanings import meaning_in_words
from models.devices.alerts import AlertRules
from models.specs import spec_of
from serving.access import TABLE
from serving.accounts.index import SORTS
from serving.accounts.outcomes import OutcomeRequest
from serving.accounts.query import HANDLED
from serving.accounts.query import PARAMETERS as ACCOUNT_PARAMETERS
from serving.answers import Alternative, Answer, Prediction, Thresholds
from serving.demo.children import Child, free_port, running, wait_until
from serving.devices.closing import CloseRequest
from serving.devices.forecast import ForecastRequest
from serving.devices.query import PARAMETERS as ALERT_PARAMETERS
from serving.devices.query import STATES
from serving.events import read_events
from serving.problems import FieldError, ProblemError, problem_document
from serving.schemas import (
    AssigneeRequest,
    AssignRequest,
    BatchRequest,
    Feedback,
    ModeRequest,
    RouteRequest,
    TriageRequest,
)

PROJECT = Path(__file__).resolve().parents[1]
README = (PROJECT / "README.md").read_text(encoding="utf-8")
BINARIES = Path(sys.executable).parent
STAYS_UP = "# stays up\n"
SHARES = {"hotline/labelled_segmented": 800, "hotline/labelled_raw": 50, "reviews/online_shopping_10_cats": 800,
          "titles/train": 800, "titles/dev": 200, "orders/telco_customers": 700}
ENTITIES = {"incidents/incident_events.parquet": ("number", 1200), "helpdesk/helpdesk_events.csv.gz": ("Case ID", 900),
            "orders/online_retail.parquet": ("Customer ID", 400), "orders/cdnow.csv.gz": ("customer_id", 500)}
"""Files of which all rows of some entities are taken."""
MACHINES = 30


@dataclass(frozen=True)
class Block:
    """A fenced block: the heading above it, its language and its text."""

    heading: str
    language: str
    text: str


def blocks(heading: str | None = None, language: str | None = None) -> list[Block]:
    found, current = [], ""
    for match in re.finditer(r"^## (.+?)$|^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL):
        if match[1]:
            current = match[1]
        else:
            found.append(Block(current, match[2], match[3]))
    return [each for each in found if heading in (None, each.heading) and language in (None, each.language)]


REQUESTS = re.findall(
    r"`(POST|PUT) (/v1/[^` ]+)`(?:(?!```|`(?:POST|PUT) /v1/).)*?:\n\n```json\n(.*?)```", README, re.DOTALL)


class Reader:
    """Somebody who types a section's blocks one after the other, in a checkout of the project elsewhere."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, self.stack, self.port = folder, stack, 0
        self.exported: dict[str, str] = {}
        (folder / "README.md").write_text("")
        shutil.copytree(PROJECT / "training/workspaces", folder / "training/workspaces",
                        ignore=shutil.ignore_patterns(".fenzhen"))

    @property
    def environ(self) -> dict[str, str]:
        return {**os.environ, **self.exported, "PATH": f"{BINARIES}:{os.environ['PATH']}", "COLUMNS": "200",
                "FENZHEN_PORT": str(self.port), "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}

    def type(self, block: Block) -> str:
        """Run a block; one that stays up goes on in the background, once it is ready."""
        if block.text.startswith(STAYS_UP):
            return self.serve(block.text)
        shell = ["bash", "-euo", "pipefail", "-c"] if block.language == "bash" else [sys.executable, "-c"]
        text = block.text.replace(":3000", f":{self.port}") + "\nenv -0 > ../env" * (block.language == "bash")
        done = subprocess.run([*shell, text], cwd=self.folder, env=self.environ,
                              capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, block.text + done.stdout + done.stderr
        for name in re.findall(r"^export (\w+)=", block.text, re.MULTILINE):
            left = dict(each.split("=", 1) for each in (self.folder / "../env").read_text().split("\0")[:-1])
            self.exported[name] = left[name]
        return done.stdout

    def send(self, method: str, path: str, body: str) -> Any:
        """Send a JSON block with the key that was made, return what the service answers."""
        headers = {"Authorization": f"Bearer {self.exported['FENZHEN_KEY']}"}
        with httpx.Client(base_url=f"http://127.0.0.1:{self.port}", headers=headers, trust_env=False) as client:
            answer = client.request(method, path, content=body.encode(), headers={"Content-Type": "application/json"})
        no_device_model = answer.status_code == 503 and "no device model" in answer.text
        assert answer.status_code == 200 or no_device_model, body + answer.text
        return answer.json()

    def serve(self, command: str) -> str:
        self.stack.close()
        self.port = free_port(0)
        line = command.removeprefix(STAYS_UP).strip()
        script = ["bash", "-c", f"cd {self.folder} && exec {line}"]
        child: Child = self.stack.enter_context(running("service", script, self.environ, self.folder / "logs"))
        wait_until(child, lambda: answers(f"http://127.0.0.1:{self.port}/readyz"), 60)
        return ""


def answers(url: str) -> bool:
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=5):
            return True
    except OSError:
        return False


@pytest.fixture
def reader(tmp_path: Path) -> Any:
    """Somebody with a checkout at ``main`` and room for ``shared`` beside it."""
    (tmp_path / "main").mkdir()
    with ExitStack() as stack:
        yield Reader(tmp_path / "main", stack)


def take_share(source: Path, target: Path, rows: int) -> None:
    """Copy a seeded share of a CSV's rows, in their order."""
    csv.field_size_limit(10_000_000)
    header, *table = csv.reader(io.StringIO(gzip.decompress(source.read_bytes()).decode("utf-8")))
    kept = sorted(random.Random(7).sample(range(len(table)), min(rows, len(table))))
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *(table[row] for row in kept)])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(gzip.compress(text.getvalue().encode("utf-8"), 1))


def take_entities(source: Path, target: Path, column: str, number: int) -> None:
    """Copy all rows of a seeded choice of entities, in their order."""
    rows = pd.read_parquet(source) if source.suffix == ".parquet" else pd.read_csv(source, dtype=str)
    names = sorted(rows[column].dropna().unique())
    kept = rows[rows[column].isin(random.Random(7).sample(names, min(number, len(names))))]
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.suffix == ".parquet":
        kept.to_parquet(target)
    else:
        kept.to_csv(target, index=False)


def take_machines(source: Path, target: Path) -> None:
    """Copy the rows of the first machines from every file of a folder."""
    target.mkdir(parents=True)
    for path in sorted(source.iterdir()):
        rows = pd.read_csv(path, dtype=str)
        rows[rows["machineID"].astype(float) <= MACHINES].to_csv(target / path.name, index=False)


@pytest.mark.slow
def test_your_own_data_from_an_export_to_an_answer(reader: Reader) -> None:
    told = [reader.type(block) for block in blocks("Your own data") if block.language in ("bash", "python")]
    assert json.loads(told[-1])["predictions"]["category"]["value"] == "硬件故障"
    the_calls_are_answered(reader)


def the_calls_are_answered(reader: Reader) -> None:
    make_key, flat, python = (each for each in blocks("The API by example") if each.language in ("bash", "python"))
    reader.type(make_key)
    told = {f"{method} {path}": reader.send(method, path, body) for method, path, body in REQUESTS}
    assert told["POST /v1/triage"]["predictions"]["category"]["value"] == "硬件故障"
    assert [each["status"] for each in told["POST /v1/triage/batch"]["items"]] == ["ok", "ok"]
    assert (told["POST /v1/feedback"]["status"], told["POST /v1/events"]["recorded"]) == ("recorded", 2)
    assert [each["mode"] for each in told["PUT /v1/modes/*"]["set"]] == ["suggest", "auto"]
    assert set(told["POST /v1/route"]["predictions"]) == {"priority", "group", "assignee"}
    assert [each["ticket_id"] for each in told["POST /v1/assign"]["assignments"]] == ["T-1", "T-2"]
    once, again = (json.loads(reader.type(flat)) for _ in range(2))
    assert once == again
    assert once["category_status"] == "ok"
    assert reader.type(python) != "\n"


def fewer(text: str) -> str:
    """Return a block for a share of the rows: fewer made-up tickets, and no gate, which is for all rows."""
    text = text.replace("--promote auto", "--promote force").replace(" --as-of 2026-07-01 --as-of 2026-08-01", "")
    return text.replace("fenzhen simulate company", "fenzhen simulate company --tickets 600")


@pytest.fixture
def share(reader: Reader, shared_data: Path) -> Path:
    """The shared data beside the checkout, of each file a seeded share."""
    folder = reader.folder.parent / "shared/data"
    for name, rows in SHARES.items():
        take_share(shared_data / f"{name}.csv.gz", folder / f"{name}.csv.gz", rows)
    for name, (column, number) in ENTITIES.items():
        take_entities(shared_data / name, folder / name, column, number)
    take_machines(shared_data / "devices", folder / "devices")
    return folder


@pytest.mark.slow
@pytest.mark.usefixtures("share")
@pytest.mark.parametrize("heading", ["Real tickets: who, and how urgent", "Real customers", "Real machines"])
def test_real_histories_commands_run_on_a_share_of_the_entities(reader: Reader, heading: str) -> None:
    typed = [block for block in blocks(heading) if block.language == "bash"]
    assert typed
    for block in typed:
        reader.type(replace(block, text=fewer(block.text)))
    written = re.findall(r"--output (\S+)", "".join(block.text for block in typed))
    assert written
    assert all((reader.folder / name).stat().st_size > 300 for name in written)


@pytest.mark.slow
@pytest.mark.usefixtures("share")
def test_real_data_commands_run_on_a_share_of_the_rows(reader: Reader) -> None:
    typed = [block for block in blocks("On real data") if block.language in ("bash", "python")]
    told = {block.text: reader.type(replace(block, text=fewer(block.text))) for block in typed}
    assert [text for text in told.values() if re.fullmatch(r"(\d+) of \1 alike\n", text)] == ["50 of 50 alike\n"]
    assert (reader.folder / "backtest.csv").stat().st_size > 1000


def test_every_bash_and_python_block_is_run_by_a_test() -> None:
    run_here = {"Your own data", "On real data", "The API by example", "Real tickets: who, and how urgent",
                "Real customers", "Real machines"}
    others = [block for block in blocks() if block.language in ("bash", "python") and block.heading not in run_here]
    assert [re.findall(r"^(?:make|mlflow) \w+", block.text, re.MULTILINE) for block in others] == [
        ["make setup", "make demo"], ["mlflow run"],
    ]


def test_the_make_targets_exist() -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"(?:`|^)make (\w+)", README, re.MULTILINE))
    assert {"setup", "demo", "test", "bench", "serve", "mlflow"} <= named
    assert named <= set(re.findall(r"^(\w+):", makefile, re.MULTILINE))


def test_the_mlflow_example_names_parameters_of_its_entry_point() -> None:
    entry_points = yaml.safe_load((PROJECT / "MLproject").read_text(encoding="utf-8"))["entry_points"]
    block, = (block for block in blocks("Commands", "bash"))
    entry, = re.findall(r"-e (\w+)", block.text)
    assert set(re.findall(r"-P (\w+)=", block.text)) <= set(entry_points[entry]["parameters"])


def test_every_command_and_entry_point_is_documented() -> None:
    commands = {*training.cli.COMMANDS,
                *(each.name for each in importlib.metadata.entry_points(group="fenzhen.commands"))}
    assert set(re.findall(r"^\| `fenzhen ([\w-]+)` \|", README, re.MULTILINE)) == commands
    entry_points = yaml.safe_load((PROJECT / "MLproject").read_text(encoding="utf-8"))["entry_points"]
    sentence, = re.findall(r"^(`validate`.*?) are also entry", README, re.MULTILINE | re.DOTALL)
    assert set(re.findall(r"`([\w-]+)`", sentence)) == set(entry_points)


def test_every_view_is_described() -> None:
    assert re.findall(r"^\| `(v_\w+)` \|", README, re.MULTILINE) == [view.name for view in VIEWS]


def test_scopes_open_what_the_table_says() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (`/.*) \|$", README, re.MULTILINE)
    assert {scope for scope, _ in rows} <= set(SCOPES)
    shown = {(path, scope) for scope, cell in rows for path in re.findall(r"`([^`]+)`", cell)}
    assert shown == {(row.path.removesuffix("/{field}"), row.scopes[0]) for row in TABLE
                     if row.mark is None and len(row.scopes) == 1}


def test_every_file_that_is_linked_exists() -> None:
    linked = set(re.findall(r"\]\(([^)#:]+)\)", README)) - {"tests/benchmarks/RESULTS.md"}
    assert {"serving/observability/alerts.yaml", "serving/observability/grafana_dashboard.json"} <= linked
    assert not [path for path in linked if not (PROJECT / path).is_file()]


def test_every_folder_has_its_line() -> None:
    named = set(re.findall(r"^\| `([\w/]+)/` \|", README, re.MULTILINE))
    assert {"src/fenzhen", "features", "models", "training", "serving", "tests"} <= named
    assert all((PROJECT / folder).is_dir() for folder in named)


def test_the_example_requests_are_accepted() -> None:
    for _, path, body in REQUESTS:
        read: Any = {"/v1/triage": TriageRequest.model_validate_json, "/v1/feedback": Feedback.model_validate_json,
                     "/v1/triage/batch": BatchRequest.model_validate_json, "/v1/events": events_of,
                         "/v1/route": RouteRequest.model_validate_json, "/v1/assign": AssignRequest.model_validate_json,
                         "/v1/devices/forecast": ForecastRequest.model_validate_json}
        read.get(path, ModeRequest.model_validate_json)(body)
    assert {path for _, path, _ in REQUESTS} == {
        "/v1/triage", "/v1/triage/batch", "/v1/feedback", "/v1/events", "/v1/modes/category", "/v1/modes/*",
        "/v1/route", "/v1/assign", "/v1/devices/forecast"}


def test_the_bodies_within_the_text_are_accepted() -> None:
    bodies = [json.loads(each) for each in re.findall(r"`(\{[^`]*\})`", README.replace("\n  ", " "))
              if each.startswith('{"outcome"') or each in ('{"status": "offline"}',) or '"open_tickets": null' in each]
    kinds: dict[str, Any] = {"AssigneeRequest": AssigneeRequest, "CloseRequest": CloseRequest,
                             "OutcomeRequest": OutcomeRequest}
    found = []
    for body in bodies:
        name = ("CloseRequest" if body.get("outcome") in ("confirmed", "false", "planned") else
                "OutcomeRequest" if "outcome" in body else "AssigneeRequest")
        kinds[name].model_validate(body)
        found.append(name)
        assert body.get("reason") is None or meaning_in_words(body["reason"]).zh != f"{body['reason']}:{{}}"
    assert found == ["AssigneeRequest"] * 2 + ["OutcomeRequest"] * 4 + ["CloseRequest"]


def test_every_filter_of_accounts_and_alerts_is_named_with_its_values() -> None:
    section = README.split("## Customers about to leave")[1]
    rows = dict(re.findall(r"^\| (`[\w`, ]+`) \| (.*) \|$", section, re.MULTILINE))
    named = {name: values for names, values in rows.items() for name in re.findall(r"\w+", names)}
    assert set(ACCOUNT_PARAMETERS) <= set(named)
    for name, values in (("risk_level", LEVELS), ("change", CHANGES), ("handled", HANDLED), ("sort", SORTS)):
        assert set(values) <= set(re.findall(r"`(-?\w+)`", named[name])), name
    alerts, = re.findall(r"^- `GET /v1/devices/alerts`: (.*?)\n- ", README, re.MULTILINE | re.DOTALL)
    assert {*ALERT_PARAMETERS, *STATES} - {"format"} <= set(re.findall(r"`(\w+)`", alerts))


def events_of(body: str) -> Any:
    return read_events(body.encode(), datetime.now(UTC))


def example(key: str) -> Any:
    """Return the one JSON block that has this key at its top."""
    found, = (value for block in blocks("The API by example", "json")
              if isinstance(value := json.loads(block.text), dict) and key in value)
    return found


def test_the_rules_of_alerts_are_all_named_with_their_defaults() -> None:
    block, = blocks("Devices about to fail 设备预警", "toml")
    named = tomllib.loads(block.text)["models"]["device_failure"]["alerts"]
    assert named == dataclasses.asdict(AlertRules(create_ticket=True))


OWN_DATA = "Own data for routing, customers and devices"
CELLS = {"time": "2026-01-0{} 10:00:00", "number": "{}", "flag": "是", "category": "甲{}"}


@pytest.mark.parametrize("model", ["ticket_priority", "assignee_group", "assignee", "churn", "device_failure"])
def test_the_workspaces_for_own_data_load_and_validate(tmp_path: Path, model: str) -> None:
    text, = (block.text for block in blocks(OWN_DATA, "toml") if re.search(rf"^\[models\.{model}\]$", block.text, re.M))
    said = tomllib.loads(text)
    (tmp_path / "workspace.toml").write_text(text, "utf-8")
    for name, sources in said["tables"].items():
        for source in sources if isinstance(sources, list) else [sources]:
            more = said["models"][model].get("context", []) if name == "tickets" else []
            columns = {**source["columns"], **{each: each for each in more}}
            rows = {theirs: [CELLS.get(SCHEMAS[name].column(ours).kind, "号{}").format(row) for row in (1, 2, 3)]
                    for ours, theirs in columns.items()}
            pd.DataFrame(rows).to_csv(tmp_path / source["path"], index=False)
    workspace = load_workspace(tmp_path)
    assert [problem for problem in validate(workspace) if problem.severity == "error"] == []
    spec = spec_of(model, workspace.model_settings(model))
    assert set(workspace.table_names) <= set(spec.tables if hasattr(spec, "tables") else ())


def test_the_columns_of_own_tables_are_those_of_the_contract() -> None:
    section = README.split(f"## {OWN_DATA}\n")[1].split("\n## ")[0]
    shown = dict(re.findall(r"^\| `(\w+)` \| (.*?) \| ", section, re.MULTILINE))
    assert set(shown) == set(SCHEMAS) - {"articles"}
    for name, cells in shown.items():
        schema, cells = SCHEMAS[name], cells.removesuffix(", any numeric columns")
        assert re.findall(r"\w+", cells.replace(" or ", ", ")) == list(schema.names)
        assert re.findall(r"\*\*(\w+)\*\*", cells) == [
            each for each in schema.names if each in (*schema.needed, *schema.needed_any)]


def test_the_example_answer_has_the_real_shape() -> None:
    answer = example("prediction_id")
    prediction = answer["predictions"]["category"]
    for given, kind in ((answer, Answer), (prediction, Prediction), (prediction["thresholds"], Thresholds),
                        (prediction["alternatives"][0], Alternative)):
        assert set(given) == {each.name for each in dataclasses.fields(kind)}


def test_the_spans_of_the_example_are_words_of_its_request() -> None:
    request, answer = example("ticket"), example("prediction_id")
    spans = [request["ticket"][each["field"]][each["start"]:each["end"]]
             for each in answer["predictions"]["category"]["reasons"]]
    assert spans == ["打印机卡纸", "卡纸"]


def test_the_example_problem_has_the_real_shape() -> None:
    shown = example("instance")
    errors = [FieldError(**each) for each in shown["errors"]]
    assert problem_document(ProblemError(422, shown["detail"], errors=errors), shown["request_id"]) == shown


def test_nothing_is_left_to_be_filled_in() -> None:
    assert not re.search(r"@@|TODO|TBD|FIXME|RESULTS-TABLE|BACKTEST-LINE|\?\?\?", README)
