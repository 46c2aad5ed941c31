"""What binds a customer and what went wrong with goods and devices: contract, returns, recorded device failures."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.customers.customer_tickets import recent_and_usual
from features.customers.entity_facts import EntityFacts, ages, codes_of, ratio

__all__ = ["CONTRACT", "customer_contract", "return_share"]

Float64 = NDArray[np.float64]
CONTRACT = (
    "customer_days", "contract_year_days_left", "annual_value", "returns_90d", "returns_usual_90d", "returns_all",
    "return_amount_all", "days_since_return", "devices", "devices_days_median", "device_failures_90d",
    "device_failures_usual_90d", "device_errors_90d", "days_since_device_failure",
)
"""Amounts are the source's currency."""
YEAR = 365.25


def customer_contract(tables: Mapping[str, pd.DataFrame], customers: pd.Index, known_days: Float64,
                      as_of: pd.Timestamp) -> dict[str, Float64]:
    """Return the columns ``CONTRACT``, float64 of shape (customers,), from what was known before ``as_of``.

    A customer without returns or devices has counts and amounts of 0 and NaN ages. Failures and errors are recorded
    facts of the devices that belong to the customer, as far as installed before ``as_of``.

    ``contract_year_days_left`` is how far the next return of the renewal's day lies ahead, below a year. The date
    itself would give away the outcome: the table shows today's, which has moved on for those who have renewed since.
    """
    table = tables["customers"]
    own = codes_of(pd.Series(customers), pd.Index(table["customer_id"]))
    found = {"customer_days": _looked_up(ages(table["since"], as_of), own),
             "contract_year_days_left": _looked_up(-ages(table["renewal_at"], as_of) % YEAR, own),
             "annual_value": _looked_up(table["annual_value"].to_numpy(dtype=np.float64), own)}
    found |= _returns(tables["returns"], customers, known_days, as_of)
    found |= _devices(tables["devices"], tables["device_events"], customers, known_days, as_of)
    return {name: found[name] for name in CONTRACT}


def _looked_up(values: Float64, own: NDArray[np.int64]) -> Float64:
    found: Float64 = np.append(values, np.nan)[own]
    return found


def _returns(returns: pd.DataFrame, customers: pd.Index, known_days: Float64,
             as_of: pd.Timestamp) -> dict[str, Float64]:
    """Lines of one return order share their moment and count once."""
    lines = EntityFacts.of(returns["customer_id"], returns["at"], customers, as_of)
    amount = lines.total(returns["amount"].to_numpy(dtype=np.float64)[lines.rows])
    first = (np.diff(lines.code, prepend=-1) != 0) | (np.diff(lines.age, prepend=np.inf) != 0)
    facts = lines.where(first)
    return {**recent_and_usual("returns", facts, known_days), "returns_all": facts.count(),
            "return_amount_all": amount, "days_since_return": facts.youngest()}


def _devices(devices: pd.DataFrame, events: pd.DataFrame, customers: pd.Index, known_days: Float64,
             as_of: pd.Timestamp) -> dict[str, Float64]:
    owner = codes_of(devices["customer_id"], customers)
    held = np.bincount(owner[owner >= 0], minlength=len(customers)).astype(np.float64)
    installed = EntityFacts.coded(owner, ages(devices["installed_at"], as_of), len(customers))
    of_device = codes_of(events["device_id"], pd.Index(devices["device_id"]))
    code, age = np.append(owner, -1)[of_device], ages(events["at"], as_of)
    failures, errors = (EntityFacts.coded(code, age, len(customers), (events["kind"] == kind).to_numpy(dtype=bool))
                        for kind in ("failure", "error"))
    return {"devices": held, "devices_days_median": installed.median(installed.age),
            **recent_and_usual("device_failures", failures, known_days), "device_errors_90d": errors.count(90),
            "days_since_device_failure": failures.youngest()}


def return_share(found: Mapping[str, Float64]) -> Float64:
    """Return what share of a customer's value came back, NaN without value."""
    return ratio(found["return_amount_all"], found["value_sum_all"])
