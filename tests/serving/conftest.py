"""Exported champions to serve, made in a folder that goes away."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fenzhen.exports import Champion, Exports
from serving.champions import Snapshot, next_snapshot
from tests.serving.application import Desk, running_desk
from tests.serving.fakes import load_keyword_scorer, publish


@pytest.fixture
def exports(tmp_path: Path) -> Exports:
    """An empty folder of champions."""
    return Exports(tmp_path / "exports")


@pytest.fixture
def release(exports: Exports, tmp_path: Path) -> Callable[..., Champion]:
    """Publish a version of a made-up model: ``release(2, model="ticket_sentiment", field="sentiment")``."""
    return lambda version, **kind: publish(exports, version, tmp_path / "scratch", **kind)


@pytest.fixture
def snapshot(exports: Exports, release: Callable[..., Champion]) -> Snapshot:
    """Version 1 of ``ticket_category``, served."""
    release(1)
    return next_snapshot(Snapshot(), exports, load_keyword_scorer)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The whole application with one fitted champion, for all tests of a module."""
    with running_desk(tmp_path_factory.mktemp("desk")) as found:
        yield found
