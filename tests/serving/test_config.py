"""Settings of the service."""

from pathlib import Path

import pytest

from fenzhen.errors import SettingsError
from serving.config import read_config


def test_defaults_listen_on_loopback_with_one_worker(tmp_path: Path) -> None:
    config = read_config({"FENZHEN_WORKSPACE": str(tmp_path)})
    assert (config.host, config.port, config.workers, config.timeout_seconds) == ("127.0.0.1", 3000, 1, 10)
    assert (config.metrics, config.docs) == ("key", "open")
    assert not config.keep_text
    assert config.exports_dir == tmp_path / ".fenzhen" / "exports"


def test_exports_dir_of_the_environment_wins(tmp_path: Path) -> None:
    config = read_config({"FENZHEN_WORKSPACE": str(tmp_path), "FENZHEN_EXPORTS_DIR": str(tmp_path / "shared")})
    assert config.exports_dir == tmp_path / "shared"


def test_metrics_and_docs_can_be_switched_off(tmp_path: Path) -> None:
    config = read_config({"FENZHEN_WORKSPACE": str(tmp_path), "FENZHEN_METRICS": "OFF", "FENZHEN_DOCS": "off"})
    assert (config.metrics, config.docs) == ("off", "off")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FENZHEN_PORT", "0"), ("FENZHEN_PORT", "65536"), ("FENZHEN_PORT", "http"), ("FENZHEN_PORT", "3000.0"),
        ("FENZHEN_WORKERS", "-1"), ("FENZHEN_TIMEOUT", "9" * 5000), ("FENZHEN_TIMEOUT", "³"),
        ("FENZHEN_METRICS", "yes"), ("FENZHEN_HOST", "example.org"), ("FENZHEN_RATE", "0"), ("FENZHEN_IN_FLIGHT", "-1"),
    ],
)
def test_a_wrong_value_is_refused(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError, match="expected"):
        read_config({"FENZHEN_WORKSPACE": str(tmp_path), name: value})
