"""Servers of the demo start, are watched, and leave no orphan."""

import os
import signal
import socket
import sys
import time
from pathlib import Path

import pytest

from fenzhen.errors import FenzhenError
from fenzhen.settings import read_settings
from serving.demo.children import end, free_port, mlflow_command, running, undisturbed, wait_until

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]
STUBBORN_PARENT = [sys.executable, "-c", """
import subprocess, sys, time
inner = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
child = subprocess.Popen([sys.executable, "-c", inner])
print(child.pid, flush=True)
time.sleep(60)
"""]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_server_runs_while_the_body_lasts(tmp_path: Path) -> None:
    with running("sleeper", SLEEPER, dict(os.environ), tmp_path / "logs") as child:
        child.require_running()
        assert alive(child.process.pid)
    assert child.process.returncode == -signal.SIGTERM
    assert (tmp_path / "logs/sleeper.log").exists()


def test_what_a_server_started_ends_with_it_even_if_it_ignores_the_signal(tmp_path: Path) -> None:
    with running("parent", STUBBORN_PARENT, dict(os.environ), tmp_path) as child:
        wait_until(child, lambda: "deaf" in child.log.read_text() and len(child.log.read_text().split()) == 2, 20)
        grandchild = next(int(word) for word in child.log.read_text().split() if word.isdigit())
        end(child.process, grace_seconds=0.5)
        deadline = time.monotonic() + 5
        while alive(grandchild) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not alive(grandchild)


def test_an_error_in_the_body_ends_the_server_too(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), running("sleeper", SLEEPER, dict(os.environ), tmp_path) as child:
        raise KeyboardInterrupt
    assert child.process.poll() is not None


def test_a_server_that_ends_by_itself_is_told_with_the_end_of_its_log(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "print('port taken'); raise SystemExit(3)"]
    with (pytest.raises(FenzhenError, match=r"(?s)the service ended with exit code 3.*port taken"),
          running("service", command, dict(os.environ), tmp_path) as child):
        wait_until(child, lambda: False, 20)


def test_waiting_ends_in_bounded_time(tmp_path: Path) -> None:
    with (pytest.raises(FenzhenError, match=r"not ready after 0\.3 s; see "),
          running("sleeper", SLEEPER, dict(os.environ), tmp_path) as child):
        wait_until(child, lambda: False, 0.3)


def test_an_interrupt_does_not_disturb_the_ending() -> None:
    with undisturbed():
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.05)
    assert signal.getsignal(signal.SIGINT) is not signal.SIG_IGN


def test_a_taken_port_gives_way_to_a_free_one() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert free_port(port) not in (0, port)
    assert free_port(port) == port


def test_mlflow_s_pages_listen_on_this_machine_only_and_read_the_workspaces_state(tmp_path: Path) -> None:
    words = mlflow_command("mlflow", read_settings(tmp_path, {}), 5001)
    options = dict(zip(words[2::2], words[3::2], strict=True))
    assert (options["--host"], options["--port"], options["--workers"]) == ("127.0.0.1", "5001", "1")
    assert options["--backend-store-uri"] == f"sqlite:///{tmp_path}/.fenzhen/mlflow.db"
    assert options["--artifacts-destination"] == f"{tmp_path}/.fenzhen/mlartifacts"
