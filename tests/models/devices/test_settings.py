"""The settings of device models are checked with the words of workspace.toml."""

import pandas as pd
import pytest

from fenzhen.errors import WorkspaceError
from models.devices.settings import AlertCosts, DeviceSettings
from models.specs import spec_of


def test_every_setting_can_be_written_and_is_told_again() -> None:
    content = {"horizons_days": [1, 7], "components": ["fan"], "telemetry_known_after": "1D", "minimum_lead": "12h",
               "restart": "2D", "cost": {"missed": 20, "caught": 3.5, "false_alarm": 1}, "capacity": 5,
               "validation_days": 30, "test_days": 62, "split_by_device": True, "maximum_calibration_error": 0.1,
               "parts": {"fan": "风扇组件"}, "skills": {"fan": "机电"}, "alerts": {"daily_cap": 3}}
    found = DeviceSettings.from_dict("device_failure", content)
    assert (found.horizons_days, found.minimum_lead) == ((1, 7), pd.Timedelta(hours=12))
    assert found.cost == AlertCosts(20, 3.5, 1)
    assert DeviceSettings.from_dict("device_failure", found.facts()) == found


@pytest.mark.parametrize(("key", "value"), [
    ("horizons_days", []), ("horizons_days", 7), ("horizons_days", [7, 1]), ("horizons_days", [0]),
    ("horizons_days", [True]), ("components", ["any"]), ("components", ["a", "a"]), ("telemetry_known_after", "soon"),
    ("telemetry_known_after", "-1D"), ("telemetry_known_after", 1), ("cost", {"missed": -1}), ("cost", {"lost": 1}),
    ("cost", 3), ("capacity", 0), ("capacity", True), ("test_days", 1.5), ("split_by_device", 1),
    ("maximum_calibration_error", 1), ("parts", {"fan": 1}), ("alerts", []),
])
def test_wrong_values_are_refused_by_name(key: str, value: object) -> None:
    with pytest.raises(WorkspaceError, match=rf"\[models.device_failure\]: got {key} = "):
        DeviceSettings.from_dict("device_failure", {key: value})


def test_unknown_keys_are_refused() -> None:
    with pytest.raises(WorkspaceError, match="got horizon, expected only horizons_days"):
        spec_of("device_failure", {"horizon": 7})


@pytest.mark.parametrize("key", ["parts", "skills"])
def test_parts_and_skills_are_of_the_components_that_are_named(key: str) -> None:
    found = spec_of("device_failure", {"components": ["fan", "belt"], key: {"fan": "x", "any": "y"}})
    assert dict(getattr(found.settings, key)) == {"fan": "x", "any": "y"}
    message = rf"\[models.device_failure.{key}\]: got motor, expected only any, fan, belt"
    with pytest.raises(WorkspaceError, match=message):
        spec_of("device_failure", {"components": ["fan", "belt"], key: {"motor": "x"}})


def test_without_named_components_any_may_have_a_part() -> None:
    assert dict(spec_of("device_failure", {"parts": {"motor": "x"}}).settings.parts) == {"motor": "x"}
