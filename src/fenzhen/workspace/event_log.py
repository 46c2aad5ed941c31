"""Updates of tickets to tickets: as filed from the first row, labels by their rules, events from what changes.

Rows of a ticket are ordered by the log's ``order`` column; rows that are equal in it stay in the file's order. A
ticket is done from the first of its last rows that say resolved or closed, until a row says reopened: that moment is
its ``resolved_at``. A label cell holds the value that its rule finds in the whole log and is known once the ticket is
done and the value stands there, whichever is later: column ``<label>_known_at``. What changed in between is told by
the events, each of which depends on nothing later.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fenzhen.errors import TableError
from fenzhen.tables import KNOWN_AT
from fenzhen.workspace.event_log_config import EventLogConfig, LabelRule
from fenzhen.workspace.event_order import EventRows, event_rows
from fenzhen.workspace.expressions import matching_rows
from fenzhen.workspace.log_events import PEOPLE, done_rows, ticket_events
from fenzhen.workspace.mapping import MappedSource, Mapper
from fenzhen.workspace.values import convert

__all__ = ["EventLogMapper"]


NO_LOG = EventLogConfig("", "", ())


@dataclass(frozen=True)
class EventLogMapper(Mapper):
    """The mapping of an event log: raw updates to one canonical row a ticket, in order of first appearance."""

    log: EventLogConfig = NO_LOG

    def _sources_of(self, available: pd.Index) -> Mapping[str, str]:
        own = {name: name for name in self.log.filed if name in available and name not in self._given}
        return {**own, **self.source.columns}

    @property
    def _given(self) -> set[str]:
        return {*self.source.columns, *self.source.constants, *self.source.derive}

    def _mapped(self, raw: pd.DataFrame, mapped: MappedSource, first_row: int) -> MappedSource:
        """Return one row a ticket; without ticket ids every row is a ticket of its own."""
        id_column = self._sources_of(raw.columns).get("ticket_id", "")
        if id_column not in raw.columns:
            return super()._mapped(raw, mapped, first_row)
        rows = event_rows(raw, id_column, self.log, self.time_zone, self.source.time_format)
        mapped.problems += rows.problems
        filed = super()._mapped(raw.iloc[rows.first].reset_index(drop=True), mapped, 0)
        columns = self._outcomes(raw, rows, mapped)
        filed.frame = pd.concat([filed.frame, pd.DataFrame(columns, index=filed.frame.index)], axis=1)
        return filed

    def _outcomes(self, raw: pd.DataFrame, rows: EventRows, mapped: MappedSource) -> dict[str, pd.Series]:
        """Return what became known after filing; events go to ``mapped.events``."""
        kinds = {kind: self._matching(raw, query, f"events.{kind}", mapped) for kind, query in self.log.events.items()}
        ordered = {kind: mask[rows.order] for kind, mask in kinds.items()}
        done = done_rows(rows, ordered)
        done_since = rows.start_of_last_run(done)
        current = {name: self._ordered(raw, rows, name, rule, mapped) for name, rule in self.log.labels.items()}
        labels: dict[str, pd.Series] = {}
        for name, (values, matches) in current.items():
            labels |= self._label(name, self.log.labels[name], values, matches, rows, done_since)
        said = {name: values if name in PEOPLE else values.where(matches)
                for name, (values, matches) in current.items()}
        mapped.events = ticket_events(rows, ordered, done, said, mapped.frame.get("created_at"))
        return {"resolved_at": rows.time_of(done_since), **labels}

    def _label(self, name: str, rule: LabelRule, values: pd.Series, matches: NDArray[np.bool_], rows: EventRows,
               done_since: NDArray[np.int64]) -> dict[str, pd.Series]:
        chosen = rows.chosen(values, matches, rule.take)
        since = rows.start_of_value(values.where(matches), chosen)
        known_at = rows.time_of(np.where((chosen >= 0) & (done_since >= 0), np.maximum(since, done_since), -1))
        found = pd.Series(values.to_numpy(dtype=object)[chosen], dtype="object").where(chosen >= 0)
        dtype = pd.api.types.pandas_dtype(self.schema.column(name).dtype)
        return {name: found.astype(dtype), name + KNOWN_AT: known_at}

    def _ordered(self, raw: pd.DataFrame, rows: EventRows, name: str, rule: LabelRule,
                 mapped: MappedSource) -> tuple[pd.Series, NDArray[np.bool_]]:
        """Return the values of a label's column in the tickets' order, and which rows its rule looks at."""
        if rule.column not in raw.columns:
            mapped.faults[name] = f"the source column {rule.column!r} is missing from {self.source.label}"
            values = pd.Series(None, index=raw.index, dtype="object")
        else:
            kind = self.schema.column(name).kind
            values = convert(raw[rule.column], kind, self.time_zone, self.source.time_format).values
        matches = np.ones(len(raw), dtype=bool)
        if rule.where is not None:
            matches = self._matching(raw, rule.where, f"labels.{name}.where", mapped)
        return values.iloc[rows.order].reset_index(drop=True), matches[rows.order]

    def _matching(self, raw: pd.DataFrame, query: str, what: str, mapped: MappedSource) -> NDArray[np.bool_]:
        try:
            return matching_rows(query, raw).to_numpy()
        except TableError as error:
            mapped.faults[what] = str(error)
            return np.zeros(len(raw), dtype=bool)
