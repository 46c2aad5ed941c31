"""Which customers are about to leave? One row a customer and moment, from what was known before it.

Cohort, label and horizon are the business's (``models.churn.settings``). Features: ``customer_history`` of
``features.customers``. Estimator: ``models.churn.fit``. Reasons: ``models.churn.reasons``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.customers.customer_attributes import customer_attributes
from features.customers.customer_history import TABLES, customer_history
from fenzhen.tables import Tables
from models.churn.encoder import CustomerRows
from models.churn.outcomes import cohort_of
from models.churn.settings import ChurnSettings

__all__ = ["ChurnSpec", "customer_index", "one_row_each"]


@dataclass(frozen=True)
class ChurnSpec:
    """The model ``name``: the risk of each customer of the cohort."""

    name: str
    settings: ChurnSettings

    family = "churn"
    table = "customers"
    entity = "customer_id"
    tables = TABLES

    @classmethod
    def from_settings(cls, name: str, settings: Mapping[str, Any]) -> Self:
        """Return the spec; ``WorkspaceError`` for wrong settings."""
        return cls(name, ChurnSettings.from_dict(name, settings))

    @property
    def field(self) -> str:
        """The key in answers."""
        return self.name

    @property
    def label(self) -> str:
        """The event that is predicted."""
        return self.settings.label

    @property
    def without(self) -> Mapping[str, str]:
        """What the model lacks without a table, be it the label."""
        untold = f"cannot be trained: the label {self.label!r} is read from it"
        return {
            "customers": untold if self.label == "contract" else
            "customers' tiers, regions, owners, values and renewals are unknown",
            "interactions": untold if self.label == "silence" else
            "what customers ordered, and when they were last heard of, is unknown",
            "tickets": "what customers had to complain of, and how soon it was solved, is unknown",
            "ticket_events": "tickets that were reopened or waited for the customer are unknown",
            "returns": "returns are unknown", "devices": "which devices a customer has is unknown",
            "device_events": "failures of customers' devices are unknown",
        }

    def rows(self, known: Tables, as_of: pd.Timestamp, customers: pd.Index | None = None) -> CustomerRows:
        """Return the rows of ``customers`` (default: all of the table) from tables as known at ``as_of``."""
        known = one_row_each(known)
        index = customer_index(known) if customers is None else customers
        history = customer_history(known, index, as_of, self.settings.kinds, self.settings.words)
        categories, numbers = customer_attributes(known, index, self.settings.customer_context,
                                                  self.settings.customer_numbers)
        return CustomerRows(history, categories, numbers).asked(1.0)

    def cohort(self, known: Tables, as_of: pd.Timestamp) -> CustomerRows:
        """Return the rows of who is to be scored at ``as_of``, sorted by id."""
        rows = self.rows(known, as_of)
        members: NDArray[np.bool_] = cohort_of(rows.history, rows.categories["customer_tier"], known, as_of,
                                               self.settings)
        return rows.take(np.flatnonzero(members))

    def capacity(self, rows: int) -> int:
        """Return how many of a cohort of ``rows`` can be looked after."""
        return self.settings.capacity or max(round(rows / 10), 1)


def one_row_each(tables: Tables) -> Tables:
    """Return the tables with the first row of every customer and device; ``validate`` reports repeats."""
    keys = {"customers": "customer_id", "devices": "device_id"}
    return {name: frame.drop_duplicates(keys[name]) if name in keys else frame for name, frame in tables.items()}


def customer_index(tables: Tables) -> pd.Index:
    """Return the ids of all known customers, sorted and without repeats."""
    ids = tables["customers"]["customer_id"].dropna().to_numpy(dtype=object)
    found: pd.Index = pd.Index(np.unique(ids.astype(str)).astype(object), name="customer_id")
    return found
