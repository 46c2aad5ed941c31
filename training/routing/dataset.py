"""Tickets, events and labels as routing models learn from them."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.filed_fields import columns_at_filing
from features.routing.fact_table import events_by_ticket, seconds
from features.routing.fields import RoutingFields
from features.routing.ticket_story import TicketEvent
from features.routing.words import RoutingWords
from features.text.segment import Segmenter
from fenzhen.errors import TrainingRefused
from fenzhen.known import as_known, known_at_column
from fenzhen.tables import ALWAYS, NEVER, schema_of
from fenzhen.workspace import Workspace
from models.routing.spec import RoutingSpec

Float64 = NDArray[np.float64]
Objects = NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class RoutingDataset:
    """Tickets in order of filing, an entry each: ``at`` (seconds), ``labels`` (text, empty where none) and since when
    each was known (``known_at``, inf for never), the same of groups; ``values`` are the fields by name.

    ``stories`` are all events by ticket id; ``words`` those of the texts, None without texts.
    """

    tickets: pd.DataFrame
    fields: RoutingFields
    values: Mapping[str, Objects]
    stories: Mapping[str, list[TicketEvent]]
    at: Float64
    labels: Objects
    known_at: Float64
    groups: Objects
    groups_known_at: Float64
    words: list[list[str]] | None
    words_of: RoutingWords | None

    def __len__(self) -> int:
        return len(self.at)


def routing_tables(workspace: Workspace, spec: RoutingSpec, as_of: pd.Timestamp | None) -> dict[str, pd.DataFrame]:
    """Return the model's tables, as they were known at ``as_of`` if it is given."""
    tables = workspace.tables(*spec.tables)
    return as_known(tables, as_of) if as_of is not None else tables


def routing_dataset(
    tables: Mapping[str, pd.DataFrame], spec: RoutingSpec, workspace: Workspace,
) -> RoutingDataset:
    """Return the tickets with a time; ``TrainingRefused`` if there is none.

    Without ticket_events for a ticket its story is told by its row: solved by its label when that became known.
    """
    tickets = tables["tickets"]
    attributes = tickets.attrs
    tickets = tickets[tickets["created_at"].notna()].sort_values("created_at", kind="stable").reset_index(drop=True)
    tickets.attrs = dict(attributes)
    if not len(tickets):
        raise TrainingRefused(f"{spec.name}: got no ticket with created_at, expected some: who takes a ticket is "
                              "learnt from what happened before it")
    own = (*spec.settings.context, *spec.settings.named_in)
    fields = RoutingFields(columns_at_filing(tickets, own, spec.label), workspace.time_zone)
    labels, known_at = labels_of(tickets, spec.label)
    groups, groups_known_at = labels_of(tickets, "group")
    stories = stories_of(tables["ticket_events"], tickets, known_at)
    words_of = _words_of(tickets, workspace)
    words = _words(tickets, words_of, workspace.segmented(spec.table)) if words_of else None
    return RoutingDataset(
        tickets, fields, fields.of_frame(tickets), stories, seconds(tickets["created_at"]), labels, known_at, groups,
        groups_known_at, words, words_of,
    )


def labels_of(tickets: pd.DataFrame, label: str) -> tuple[Objects, Float64]:
    """Return a label's texts, empty where there is none, and since when (seconds) each was known; inf for never."""
    column = tickets[label]
    texts = column.astype(object).where(column.notna(), "").astype(str).to_numpy(dtype=object)
    name = known_at_column(schema_of("tickets"), tickets, label)
    if name in (ALWAYS, NEVER):
        known = np.full(len(tickets), -np.inf if name == ALWAYS else np.inf)
    else:
        known = seconds(tickets[name])
    return texts, np.where((texts == "") | np.isnan(known), np.inf, known)


def stories_of(events: pd.DataFrame, tickets: pd.DataFrame, known_at: Float64) -> dict[str, list[TicketEvent]]:
    """Return every ticket's events; those without any are told by the tickets' own columns."""
    stories = events_by_ticket(events)
    told = np.array([name in stories for name in tickets["ticket_id"]], dtype=bool)
    rest = tickets[~told & np.isfinite(known_at)]
    for row, at in zip(rest[["ticket_id", "group", "assignee_id", "csat"]].to_dict("records"),
                       known_at[rest.index].tolist(), strict=True):
        ticket = {str(name): value for name, value in row.items()}
        stories[str(ticket["ticket_id"])] = [_resolved(ticket, at)]
    return stories


def _resolved(row: Mapping[str, object], at: float) -> TicketEvent:
    who, group = (str(row[name]) if isinstance(row[name], str) else "" for name in ("assignee_id", "group"))
    csat = row["csat"]
    score = float(csat) if isinstance(csat, float) and csat == csat else float("-inf")
    return TicketEvent(at, 5, "resolved", who, group, score)


def _words_of(tickets: pd.DataFrame, workspace: Workspace) -> RoutingWords | None:
    if tickets[["subject", "body"]].isna().all(axis=None):
        return None
    return RoutingWords(Segmenter(user_words=workspace.user_words() or ()))


def _words(tickets: pd.DataFrame, words_of: RoutingWords, segmented: bool) -> list[list[str]]:
    texts = ([None if pd.isna(cell) else str(cell) for cell in tickets[name]] for name in ("subject", "body"))
    return words_of.of(*texts, segmented=segmented)


def dataset_sha256(workspace: Workspace, spec: RoutingSpec, as_of: pd.Timestamp) -> str:
    """Name what was learnt from: the workspace's files, the model and the moment."""
    facts = {"files": workspace.file_hashes(), "model": spec.name, "as_of": as_of.isoformat()}
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
