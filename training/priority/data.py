"""The tickets that priorities are learnt from, as they were known at a moment."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.filed_fields import FiledFields
from features.priority.as_of import NEVER, past_of
from fenzhen.errors import TrainingRefused
from fenzhen.known import as_known
from fenzhen.workspace import Workspace
from models.policy import Policy
from models.priority.raising import priority_rules, raising_fields
from models.priority.rows import PriorityRows, priority_order, priority_rows, readable_fields, renamed
from models.priority.spec import PrioritySpec
from training.harvest import Harvest, with_harvest
from training.policy import policy_of

__all__ = ["NOTHING", "TABLES", "PriorityData", "dataset_sha256", "labelled", "load_priority_data"]

TABLES = ("tickets", "ticket_events", "customers")
NOTHING = Harvest((), ())


@dataclass(frozen=True, eq=False)
class PriorityData:
    """A workspace's tables under today's names, with the order of the values."""

    spec: PrioritySpec
    tables: Mapping[str, pd.DataFrame]
    order: tuple[str, ...]
    policy: Policy
    time_zone: str
    segmented: bool
    harvested: Harvest = NOTHING

    def known(self, as_of: pd.Timestamp, fields: FiledFields | None = None) -> PriorityRows:
        """Return the labelled tickets as they were known at a moment, in order of creation.

        A ticket's level is what was seen last; that of a ticket still open may change later. ``fields`` default to
        those that were known when filed and told tickets apart by then.
        """
        tables = as_known(self.tables, as_of)
        if self.harvested.sha256:
            tables["tickets"], _ = with_harvest(tables["tickets"], self.harvested, self.spec.label,
                                                segmented=self.segmented)
        read = fields or readable_fields(tables, self.spec.settings.context, self.spec.label, self.time_zone)
        return labelled(self.rows(tables, read))

    def rows(self, tables: Mapping[str, pd.DataFrame], fields: FiledFields) -> PriorityRows:
        """Return tickets whose history is read from ``tables`` themselves."""
        return priority_rows(tables, fields, self.spec.label, self.order, watched=self.watched,
                             segmented=self.segmented)

    def asked(self, tickets: pd.DataFrame, fields: FiledFields) -> PriorityRows:
        """Return tickets of any kind, their history read from all of the workspace's, each as of its creation."""
        past = past_of(self.tables, fields, self.spec.label, self.order)
        return priority_rows({**self.tables, "tickets": tickets}, fields, self.spec.label, self.order, past=past,
                             watched=self.watched, segmented=self.segmented)

    @property
    def watched(self) -> tuple[str, ...]:
        """The columns that the workspace's rules look at."""
        return raising_fields(priority_rules(self.policy, self.spec.field, self.order))


def load_priority_data(workspace: Workspace, spec: PrioritySpec, harvested: Harvest = NOTHING) -> PriorityData:
    """Return the data of a workspace.

    Raises ``TrainingRefused`` for tickets without times or without the label, or for a label with one value.
    """
    policy = Policy.from_dict(policy_of(workspace))
    tables = renamed(workspace.tables(*TABLES), spec.label, spec.field, policy)
    tickets = tables["tickets"]
    if spec.label not in tickets.columns or tickets["created_at"].isna().all():
        raise TrainingRefused(
            f"{spec.name}: tickets need created_at and {spec.label!r}; map both in workspace.toml, or set family = "
            f"\"text_label\" under [models.{spec.name}] to learn from text alone")
    order = priority_order(spec.settings.order, tables, spec.label)
    if len(order) < 2:
        raise TrainingRefused(f"{spec.name}: got {', '.join(order) or 'no value'} as {spec.label}, expected two values")
    return PriorityData(spec, tables, order, policy, workspace.time_zone, workspace.segmented(spec.table), harvested)


def labelled(rows: PriorityRows) -> PriorityRows:
    """Return the tickets with a known level and a time, in order of creation."""
    kept = np.flatnonzero((rows.levels >= 0) & (rows.at < NEVER))
    return rows.take(kept[np.argsort(rows.at[kept], kind="stable")])


def dataset_sha256(workspace: Workspace, spec: PrioritySpec, as_of: pd.Timestamp, harvested: Harvest) -> str:
    """Return what identifies the data of a run: files, model, moment and harvest."""
    facts = {"files": workspace.file_hashes(), "model": spec.name, "as_of": as_of.isoformat(),
             "harvest": harvested.sha256}
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
