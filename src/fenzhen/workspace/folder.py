"""A workspace: the folder with workspace.toml, and its tables as canonical frames."""

import contextlib
import datetime
import hashlib
import tomllib
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from fenzhen.errors import TableError, WorkspaceError
from fenzhen.tables import SCHEMAS, conform, empty_table, mark, schema_of
from fenzhen.workspace.config import (
    FILE_NAME,
    SourceConfig,
    TableConfig,
    WorkspaceConfig,
    inspect_config,
    read_config,
)
from fenzhen.workspace.derived import FACTS, derive_entities
from fenzhen.workspace.event_log import EventLogMapper
from fenzhen.workspace.mapping import MappedSource, Mapper
from fenzhen.workspace.sources import read_file, read_source, source_hash
from fenzhen.workspace.times import EARLIEST, LATEST

__all__ = ["Workspace", "inspect_workspace", "load_workspace"]


def inspect_workspace(folder: Path) -> "tuple[Workspace, list[str]]":
    """Return the workspace without what workspace.toml says wrongly, and a sentence for each of these things.

    Raises ``WorkspaceError`` if workspace.toml is missing, unreadable or not TOML.
    """
    config, faults = inspect_config(folder)
    return Workspace(folder=folder, config=config), faults


def load_workspace(folder: Path) -> "Workspace":
    """Return the workspace in ``folder``; no table is read yet.

    Raises ``WorkspaceError`` if workspace.toml is missing, unreadable or says something unknown.
    """
    return Workspace(folder=folder, config=read_config(folder))


