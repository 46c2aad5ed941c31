"""What a customer is rather than does: tier, region and the columns that a workspace names beyond the contract."""

from collections.abc import Mapping, Sequence

import pandas as pd

from features.customers.entity_facts import codes_of

__all__ = ["CATEGORIES", "customer_attributes"]

CATEGORIES = ("customer_tier", "region")


def customer_attributes(tables: Mapping[str, pd.DataFrame], customers: pd.Index, context: Sequence[str] = (),
                        numbers: Sequence[str] = ()) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return categories (object, None where missing) and numbers (float64), indexed by ``customers``.

    Categories are ``CATEGORIES`` and ``context``; a column that the table lacks is missing throughout, and so is what
    is no number among the numbers.
    """
    table = tables["customers"]
    own = codes_of(pd.Series(customers), pd.Index(table["customer_id"]))
    rows = table.take(own[own >= 0]).set_axis(customers[own >= 0]).reindex(customers)
    categories = {name: _column(rows, name).astype(object) for name in (*CATEGORIES, *context)}
    measured = {name: pd.to_numeric(_column(rows, name), errors="coerce").astype("float64") for name in numbers}
    texts = pd.DataFrame(categories, index=customers)
    return texts.where(texts.notna(), None), pd.DataFrame(measured, index=customers)


def _column(rows: pd.DataFrame, name: str) -> pd.Series:
    return rows[name] if name in rows.columns else pd.Series(None, index=rows.index, dtype=object)
