"""Where state lives: small frozen settings, read once at the edge.

Each setting comes from, in this order: MLflow's own variables, Fenzhen's variables, the ``[settings]`` table of
workspace.toml, the workspace's ``.fenzhen/`` folder.
"""

import difflib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fenzhen.errors import SettingsError

__all__ = ["Settings", "read_settings"]

_VARIABLES = {
    "state_dir": "FENZHEN_STATE_DIR",
    "tracking_uri": "MLFLOW_TRACKING_URI",
    "registry_uri": "MLFLOW_REGISTRY_URI",
    "exports_dir": "FENZHEN_EXPORTS_DIR",
    "exports_keep": "FENZHEN_EXPORTS_KEEP",
    "store_url": "FENZHEN_STORE_URL",
    "lock_timeout_seconds": "FENZHEN_LOCK_TIMEOUT_SECONDS",
    "store.keep_text": "FENZHEN_STORE_KEEP_TEXT",
    "customer_link": "FENZHEN_CUSTOMER_LINK",
    "ticket_link": "FENZHEN_TICKET_LINK",
}
DEFAULT_TIME_ZONE = "Asia/Shanghai"
_FLAGS = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}


@dataclass(frozen=True)
class Settings:
    """Where tracking, registry, exports and the store are, and how long to wait for another process.

    ``keep_text``: the store keeps the text of tickets, so that feedback can be learnt from without the workspace.
    ``customer_link``, ``ticket_link``: where a customer is found in the CRM and a ticket in the helpdesk, ``{id}``
    standing for the id; ``time_zone`` is the workspace's own, in which pages show times.
    """

    state_dir: Path
    tracking_uri: str
    registry_uri: str
    exports_dir: Path
    exports_keep: int
    store_url: str
    lock_timeout_seconds: float
    keep_text: bool = False
    customer_link: str | None = None
    ticket_link: str | None = None
    time_zone: str = DEFAULT_TIME_ZONE


def read_settings(workspace_folder: Path, environ: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings of a workspace; nothing is created.

    A relative folder in workspace.toml is relative to that file, in the environment to the current folder. Empty
    variables count as unset. Raises ``SettingsError`` for an unknown setting or a wrong value.

    >>> read_settings(Path("/srv/desk"), {}).tracking_uri
    'sqlite:////srv/desk/.fenzhen/mlflow.db'
    >>> read_settings(Path("/srv/desk"), {"FENZHEN_EXPORTS_KEEP": "none"})
    Traceback (most recent call last):
    ...
    fenzhen.errors.SettingsError: got FENZHEN_EXPORTS_KEEP='none', expected a whole number of at least 1
    """
    folder = workspace_folder.absolute()
    written = _written(folder / "workspace.toml")
    values = _Values(folder, _settings_table(folder / "workspace.toml", written), environ)
    state = values.folder("state_dir", folder / ".fenzhen")
    tracking = values.text("tracking_uri", f"sqlite:///{state / 'mlflow.db'}")
    return Settings(
        state_dir=state,
        tracking_uri=tracking,
        registry_uri=values.text("registry_uri", tracking),
        exports_dir=values.folder("exports_dir", state / "exports"),
        exports_keep=values.whole("exports_keep", 5),
        store_url=values.text("store_url", f"sqlite:///{state / 'store.db'}"),
        lock_timeout_seconds=values.seconds("lock_timeout_seconds", 30.0),
        keep_text=values.flag("store.keep_text", False),
        customer_link=values.link("customer_link"),
        ticket_link=values.link("ticket_link"),
        time_zone=str(written.get("time_zone", DEFAULT_TIME_ZONE)),
    )


def _written(path: Path) -> Mapping[str, Any]:
    """Return what workspace.toml holds, {} where there is none."""
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise SettingsError(f"cannot read {path}: {error}") from error


def _settings_table(path: Path, written: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return ``[settings]`` of workspace.toml; its keys are checked."""
    table = written.get("settings", {})
    if not isinstance(table, dict):
        raise SettingsError(f"{path}: got settings = {table!r}, expected a table [settings]")
    if isinstance(store := table.get("store"), dict):
        table = {**{key: value for key, value in table.items() if key != "store"},
                 **{f"store.{key}": value for key, value in store.items()}}
    for key in table:
        if key not in _VARIABLES:
            near = difflib.get_close_matches(key, _VARIABLES, n=1, cutoff=0.0)[0]
            raise SettingsError(f"{path}: got the unknown setting {key!r}, did you mean {near!r}? "
                                f"Known: {', '.join(_VARIABLES)}")
    return table


@dataclass(frozen=True)
class _Values:
    """One setting at a time, with the name to blame."""

    folder_of_file: Path
    table: Mapping[str, Any]
    environ: Mapping[str, str]

    def _given(self, key: str) -> tuple[Any, str, bool]:
        variable = _VARIABLES[key]
        if self.environ.get(variable):
            return self.environ[variable], variable, True
        return self.table.get(key), f"settings.{key}", False

    def text(self, key: str, default: str) -> str:
        value, name, _ = self._given(key)
        if value is not None and (not isinstance(value, str) or not value.strip()):
            raise SettingsError(f"got {name}={value!r}, expected a text")
        return default if value is None else str(value)

    def link(self, key: str) -> str | None:
        """Return a web address with a place for an id, None where none is set."""
        value = self.text(key, "")
        if value and not (value.startswith(("https://", "http://")) and "{id}" in value):
            _, name, _ = self._given(key)
            raise SettingsError(f"got {name}={value!r}, expected an address such as https://crm.example/customers/{{id}}")
        return value or None

    def folder(self, key: str, default: Path) -> Path:
        _, _, from_environ = self._given(key)
        value = self.text(key, "")
        if not value:
            return default
        base = Path.cwd() if from_environ else self.folder_of_file
        return Path(os.path.normpath(base / Path(value).expanduser()))

    def whole(self, key: str, default: int) -> int:
        number = self._number(key, default, "a whole number of at least 1")
        if number != int(number) or number < 1:
            value, name, _ = self._given(key)
            raise SettingsError(f"got {name}={value!r}, expected a whole number of at least 1")
        return int(number)

    def seconds(self, key: str, default: float) -> float:
        expected = "a positive number of seconds"
        number = self._number(key, default, expected)
        if not 0 < number < 1e9:
            value, name, _ = self._given(key)
            raise SettingsError(f"got {name}={value!r}, expected {expected}")
        return number

    def flag(self, key: str, default: bool) -> bool:
        value, name, _ = self._given(key)
        found = default if value is None else _FLAGS.get(str(value).strip().lower())
        if found is None:
            raise SettingsError(f"got {name}={value!r}, expected true or false")
        return found

    def _number(self, key: str, default: float, expected: str) -> float:
        value, name, _ = self._given(key)
        try:
            number = float(default if value is None else value)
        except (TypeError, ValueError):
            number = float("nan")
        if isinstance(value, bool) or number != number or abs(number) == float("inf"):
            raise SettingsError(f"got {name}={value!r}, expected {expected}")
        return number
