"""workspace.toml as frozen dataclasses; whatever it says that is unknown is an error."""

import difflib
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fenzhen.errors import WorkspaceError
from fenzhen.tables import SCHEMAS, TableSchema
from fenzhen.workspace.event_log_config import EVENT_LOG_KEYS, EventLogConfig, event_log_extras, parse_event_log

__all__ = ["FILE_NAME", "SourceConfig", "TableConfig", "WorkspaceConfig", "read_config"]

FILE_NAME = "workspace.toml"
DEFAULT_TIME_ZONE = "Asia/Shanghai"
TEXT_KEYS = ("path", "url_env", "query", "sheet", "encoding", "delimiter", "time_format", "where")
SOURCE_KEYS = (*TEXT_KEYS, "missing", "columns", "constants", "derive", "segmented", "like")


def _frozen() -> Any:
    return field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class SourceConfig:
    """One source of a table: a file or a query, and how its columns become canonical ones."""

    path: str | None = None
    url_env: str | None = None
    query: str | None = None
    sheet: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    time_format: str | None = None
    where: str | None = None
    missing: tuple[str, ...] = ()
    columns: Mapping[str, str] = _frozen()
    constants: Mapping[str, Any] = _frozen()
    derive: Mapping[str, str] = _frozen()

    @property
    def label(self) -> str:
        """How messages call this source."""
        return self.path or f"the query over ${self.url_env}"


@dataclass(frozen=True)
class TableConfig:
    """One table: its schema, its sources in order, and whether their text is already cut into words."""

    name: str
    schema: TableSchema
    sources: tuple[SourceConfig, ...]
    segmented: bool = False
    event_log: EventLogConfig | None = None

    @property
    def needed_any(self) -> tuple[str, ...]:
        """The columns of which one must be there; an event log's tickets need no text beside what was filed."""
        return self.schema.needed_any if self.event_log is None else ()

    @property
    def is_additional(self) -> bool:
        """Whether this is another mapping ``like`` a table, not the table itself."""
        return self.name != self.schema.name


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

    def customer_extras(self) -> dict[str, str]:
        """Return the columns that models name under ``customer_context`` and ``customer_numbers``."""
        named = (name for settings in self.models.values() for key in ("customer_context", "customer_numbers")
                 for name in _texts(settings.get(key)))
        return {name: "since" for name in named if name not in SCHEMAS["customers"].names}

    def ticket_extras(self) -> dict[str, str]:
        """Return the ticket columns that models name beyond the contract, with when they become known.

        Labels and second levels are known when the ticket is resolved, context when it was filed; what is named
        as both counts as a label. What event logs name is known as they say.
        """
        extras: dict[str, str] = dict(self.logged_extras)
        for settings in self.models.values():
            extras |= {name: "created_at" for name in _texts(settings.get("context")) if name not in extras}
            labels = (*_texts(settings.get("label")), *_texts(settings.get("second_level")))
            extras |= {name: "resolved_at" for name in labels if name not in self.logged_extras}
        return {name: at for name, at in extras.items() if name not in SCHEMAS["tickets"].names}


