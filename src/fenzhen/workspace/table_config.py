"""One table of workspace.toml: where its rows come from and how their columns become canonical ones."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from fenzhen.errors import WorkspaceError
from fenzhen.tables import SCHEMAS, TableSchema
from fenzhen.workspace.config_values import check_keys, nearest, table_at, text_table
from fenzhen.workspace.event_log_config import EVENT_LOG_KEYS, EventLogConfig, parse_event_log
from fenzhen.workspace.faults import Faults

__all__ = ["SourceConfig", "TableConfig", "parse_table"]

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


def parse_table(name: str, given: Any, extras_of: Callable[[str], Collection[str]]) -> TableConfig:
    """Return a table as workspace.toml gives it; ``WorkspaceError`` has a line for each thing that is wrong.

    ``extras_of`` says which columns beyond the contract a table of it may have.
    """
    where = f"tables.{name}"
    entries = given if isinstance(given, list) else [given]
    if not entries or not all(isinstance(entry, dict) for entry in entries):
        raise WorkspaceError(f"got {where} = {given!r}, expected a table [{where}] or [[{where}]]")
    schema = _schema(name, _one_of_all(entries, "like", name, where), where)
    faults = Faults()
    for entry in entries:
        faults.note(check_keys, entry, (*SOURCE_KEYS, *EVENT_LOG_KEYS), where)
    segmented = faults.note(_segmented, entries, where)
    extras = extras_of(schema.name)
    sources = [faults.note(_parse_source, entry, schema, extras, where) for entry in entries]
    log = faults.note(parse_event_log, entries, schema.name, where)
    faults.raise_any()
    return TableConfig(name, schema, tuple(each for each in sources if each), bool(segmented), log)


def _segmented(entries: Sequence[Mapping[str, Any]], where: str) -> bool:
    segmented = _one_of_all(entries, "segmented", False, where)
    if not isinstance(segmented, bool):
        raise WorkspaceError(f"got {where}.segmented = {segmented!r}, expected true or false")
    return segmented


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
        raise WorkspaceError(f"got the unknown table {name!r}, did you mean {nearest(name, SCHEMAS)!r}? Known: "
                             f"{', '.join(SCHEMAS)}. Another mapping of a table's columns says like = \"tickets\"")
    raise WorkspaceError(f"got {where}.like = {like!r}, expected one of {', '.join(SCHEMAS)}")


def _parse_source(entry: Mapping[str, Any], schema: TableSchema, extras: Collection[str], where: str) -> SourceConfig:
    faults = Faults()
    for key in TEXT_KEYS:
        faults.note(_check_text, entry, key, where)
    faults.note(_check_origin, entry, where)
    source = SourceConfig(
        **{key: entry.get(key) for key in TEXT_KEYS}, missing=faults.note(_missing, entry, where) or (),
        columns=faults.note(text_table, entry, "columns", where) or {},
        constants=faults.note(table_at, entry, "constants", f"{where}.") or {},
        derive=faults.note(text_table, entry, "derive", where) or {})
    faults.note(_check_targets, source, schema, extras, where)
    faults.raise_any()
    return source


def _check_text(entry: Mapping[str, Any], key: str, where: str) -> None:
    if key in entry and (not isinstance(entry[key], str) or not entry[key]):
        raise WorkspaceError(f"got {where}.{key} = {entry[key]!r}, expected a text")


def _check_origin(entry: Mapping[str, Any], where: str) -> None:
    if ("path" in entry) == ("url_env" in entry or "query" in entry):
        raise WorkspaceError(f"{where}: expected either path, or url_env with query")
    if ("url_env" in entry) != ("query" in entry):
        raise WorkspaceError(f"{where}: expected url_env and query together")


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
    faults = Faults()
    for part, targets in parts.items():
        for target in targets:
            if target in seen:
                faults.found.append(f"{where}: got the column {target!r} in {seen[target]} and in {part}")
            seen[target] = part
        if schema.extra is None:
            faults.note(check_keys, targets, allowed, f"{where}.{part}", "column")
    for target, value in source.constants.items():
        if isinstance(value, dict | list):
            faults.found.append(f"got {where}.constants.{target} = {value!r}, expected one value")
    faults.raise_any()
