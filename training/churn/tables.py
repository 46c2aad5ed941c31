"""The tables that churn is learnt and scored from, and what a label must find in them."""

from collections.abc import Mapping

import pandas as pd

from fenzhen.errors import TrainingRefused
from fenzhen.tables import absent_columns
from fenzhen.workspace import Workspace
from models.churn.spec import ChurnSpec

__all__ = ["churn_tables", "labelled_tables"]

LABELLED_BY: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "contract": ("customers", ("churned_at", "renewal_at", "churned")),
    "silence": ("interactions", ("at",)),
}
"""Label -> the table that tells who left, and its columns: one of them must hold a value."""
COMPLAINTS = ("tickets", "interactions")


def churn_tables(workspace: Workspace, spec: ChurnSpec) -> dict[str, pd.DataFrame]:
    """Return the spec's tables by name.

    Raises ``TrainingRefused`` if ``customer_context`` or ``customer_numbers`` name a column that the customers' table
    does not have; a column without any value is there.
    """
    tables = workspace.tables(*spec.tables)
    customers, settings = tables["customers"], spec.settings
    there = [name for name in customers.columns if name not in absent_columns(customers)]
    named = dict.fromkeys((*settings.customer_context, *settings.customer_numbers))
    if missing := [name for name in named if name not in there]:
        raise TrainingRefused(f"{spec.name}: customer_context and customer_numbers name {', '.join(missing)}, which "
                              f"the table customers does not have; it has {', '.join(there)}")
    return tables


def labelled_tables(workspace: Workspace, spec: ChurnSpec) -> dict[str, pd.DataFrame]:
    """Return the spec's tables, to learn from: as :func:`churn_tables`, which is for scoring as well.

    Raises ``TrainingRefused`` if the table or the columns that the label is read from are missing or empty.
    """
    tables = churn_tables(workspace, spec)
    label = spec.settings.label
    if label not in LABELLED_BY:
        if not any(tables[name]["customer_id"].notna().any() for name in COMPLAINTS):
            raise TrainingRefused(f"{spec.name}: the label {label!r} is read from the tables {' and '.join(COMPLAINTS)}"
                                  f", expected rows with a customer_id in one of them; {_said(workspace, *COMPLAINTS)}")
        return tables
    name, columns = LABELLED_BY[label]
    table = tables[name]
    if table[list(columns)].notna().any(axis=None):
        return tables
    named = f"{', '.join(columns[:-1])} or {columns[-1]}" if len(columns) > 1 else columns[0]
    lacking = [column for column in columns if column in absent_columns(table)]
    found = f"; the table lacks {', '.join(lacking)}" if name in workspace.table_names and lacking else ""
    raise TrainingRefused(f"{spec.name}: the label {label!r} is read from the table {name} ({named}), expected a value "
                          f"in some row; {_said(workspace, name)}{found}")


def _said(workspace: Workspace, *names: str) -> str:
    """Return how many rows there are of each table, or that workspace.toml does not name it."""
    return ", ".join(f"{name} has {len(workspace.table(name)):,} rows" if name in workspace.table_names
                     else f"workspace.toml has no [tables.{name}]" for name in names)
