"""Raw rows to canonical ones: missing tokens, where, columns, constants, derive, ids, times."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from fenzhen.errors import TableError
from fenzhen.tables import Column, TableSchema
from fenzhen.workspace.config import SourceConfig
from fenzhen.workspace.expressions import derived_values, matching_rows
from fenzhen.workspace.problem import Problem
from fenzhen.workspace.values import convert, without_missing

__all__ = ["MappedSource", "Mapper", "Unreadable"]


@dataclass(frozen=True)
class Unreadable:
    """Cells of one column that were there but could not be read; ``every`` says that none could."""

    column: Column
    raw: pd.Series
    every: bool


@dataclass
class MappedSource:
    """One source's rows in canonical dtypes (only the columns it has), and what went wrong on the way.

    Of an event log, ``events`` are what its updates tell, and ``problems`` what is wrong with them.
    """

    frame: pd.DataFrame
    rows_read: int
    unreadable: list[Unreadable] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)
    numbered: bool = False
    events: pd.DataFrame | None = None
    problems: list[Problem] = field(default_factory=list)

    def lacking(self, needed: tuple[str, ...], needed_any: tuple[str, ...]) -> list[str]:
        """Return a sentence for each needed column that the source neither has nor has a fault about."""
        known = {*self.frame.columns, *self.faults}
        found = [f"{name}: the column is needed, and the source has none that is mapped to it" for name in needed
                 if name not in known]
        if needed_any and known.isdisjoint(needed_any):
            found.append(f"one of {', '.join(needed_any)} is needed, and the source has none that is mapped to it")
        return found


@dataclass(frozen=True)
class Mapper:
    """The mapping of one source. ``extras`` are columns beyond the contract, kept as categories where there are any."""

    source: SourceConfig
    schema: TableSchema
    time_zone: str
    extras: tuple[str, ...] = ()

    def table(self, raw: pd.DataFrame, first_row: int = 0) -> MappedSource:
        """Return the rows that ``where`` keeps; ``first_row`` counts the rows of the sources before this one."""
        raw = self._cleaned(raw)
        mapped = MappedSource(raw, len(raw))
        kept = raw
        if self.source.where is not None:
            try:
                kept = raw[matching_rows(self.source.where, raw)]
            except TableError as error:
                mapped.faults["where"] = str(error)
        return self._mapped(kept, mapped, first_row)

    def rows(self, raw: pd.DataFrame) -> MappedSource:
        """Return every row in order, ``where`` not applied; columns that are lacking are left out."""
        raw = self._cleaned(raw)
        return self._mapped(raw, MappedSource(raw, len(raw)), 0)

    def score(self, raw: pd.DataFrame) -> int:
        """Return how many of the columns that this source maps ``raw`` has."""
        return sum(name in raw.columns for name in self._sources_of(raw.columns).values())

    def _cleaned(self, raw: pd.DataFrame) -> pd.DataFrame:
        twice = sorted({str(name) for name in raw.columns[raw.columns.duplicated()]})
        if twice:
            raise TableError(f"{self.source.label} has the columns {', '.join(twice)} more than once")
        return pd.DataFrame({str(name): without_missing(raw[name], self.source.missing) for name in raw.columns},
                            index=pd.RangeIndex(len(raw)) if not len(raw.columns) else None).reset_index(drop=True)

    def _sources_of(self, available: pd.Index) -> Mapping[str, str]:
        """Return canonical name -> source column, with unmapped columns of canonical names mapped to themselves."""
        given = {*self.source.columns, *self.source.constants, *self.source.derive}
        taken = set(self.source.columns.values())
        free = [name for name in available if name not in given and name not in taken]
        wanted = {*self.schema.names, *self.extras}
        own = {name: name for name in free if name in wanted or self.schema.extra is not None}
        return {**own, **self.source.columns}

    def _mapped(self, raw: pd.DataFrame, mapped: MappedSource, first_row: int) -> MappedSource:
        columns: dict[str, pd.Series] = {}
        for target, values in self._raw_columns(raw, mapped).items():
            column = self.schema.column(target)
            values_read = convert(values, column.kind, self.time_zone, self.source.time_format)
            if self._is_no_measurement(target, values_read.values):
                continue
            columns[target] = values_read.values
            if values_read.unreadable.any():
                mapped.unreadable.append(Unreadable(column, values[values_read.unreadable],
                                                    bool(values_read.values.isna().all())))
        if self.schema.numbered and self.schema.key[0] not in {*columns, *self.source.columns}:
            mapped.numbered = True
            columns[self.schema.key[0]] = (raw.index.to_series() + first_row + 1).astype("str")
        mapped.frame = pd.DataFrame(columns, index=raw.index)
        return mapped

    def _is_no_measurement(self, target: str, values: pd.Series) -> bool:
        """Whether an unmapped column of a table with free columns holds none of their kind."""
        given = {*self.schema.names, *self.extras, *self.source.columns, *self.source.constants, *self.source.derive}
        return target not in given and bool(values.isna().all())

    def _raw_columns(self, raw: pd.DataFrame, mapped: MappedSource) -> dict[str, pd.Series]:
        columns: dict[str, pd.Series] = {}
        for target, name in self._sources_of(raw.columns).items():
            if name in raw.columns:
                columns[target] = raw[name]
            else:
                mapped.faults[target] = (f"the source column {name!r} is missing; {self.source.label} has "
                                         f"{', '.join(map(str, raw.columns)) or 'no columns'}")
        for target, value in self.source.constants.items():
            columns[target] = pd.Series([value] * len(raw), index=raw.index)
        for target, expression in self.source.derive.items():
            try:
                columns[target] = derived_values(expression, raw)
            except TableError as error:
                mapped.faults[target] = str(error)
        return columns