def read_config(folder: Path) -> WorkspaceConfig:
    """Return what ``folder``/workspace.toml says.

    Raises ``WorkspaceError`` if it is missing, not TOML, or says something unknown or of the wrong type.
    """
    path = folder / FILE_NAME
    try:
        document = tomllib.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        raise WorkspaceError(f"there is no {FILE_NAME} in {folder.absolute()}; `fenzhen init` writes an example, "
                             "--workspace names another folder") from None
    except UnicodeDecodeError as error:
        raise WorkspaceError(f"{path} is not UTF-8: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise WorkspaceError(f"{path} is not valid TOML: {error}") from error
    except OSError as error:
        raise WorkspaceError(f"cannot read {path}: {error.strerror or error}") from error
    try:
        return parse_config(document)
    except WorkspaceError as error:
        raise WorkspaceError(f"{path}: {error}") from None


def parse_config(document: Mapping[str, Any]) -> WorkspaceConfig:
    """Return the configuration that the parsed TOML ``document`` stands for.

    >>> parse_config({"tabels": {}})
    Traceback (most recent call last):
    ...
    fenzhen.errors.WorkspaceError: got the unknown key 'tabels', did you mean 'tables'? Known: time_zone, tables, ...
    """
    _check_keys(document, ("time_zone", "tables", "models", "settings"), "")
    models = _table(document, "models", "")
    for name in models:
        _table(models, name, "models.")
    given_tables = _table(document, "tables", "")
    config = WorkspaceConfig(
        time_zone=_time_zone(document.get("time_zone", DEFAULT_TIME_ZONE)),
        tables={}, models=models, settings=_table(document, "settings", ""),
        logged_extras=event_log_extras(given_tables.values()),
    )
    return replace(config, tables={name: _parse_table(name, given, config) for name, given in given_tables.items()})


def _time_zone(name: Any) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        raise WorkspaceError(f"got time_zone = {name!r}, expected an IANA name such as 'Asia/Shanghai'") from None
    return str(name)


def _parse_table(name: str, given: Any, config: WorkspaceConfig) -> TableConfig:
    where = f"tables.{name}"
    entries = given if isinstance(given, list) else [given]
    if not entries or not all(isinstance(entry, dict) for entry in entries):
        raise WorkspaceError(f"got {where} = {given!r}, expected a table [{where}] or [[{where}]]")
    for entry in entries:
        _check_keys(entry, (*SOURCE_KEYS, *EVENT_LOG_KEYS), where)
    schema = _schema(name, _one_of_all(entries, "like", name, where), where)
    segmented = _one_of_all(entries, "segmented", False, where)
    if not isinstance(segmented, bool):
        raise WorkspaceError(f"got {where}.segmented = {segmented!r}, expected true or false")
    extras = config.extras(schema.name)
    sources = tuple(_parse_source(entry, schema, extras, where) for entry in entries)
    return TableConfig(name, schema, sources, segmented, parse_event_log(entries, schema.name, where))


def _one_of_all(entries: Iterable[Mapping[str, Any]], key: str, default: Any, where: str) -> Any:
    found = {str(entry.get(key, default)): entry.get(key, default) for entry in entries}
    if len(found) > 1:
        raise WorkspaceError(f"{where}: got different values of {key} in its sources ({', '.join(found)}), "
                             "expected one for the whole table")
    return next(iter(found.values()))


def _schema(name: str, like: Any, where: str) -> TableSchema:
    if name in SCHEMAS and like != name:
        raise WorkspaceError(f"{where}: got like = {like!r}, but {name} is a table of the contract itself")
    if like in SCHEMAS:
        return SCHEMAS[like]
    if like == name:
        raise WorkspaceError(f"got the unknown table {name!r}, did you mean {_nearest(name, SCHEMAS)!r}? Known: "
                             f"{', '.join(SCHEMAS)}. Another mapping of a table's columns says like = \"tickets\"")
    raise WorkspaceError(f"got {where}.like = {like!r}, expected one of {', '.join(SCHEMAS)}")


def _parse_source(entry: Mapping[str, Any], schema: TableSchema, extras: Collection[str], where: str) -> SourceConfig:
    for key in TEXT_KEYS:
        if key in entry and (not isinstance(entry[key], str) or not entry[key]):
            raise WorkspaceError(f"got {where}.{key} = {entry[key]!r}, expected a text")
    if ("path" in entry) == ("url_env" in entry or "query" in entry):
        raise WorkspaceError(f"{where}: expected either path, or url_env with query")
    if ("url_env" in entry) != ("query" in entry):
        raise WorkspaceError(f"{where}: expected url_env and query together")
    source = SourceConfig(
        **{key: entry.get(key) for key in TEXT_KEYS}, missing=_missing(entry, where),
        columns=_text_table(entry, "columns", where), constants=_table(entry, "constants", f"{where}."),
        derive=_text_table(entry, "derive", where))
    _check_targets(source, schema, extras, where)
    return source


def _missing(entry: Mapping[str, Any], where: str) -> tuple[str, ...]:
    tokens = entry.get("missing", [])
    if not isinstance(tokens, list) or not all(isinstance(token, str | int | float) for token in tokens):
        raise WorkspaceError(f"got {where}.missing = {tokens!r}, expected a list of texts such as [\"?\", \"-\"]")
    return tuple(str(token).strip() for token in tokens)


def _check_targets(source: SourceConfig, schema: TableSchema, extras: Collection[str], where: str) -> None:
    """Refuse columns that are not of the contract, and columns that are given twice."""
    allowed = (*schema.names, *extras)
    parts = {"columns": source.columns, "constants": source.constants, "derive": source.derive}
    seen: dict[str, str] = {}
    for part, targets in parts.items():
        for target in targets:
            if target in seen:
                raise WorkspaceError(f"{where}: got the column {target!r} in {seen[target]} and in {part}")
            seen[target] = part
            if schema.extra is None:
                _check_keys([target], allowed, f"{where}.{part}", "column")
    for target, value in source.constants.items():
        if isinstance(value, dict | list):
            raise WorkspaceError(f"got {where}.constants.{target} = {value!r}, expected one value")


def _text_table(entry: Mapping[str, Any], key: str, where: str) -> Mapping[str, str]:
    table = _table(entry, key, f"{where}.")
    for name, value in table.items():
        if not isinstance(value, str) or not value:
            raise WorkspaceError(f"got {where}.{key}.{name} = {value!r}, expected a text")
    return table


def _table(entry: Mapping[str, Any], key: str, where: str) -> Mapping[str, Any]:
    value = entry.get(key, {})
    if not isinstance(value, dict):
        raise WorkspaceError(f"got {where}{key} = {value!r}, expected a table")
    return MappingProxyType(value)


def _check_keys(given: Iterable[str], known: Collection[str], where: str, what: str = "key") -> None:
    for key in given:
        if key not in known:
            place = f"{where}: " if where else ""
            raise WorkspaceError(f"{place}got the unknown {what} {key!r}, did you mean {_nearest(key, known)!r}? "
                                 f"Known: {', '.join(known)}")


def _nearest(key: str, known: Iterable[str]) -> str:
    return difflib.get_close_matches(key, list(known), n=1, cutoff=0.0)[0]


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(text for text in value if isinstance(text, str)) if isinstance(value, list) else ()
