"""``bentoml build`` from a clean checkout: the bento serves where neither the project nor its tools are installed."""

import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

import httpx
import pytest
import yaml

from fenzhen.exports import Exports
from fenzhen.store import SCOPES, open_store
from tests.serving.fitted import publish_fitted
from tests.serving.pins import PROJECT, constraints, served_pins
from tests.serving.server import Server, ended, free_port

pytestmark = pytest.mark.slow
PINS = (PROJECT / "serving" / "requirements.txt").read_text(encoding="utf-8").splitlines()


def test_the_bento_s_pins_are_those_of_the_environment_that_serving_needs() -> None:
    """After a change of dependencies: ``python -m tests.serving.pins > serving/requirements.txt``."""
    assert served_pins() == PINS
    assert set(PINS) < set(constraints())
    assert not {"mlflow", "scikit-learn", "pytest", "mypy", "ruff"} & {line.partition("==")[0] for line in PINS}


@pytest.fixture(scope="module")
def bento(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``bentoml build`` makes of the files that git knows."""
    folder = tmp_path_factory.mktemp("bento")
    listed = subprocess.run(["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    checkout = folder / "checkout"
    for name in listed.stdout.splitlines():
        if (PROJECT / name).is_file():
            (checkout / name).parent.mkdir(parents=True, exist_ok=True)
            (checkout / name).write_bytes((PROJECT / name).read_bytes())
    environ = {**os.environ, "BENTOML_HOME": str(folder / "home"), "BENTOML_DO_NOT_TRACK": "True"}
    bentoml = str(Path(sys.executable).with_name("bentoml"))
    done = subprocess.run([bentoml, "build", "--output", "tag"], cwd=checkout, env=environ, capture_output=True,
                          text=True, check=False)
    assert done.returncode == 0, done.stderr
    name, _, version = done.stdout.strip().rpartition("__tag__:")[2].partition(":")
    return folder / "home" / "bentos" / name / version


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the packages that the bento asks for, and no others."""
    folder = tmp_path_factory.mktemp("packages")
    for line in PINS:
        found = distribution(line.partition("==")[0])
        for name in {each.parts[0] for each in found.files or ()} - {"..", "__pycache__"}:
            if not (folder / name).exists():
                (folder / name).symlink_to(Path(str(found.locate_file(name))))
    return folder


@pytest.fixture(scope="module")
def server(bento: Path, packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The bento, served by an interpreter that knows these packages alone, over one exported champion."""
    folder = tmp_path_factory.mktemp("served")
    publish_fitted(Exports(folder / "exports"), 1, folder / "scratch")
    store = open_store(f"sqlite:///{folder}/store.db")
    port, key = free_port(), store.create_key(SCOPES).text
    interpreter = str(Path(getattr(sys, "_base_executable", sys.executable)))
    environ = {
        "PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(packages), "BENTOML_DO_NOT_TRACK": "True",
        "BENTOML_HOME": str(folder / "home"), "FENZHEN_STORE_URL": f"sqlite:///{folder}/store.db",
        "FENZHEN_EXPORTS_DIR": str(folder / "exports"), "FENZHEN_STATE_DIR": str(folder),
    }
    absent = subprocess.run([interpreter, "-c", "import fenzhen"], env=environ, capture_output=True, check=False)
    if absent.returncode == 0:
        pytest.skip("the project is installed beside the interpreter itself")
    command = [interpreter, "-m", "bentoml", "serve", str(bento), "--host", "127.0.0.1", "--port", str(port)]
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=environ, cwd=folder,
                                   start_new_session=True)
    with ended(process), store:
        yield Server(process, f"http://127.0.0.1:{port}", log, store, key)


def test_the_bento_asks_for_the_pins_of_serving_alone(bento: Path) -> None:
    asked = (bento / "env" / "python" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert {line for line in asked if "==" in line} == set(PINS)
    assert yaml.safe_load((bento / "bento.yaml").read_text(encoding="utf-8"))["envs"][0]["name"] == (
        "FENZHEN_EXPORTS_DIR")


def test_it_answers_where_the_project_is_not_installed(server: Server) -> None:
    server.wait_for("/readyz", 200, 120)
    ticket = {"ticket": {"subject": "无线网连不上"}, "options": {"explain": True}}
    answer = server.request("POST", "/v1/triage", json=ticket).json()
    assert answer["predictions"]["category"]["value"] == "网络问题"
    assert server.request("GET", "/docs.json").json()["info"]["title"]
    with httpx.Client(base_url=server.url, trust_env=False) as visitor:
        assert "登录" in visitor.get("/app/sign-in").text
