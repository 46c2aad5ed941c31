"""Commands beside the demo's own work."""

import os
import sys
import time
from pathlib import Path

import pytest

from serving.demo.meanwhile import meanwhile

ENVIRON = dict(os.environ)


def test_commands_run_one_after_the_other_while_the_body_lasts_and_failures_stop_nothing(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "log"
    with meanwhile([["echo", "one"], ["false"], ["sh", "-c", "echo two; echo three >&2"]], ENVIRON, log):
        pass
    assert log.read_text().split() == ["one", "two", "three"]


def test_without_commands_nothing_happens(tmp_path: Path) -> None:
    with meanwhile([], ENVIRON, tmp_path / "log"):
        pass
    assert (tmp_path / "log").read_bytes() == b""


def test_an_interrupted_body_ends_what_runs_and_starts_nothing_more(tmp_path: Path) -> None:
    log = tmp_path / "log"
    first = [sys.executable, "-c", "import time; print('started', flush=True); time.sleep(60); print('over')"]
    with pytest.raises(KeyboardInterrupt), meanwhile([first, ["echo", "later"]], ENVIRON, log):
        _interrupt_once_started(log)
    assert log.read_text().split() == ["started"]


def _interrupt_once_started(log: Path) -> None:
    deadline = time.monotonic() + 30
    while not log.read_bytes():
        assert time.monotonic() < deadline, "the first command said nothing"
        time.sleep(0.01)
    raise KeyboardInterrupt
