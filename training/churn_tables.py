"""The tables that churn is learnt and scored from."""

import pandas as pd

from fenzhen.errors import TrainingRefused
from fenzhen.tables import absent_columns
from fenzhen.workspace import Workspace
from models.churn import ChurnSpec

__all__ = ["churn_tables"]


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
