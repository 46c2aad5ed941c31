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
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

import training.cli
from serving.answers import Alternative, Answer, Prediction, Thresholds
from serving.demo.children import Child, free_port, running, wait_until
from serving.problems import FieldError, ProblemError, problem_document
from serving.schemas import ClassifyRequest

PROJECT = Path(__file__).resolve().parents[1]
README = (PROJECT / "README.md").read_text(encoding="utf-8")
BINARIES = Path(sys.executable).parent
STAYS_UP = "# stays up\n"
SHARES = {"hotline/labelled_segmented": 800, "hotline/labelled_raw": 50, "reviews/online_shopping_10_cats": 800,
          "titles/train": 800, "titles/dev": 200}


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


class Reader:
    """Somebody who types a section's blocks one after the other, in a checkout of the project elsewhere."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, self.stack, self.port = folder, stack, 0
        (folder / "README.md").write_text("")
        shutil.copytree(PROJECT / "training/workspaces", folder / "training/workspaces",
                        ignore=shutil.ignore_patterns(".fenzhen"))

    @property
    def environ(self) -> dict[str, str]:
        return {**os.environ, "PATH": f"{BINARIES}:{os.environ['PATH']}", "COLUMNS": "200",
                "FENZHEN_PORT": str(self.port), "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}

    def type(self, block: Block) -> str:
        """Run a block; one that stays up goes on in the background, once it is ready."""
        if block.text.startswith(STAYS_UP):
            return self.serve(block.text)
        shell = ["bash", "-euo", "pipefail", "-c"] if block.language == "bash" else [sys.executable, "-c"]
        done = subprocess.run([*shell, block.text.replace(":3000", f":{self.port}")], cwd=self.folder, env=self.environ,
                              capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, block.text + done.stdout + done.stderr
        return done.stdout

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


@pytest.mark.slow
def test_your_own_data_from_an_export_to_an_answer(reader: Reader) -> None:
    told = [reader.type(block) for block in blocks("Your own data") if block.language in ("bash", "python")]
    assert json.loads(told[-1])["predictions"]["category"]["value"] == "硬件故障"
    python = blocks("The API by example", "python")
    assert [reader.type(block) != "\n" for block in python] == [True]


def fewer(text: str) -> str:
    """Return a block for a share of the rows: fewer made-up tickets, and no gate, which is for all rows."""
    text = text.replace("--promote auto", "--promote force").replace(" --as-of 2026-07-01 --as-of 2026-08-01", "")
    return text.replace("fenzhen simulate company", "fenzhen simulate company --tickets 600")


@pytest.mark.slow
def test_real_data_commands_run_on_a_share_of_the_rows(reader: Reader, shared_data: Path) -> None:
    for name, rows in SHARES.items():
        take_share(shared_data / f"{name}.csv.gz", reader.folder.parent / f"shared/data/{name}.csv.gz", rows)
    told = {block.text: reader.type(replace(block, text=fewer(block.text))) for block in blocks("On real data")}
    assert [text for text in told.values() if re.fullmatch(r"(\d+) of \1 alike\n", text)] == ["50 of 50 alike\n"]
    assert (reader.folder / "backtest.csv").stat().st_size > 1000


def test_every_bash_and_python_block_is_run_by_a_test() -> None:
    run_here = {"Your own data", "On real data", "The API by example"}
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
    assert set(re.findall(r"^\| `fenzhen (\w+)` \|", README, re.MULTILINE)) == commands
    entry_points = yaml.safe_load((PROJECT / "MLproject").read_text(encoding="utf-8"))["entry_points"]
    sentence, = re.findall(r"^(`validate`.*?) are also entry$", README, re.MULTILINE | re.DOTALL)
    assert set(re.findall(r"`(\w+)`", sentence)) == set(entry_points)


def test_every_folder_has_its_line() -> None:
    named = set(re.findall(r"^\| `([\w/]+)/` \|", README, re.MULTILINE))
    assert {"src/fenzhen", "features", "models", "training", "serving", "tests"} <= named
    assert all((PROJECT / folder).is_dir() for folder in named)


def test_the_example_request_is_accepted() -> None:
    request, _ = blocks("The API by example", "json")[:2]
    ClassifyRequest.model_validate_json(request.text)


def test_the_example_answer_has_the_real_shape() -> None:
    answer = json.loads(blocks("The API by example", "json")[1].text)
    prediction = answer["predictions"]["category"]
    for given, kind in ((answer, Answer), (prediction, Prediction), (prediction["thresholds"], Thresholds),
                        (prediction["alternatives"][0], Alternative)):
        assert set(given) == {each.name for each in dataclasses.fields(kind)}


def test_the_spans_of_the_example_are_words_of_its_request() -> None:
    request, answer = (json.loads(block.text) for block in blocks("The API by example", "json")[:2])
    spans = [request["ticket"][each["field"]][each["start"]:each["end"]]
             for each in answer["predictions"]["category"]["reasons"]]
    assert spans == ["打印机卡纸", "卡纸"]


def test_the_example_problem_has_the_real_shape() -> None:
    shown = json.loads(blocks("The API by example", "json")[2].text)
    errors = [FieldError(**each) for each in shown["errors"]]
    assert problem_document(ProblemError(422, shown["detail"], errors=errors), shown["request_id"]) == shown


def test_nothing_is_left_to_be_filled_in() -> None:
    assert not re.search(r"TODO|TBD|FIXME|RESULTS-TABLE|BACKTEST-LINE|\?\?\?", README)
