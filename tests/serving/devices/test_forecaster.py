"""The device model of a worker: looked for every two seconds, swapped when another one is champion."""

from pathlib import Path
from typing import Any

from fenzhen.errors import ArtefactError
from fenzhen.exports import Champion
from serving.devices.forecaster import Forecaster


class FakeExports:
    """Exports that name the champion of the moment."""

    champion_now: Champion | None = None

    def champion(self, model: str) -> Champion | None:
        assert model == "device_failure"
        return self.champion_now


def champion(version: int) -> Champion:
    return Champion("device_failure", version, Path(f"/exports/{version}"), f"{version:064d}", None, "2026-11-21")


def load(folder: Path, _sha256: str) -> Any:
    if folder.name == "13":
        raise ArtefactError("broken")
    return folder.name


def test_a_champion_is_loaded_once_and_swapped_when_another_takes_over() -> None:
    exports, now = FakeExports(), [0.0]
    forecaster = Forecaster(exports, load, "device_failure", clock=lambda: now[0])  # type: ignore[arg-type]
    assert forecaster.current() is None
    exports.champion_now = champion(1)
    assert forecaster.current() is None
    now[0] = 2.0
    first = forecaster.current()
    assert first is not None
    assert (first.scorer, first.label) == ("1", "device_failure/1")
    exports.champion_now, now[0] = champion(2), 4.0
    assert forecaster.current().scorer == "2"  # type: ignore[union-attr]


def test_a_broken_champion_leaves_the_one_before_in_place() -> None:
    exports, now = FakeExports(), [0.0]
    exports.champion_now = champion(1)
    forecaster = Forecaster(exports, load, "device_failure", clock=lambda: now[0])  # type: ignore[arg-type]
    forecaster.current()
    exports.champion_now, now[0] = champion(13), 9.0
    assert forecaster.current().scorer == "1"  # type: ignore[union-attr]
