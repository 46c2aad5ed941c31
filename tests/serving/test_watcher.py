"""The thread that swaps champions."""

import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fenzhen.exports import Champion, Exports
from serving.watcher import Watcher
from tests.serving.fakes import flip_byte, load_keyword_scorer

Release = Callable[..., Champion]


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def label(watcher: Watcher) -> str:
    return watcher.snapshot.served["category"].label


def until(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def test_it_is_ready_from_the_first_champion_on(exports: Exports, release: Release) -> None:
    watcher = Watcher(exports, load_keyword_scorer)
    watcher.look()
    assert not watcher.ready
    release(1)
    watcher.look()
    assert watcher.ready


def test_nothing_is_read_while_the_stamp_stays(exports: Exports, release: Release) -> None:
    release(1)
    watcher = Watcher(exports, load_keyword_scorer)
    watcher.look()
    before = watcher.snapshot
    watcher.look()
    assert watcher.snapshot is before


def test_a_refused_champion_is_tried_again_after_a_while(exports: Exports, release: Release) -> None:
    clock = Clock()
    data = release(1).folder / "data.bin"
    flip_byte(data)
    watcher = Watcher(exports, load_keyword_scorer, clock=clock)
    watcher.look()
    flip_byte(data)
    clock.now += 29
    watcher.look()
    assert not watcher.ready
    clock.now += 2
    watcher.look()
    assert watcher.ready


def test_a_folder_that_vanishes_and_returns_is_told_and_forgotten(exports: Exports, release: Release) -> None:
    folder = release(1).folder
    watcher = Watcher(exports, load_keyword_scorer)
    watcher.look()
    shutil.move(folder, exports.root / "aside")
    watcher.look()
    assert "is gone" in str(watcher.snapshot.problem)
    shutil.move(exports.root / "aside", folder)
    watcher.look()
    assert watcher.snapshot.problem is None
    assert label(watcher) == "ticket_category/1"


def test_the_thread_swaps_while_readers_read_and_stops(exports: Exports, release: Release) -> None:
    release(1)
    watcher = Watcher(exports, load_keyword_scorer, interval_seconds=0.01)
    watcher.start()
    try:
        until(lambda: watcher.ready)
        for version in range(2, 6):
            release(version)
            until(lambda version=version: label(watcher) == f"ticket_category/{version}")  # type: ignore[misc]
    finally:
        watcher.stop()
    assert "champions" not in {thread.name for thread in threading.enumerate()}


def test_the_thread_survives_what_it_cannot_foresee(
    exports: Exports, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    release(1)
    calls: list[int] = []
    stamp = exports.stamp

    def unsteady() -> Any:
        calls.append(1)
        if len(calls) < 3:
            raise OSError("stale file handle")
        return stamp()

    monkeypatch.setattr(exports, "stamp", unsteady)
    watcher = Watcher(exports, load_keyword_scorer, interval_seconds=0.01)
    watcher.start()
    try:
        until(lambda: watcher.ready)
    finally:
        watcher.stop()


def test_loading_happens_off_the_caller_s_thread(exports: Exports, release: Release) -> None:
    release(1)
    threads: list[str] = []

    def load(folder: Path, sha256: str) -> Any:
        threads.append(threading.current_thread().name)
        return load_keyword_scorer(folder, sha256)

    watcher = Watcher(exports, load, interval_seconds=0.01)
    watcher.start()
    try:
        until(lambda: watcher.ready)
    finally:
        watcher.stop()
    assert threads == ["champions"]
