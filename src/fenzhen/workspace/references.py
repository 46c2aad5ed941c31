"""What one table says about another: taxonomy values and ids."""

from collections.abc import Mapping

import pandas as pd

from fenzhen.tables import TableSchema, absent_columns
from fenzhen.workspace.masking import masked
from fenzhen.workspace.problem import Problem

__all__ = ["foreign_key_problems", "taxonomy_problems"]

ENTITIES = {"customer_id": "customers", "device_id": "devices", "assignee_id": "assignees", "ticket_id": "tickets"}


def taxonomy_problems(table: str, frame: pd.DataFrame, taxonomy: pd.DataFrame) -> list[Problem]:
    """Return the values of labels that the taxonomy has a field for but does not list, old names included."""
    problems = []
    for field, rows in taxonomy.dropna(subset=["field", "value"]).groupby("field"):
        if field not in frame.columns:
            continue
        known = {*rows["value"], *rows["renamed_from"].dropna()}
        unknown = frame[field].dropna()
        unknown = unknown[~unknown.isin(known)]
        if len(unknown):
            problems.append(_warning(table, str(field), "the value is not in the taxonomy", unknown))
    return problems


def foreign_key_problems(table: str, schema: TableSchema, frame: pd.DataFrame,
                         entities: Mapping[str, pd.DataFrame]) -> list[Problem]:
    """Return the ids that the entity's own table, where the workspace has one, does not have."""
    problems = []
    for column, entity in ENTITIES.items():
        if entity not in entities or entity == schema.name or column not in schema.names:
            continue
        if column in absent_columns(frame) or column in absent_columns(entities[entity]):
            continue
        given = frame[column].dropna()
        unknown = given[~given.isin(entities[entity][column].dropna())]
        if len(unknown):
            problems.append(_warning(table, column, f"the id is not in the table {entity}", unknown))
    return problems


def _warning(table: str, column: str, problem: str, values: pd.Series) -> Problem:
    examples = tuple(masked(value, column) for value in values.drop_duplicates().iloc[:3])
    return Problem(table, column, problem, len(values), examples, "warning")
