"""workspace.toml as frozen dataclasses; whatever it says that is unknown is an error."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fenzhen.errors import WorkspaceError
from fenzhen.tables import SCHEMAS
from fenzhen.workspace.config_values import check_keys, table_at
from fenzhen.workspace.event_log_config import event_log_extras
from fenzhen.workspace.faults import Faults
from fenzhen.workspace.table_config import SourceConfig, TableConfig, parse_table

__all__ = ["FILE_NAME", "SourceConfig", "TableConfig", "WorkspaceConfig", "inspect_config", "read_config"]

FILE_NAME = "workspace.toml"
CUSTOMER_KEYS = ("customer_context", "customer_numbers", "fixed_owner")
ID_KEYS = MappingProxyType({"tickets": "named_in", "customers": "fixed_owner"})
TICKET_FAMILIES = ("text_label", "priority")
DEFAULT_TIME_ZONE = "Asia/Shanghai"


def _frozen() -> Any:
    return field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class WorkspaceConfig:
    """All of workspace.toml. ``models`` and ``settings`` are kept as written for their readers."""

    time_zone: str
    tables: Mapping[str, TableConfig]
    models: Mapping[str, Mapping[str, Any]]
    settings: Mapping[str, Any]
    logged_extras: Mapping[str, str] = _frozen()

    def extras(self, table: str) -> dict[str, str]:
        """Return the columns of a table of the contract that models name beyond it, with when they become known."""
        if table == "tickets":
            return self.ticket_extras()
        return self.customer_extras() if table == "customers" else {}

    def extra_ids(self, table: str) -> tuple[str, ...]:
        """Return those of the ``extras`` that hold ids of people or groups: ``named_in``, ``fixed_owner``."""
        extras = self.extras(table)
        return tuple(name for name in self.columns_named(ID_KEYS.get(table, "")) if name in extras)

    def columns_named(self, key: str) -> tuple[str, ...]:
        """Return the columns that models name under a key of their settings, each once."""
        named = (name for settings in self.models.values() for name in _texts(settings.get(key)))
        return tuple(dict.fromkeys(named))

    def customer_extras(self) -> dict[str, str]:
        """Return the columns that models name under ``customer_context``, ``customer_numbers`` and ``fixed_owner``."""
        named = (name for settings in self.models.values() for key in CUSTOMER_KEYS
                 for name in _texts(settings.get(key)) if name)
        return {name: "since" for name in named if name not in SCHEMAS["customers"].names}

    def ticket_extras(self) -> dict[str, str]:
        """Return the ticket columns that models name beyond the contract, with when they become known.

        Labels and second levels are known when the ticket is resolved, context when it was filed; what is named
        as both counts as a label. What event logs name is known as they say. The label of a model of another table
        (churn by ``contract``) is no column of tickets.
        """
        extras: dict[str, str] = dict(self.logged_extras)
        for model, settings in self.models.items():
            filed = (*_texts(settings.get("context")), *_texts(settings.get("named_in")))
            extras |= {name: "created_at" for name in filed if name not in extras}
            of_tickets = model.startswith("ticket_") or settings.get("family") in TICKET_FAMILIES
            labels = (*_texts(settings.get("label")), *_texts(settings.get("second_level"))) if of_tickets else ()
            extras |= {name: "resolved_at" for name in labels if name not in self.logged_extras}
        return {name: at for name, at in extras.items() if name not in SCHEMAS["tickets"].names}


def read_config(folder: Path) -> WorkspaceConfig:
    """Return what ``folder``/workspace.toml says.

    Raises ``WorkspaceError`` if it is missing, not TOML, or says something unknown or of the wrong type.
    """
    config, faults = inspect_config(folder)
    path = folder / FILE_NAME
    if len(faults) == 1:
        raise WorkspaceError(f"{path}: {faults[0]}")
    if faults:
        raise WorkspaceError("\n  ".join([f"{path} has {len(faults)} errors:", *faults]))
    return config


def inspect_config(folder: Path) -> tuple[WorkspaceConfig, list[str]]:
    """Return what can be understood of ``folder``/workspace.toml, and a sentence for each thing that cannot.

    A table with anything wrong is left out. Raises ``WorkspaceError`` if the file is missing, unreadable or not TOML.
    """
    path = folder / FILE_NAME
    try:
        return parse_leniently(tomllib.loads(path.read_text("utf-8-sig")))
    except FileNotFoundError:
        raise WorkspaceError(f"there is no {FILE_NAME} in {folder.absolute()}; `fenzhen init` writes an example, "
                             "--workspace names another folder") from None
    except UnicodeDecodeError as error:
        raise WorkspaceError(f"{path} is not UTF-8: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise WorkspaceError(f"{path} is not valid TOML: {error}") from error
    except OSError as error:
        raise WorkspaceError(f"cannot read {path}: {error.strerror or error}") from error


def parse_leniently(document: Mapping[str, Any]) -> tuple[WorkspaceConfig, list[str]]:
    """Return the configuration without the tables and models that have anything wrong, and what is wrong.

    >>> config, faults = parse_leniently({"time_zone": 8, "tables": {"tickets": {"path": "a.csv"}, "articles": 1}})
    >>> list(config.tables), len(faults)
    (['tickets'], 2)
    """
    faults = Faults()
    faults.note(check_keys, document, ("time_zone", "tables", "models", "settings"), "")
    models = faults.note(table_at, document, "models", "") or {}
    given_tables = faults.note(table_at, document, "tables", "") or {}
    config = WorkspaceConfig(
        time_zone=faults.note(_time_zone, document.get("time_zone", DEFAULT_TIME_ZONE)) or DEFAULT_TIME_ZONE,
        tables={}, models={name: table for name in models
                           if (table := faults.note(table_at, models, name, "models.")) is not None},
        settings=faults.note(table_at, document, "settings", "") or {},
        logged_extras=event_log_extras(given_tables.values()),
    )
    parsed = {name: faults.note(parse_table, name, given, config.extras) for name, given in given_tables.items()}
    return replace(config, tables={name: table for name, table in parsed.items() if table is not None}), faults.found


def _time_zone(name: Any) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        raise WorkspaceError(f"got time_zone = {name!r}, expected an IANA name such as 'Asia/Shanghai'") from None
    return str(name)


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(text for text in value if isinstance(text, str)) if isinstance(value, list) else ()