@dataclass(frozen=True)
class Workspace:
    """Tables by name, read once when first asked for."""

    folder: Path
    config: WorkspaceConfig
    _cache: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False, compare=False)

    @property
    def time_zone(self) -> str:
        """The IANA name of the zone that times without an offset are in."""
        return self.config.time_zone

    @property
    def table_names(self) -> tuple[str, ...]:
        """The tables that workspace.toml names, in its order, those ``like`` another included."""
        return tuple(self.config.tables)

    def table(self, name: str) -> pd.DataFrame:
        """Return the canonical frame of ``name``; each caller gets a copy of its own.

        Rows are those that ``where`` keeps, sources one after another. Cells that cannot be read as their kind are
        missing (``validate`` reports them). Raises ``TableError`` if there is no such table, or if a source or
        a mapped or needed column is missing.
        """
        if name not in self._cache:
            self._cache[name] = self._read(name)
        return self._cache[name].copy()

    def tables(self, *names: str) -> dict[str, pd.DataFrame]:
        """Return several tables by name (all of the contract by default); those that are absent are empty frames."""
        return {name: self._table_or_empty(name) for name in names or SCHEMAS}

    def map_rows(self, table: str, rows: pd.DataFrame | Path) -> pd.DataFrame:
        """Return new raw ``rows`` (a frame or a file) mapped like the table: as many rows, in the same order; of
        an event log's updates one row a ticket, in order of first appearance.

        ``where`` is not applied, and only what the models read must be there: one of the text columns of tickets.
        Of several sources the one whose columns fit best is taken. Raises ``TableError`` otherwise.
        """
        config = self._config(table)
        if isinstance(rows, Path):
            rows = self._read_rows(config, rows)
        mappers = [self.mapper(config, source) for source in config.sources]
        best = max(mappers, key=lambda mapper: mapper.score(rows))
        return self._checked_rows(config, best.rows(rows))

    def segmented(self, table: str) -> bool:
        """Whether the text of ``table`` is already cut into words."""
        return self._config(table).segmented

    def moment(self, text: str) -> pd.Timestamp:
        """Return a date (midnight in the time zone) or an ISO 8601 time as UTC; without an offset: of the time zone.

        Raises ``WorkspaceError`` for anything else, and for years before 1900 or after 2200.
        """
        found: pd.Timestamp | None = None
        with contextlib.suppress(ValueError, OverflowError):
            moment = datetime.datetime.fromisoformat(text.strip())
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=ZoneInfo(self.time_zone))
            found = pd.Timestamp(moment.astimezone(datetime.UTC)).tz_convert("UTC")
        if found is None or not EARLIEST <= found < LATEST:
            raise WorkspaceError(f"got the moment {text!r}, expected a date such as 2026-01-01 or a time such as "
                                 "2026-01-01T09:00:00+08:00, from 1900 to 2200")
        return found

    def model_names(self) -> tuple[str, ...]:
        """The models that have a table [models.NAME], in order."""
        return tuple(self.config.models)

    def model_settings(self, name: str) -> dict[str, Any]:
        """Return [models.NAME] as written, {} where there is none."""
        return dict(self.config.models.get(name, {}))

    def file_hashes(self) -> dict[str, str]:
        """Return the sha256 of workspace.toml, rules and user words (where there are) and of every source by path.

        Of a query it is that of its rows now.
        """
        own = (self.folder / name for name in (FILE_NAME, "rules.toml", "user_words.txt"))
        hashes = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in own if path.is_file()}
        for name, config in self.config.tables.items():
            for position, source in enumerate(config.sources):
                key = source.path or f"{name}[{position}]:{source.url_env}"
                hashes[key] = hashes.get(key) or source_hash(source, self.folder)
        return hashes

    def rules(self) -> tuple[dict[str, Any], ...]:
        """Return the [[rule]] tables of rules.toml as written, () where there is no such file."""
        path = self.folder / "rules.toml"
        try:
            document = tomllib.loads(path.read_text("utf-8-sig"))
        except FileNotFoundError:
            return ()
        except (OSError, ValueError) as error:
            raise WorkspaceError(f"cannot read {path}: {error}") from error
        rules = document.get("rule", [])
        if set(document) - {"rule"} or not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
            raise WorkspaceError(f"{path}: got {', '.join(document)}, expected only [[rule]] tables")
        return tuple(rules)

    def user_words(self) -> Path | None:
        """Return user_words.txt (jieba's user dictionary format) if there is one."""
        path = self.folder / "user_words.txt"
        return path if path.is_file() else None

    def mapper(self, config: TableConfig, source: SourceConfig) -> Mapper:
        """Return the mapping of one source of a table."""
        extras = tuple(self.config.extras(config.schema.name))
        schema = config.schema.with_ids(self.config.extra_ids(config.schema.name))
        if config.event_log is not None:
            return EventLogMapper(source, schema, self.time_zone, extras, config.event_log)
        return Mapper(source, schema, self.time_zone, extras)

    def mapped_sources(self, name: str) -> list[MappedSource]:
        """Return each source of ``name`` with what went wrong in it; raises ``TableError`` if one cannot be read."""
        config, mapped, first_row = self._config(name), [], 0
        for source in config.sources:
            mapped.append(self.mapper(config, source).table(read_source(source, self.folder), first_row))
            first_row += mapped[-1].rows_read
        return mapped

    def combined(self, name: str, mapped: list[MappedSource]) -> pd.DataFrame:
        """Return the canonical frame of a table's mapped sources."""
        schema = self._config(name).schema
        frames = [source.frame for source in mapped]
        whole = frames[0] if len(frames) == 1 else pd.concat(
            [conform(schema.name, frame) for frame in frames], ignore_index=True)
        present = {column for frame in frames for column in frame.columns}
        whole.attrs = {"numbered": any(source.numbered for source in mapped)}
        whole = conform(schema.name, whole.reset_index(drop=True))
        empty = [column.name for column in schema.columns
                 if column.name not in present or (column.kind == "time" and whole[column.name].isna().all())]
        extras = self.config.extras(schema.name)
        log = self._config(name).event_log
        filed = dict.fromkeys(log.filed, "created_at") if log is not None else {}
        return mark(whole, absent=empty, known_at=extras | filed)

    def _config(self, name: str) -> TableConfig:
        if name not in self.config.tables:
            known = ", ".join(self.config.tables) or "none"
            raise TableError(f"{self.folder / FILE_NAME} has no table {name!r}; its tables: {known}")
        return self.config.tables[name]

    def _read(self, name: str) -> pd.DataFrame:
        entities = None if name in self.config.tables else self._derived(name)
        if entities is not None:
            return entities
        mapped = self.mapped_sources(name)
        faults = [f"{column}: {fault}" for source in mapped for column, fault in source.faults.items()]
        schema = self._config(name).schema
        for source in mapped:
            faults += source.lacking(schema.needed, self._config(name).needed_any)
            faults += [each.problem for each in source.problems if each.severity == "error" and not each.rows]
        if faults:
            raise TableError(f"table {name}: " + "; ".join(faults))
        if mapped[0].events is not None and name == "tickets":
            self._cache.setdefault("ticket_events", mapped[0].events)
        return self.combined(name, mapped)

    def _derived(self, name: str) -> pd.DataFrame | None:
        if name == "ticket_events" and self._has_log_events:
            self.table("tickets")
        if name in self._cache:
            return self._cache[name]
        facts = [table for table in FACTS.get(name, ()) if table in self.config.tables]
        entities = derive_entities(name, {table: partial(self.table, table) for table in facts})
        if entities is not None:
            self._cache[name] = entities
        return entities

    @property
    def _has_log_events(self) -> bool:
        """Whether ticket_events follow from the tickets' event log and from no table of their own."""
        tickets = self.config.tables.get("tickets")
        return tickets is not None and tickets.event_log is not None and "ticket_events" not in self.config.tables

    def _table_or_empty(self, name: str) -> pd.DataFrame:
        if name in self.config.tables or self._derived(name) is not None:
            return self.table(name)
        return empty_table(schema_of(name).name)

    def _read_rows(self, config: TableConfig, path: Path) -> pd.DataFrame:
        with_reader = next((source for source in config.sources if source.path), SourceConfig())
        return read_file(path, with_reader)

    def _checked_rows(self, config: TableConfig, mapped: MappedSource) -> pd.DataFrame:
        schema, wanted = config.schema, config.needed_any
        if wanted and not any(name in mapped.frame.columns for name in wanted):
            reasons = [f"{name}: {fault}" for name, fault in mapped.faults.items() if name in wanted]
            raise TableError(f"table {config.name}: the new rows have none of {', '.join(wanted)}"
                             + "".join(f"; {reason}" for reason in reasons))
        if schema.numbered and schema.key[0] not in mapped.frame.columns:
            mapped.frame.insert(0, schema.key[0], (mapped.frame.index.to_series() + 1).astype("str"))
        return self.combined(config.name, [mapped])
