"""Which columns of a customer's history go where: into the linear part, and into which group of meaning."""

from collections.abc import Mapping
from types import MappingProxyType

from features.customers.customer_contract import CONTRACT
from features.customers.customer_tickets import TICKETS

__all__ = ["EXPECTED", "LINEAR", "LONG_AGO", "MEANINGS", "NEVER", "SHARE", "SILENT", "meaning_of"]

EXPECTED, SILENT = "orders_expected", "silent_odds"
"""What buy-till-you-die expects within the horizon: orders, and the log odds of none at all."""

SHARE = "window_share"
"""The part of the horizon that a row's outcome covers: 1, but less for some rows that are learnt from."""

LINEAR = (
    EXPECTED, SILENT, "recency_share", "order_rate_all", "days_since_last", "days_since_first", "lateness_ratio",
    "lateness_of_longest", "orders_position_all", "orders_ratio_90d", "gap_variation_all", "gap_mean_all",
    "gap_last", "orders_all", "orders_decayed_15d", "orders_decayed_60d", "value_mean_all", "value_last",
    "value_ratio_90d", "lines_mean_all",
    "products_all", "return_share_all", "silent_after_complaint_days", "silent_after_ticket_days", *TICKETS, *CONTRACT,
)
"""Columns that mean the same after a short history as after a long one; sums over all of it do not."""

NEVER = ("days_since_return", "days_since_ticket", "days_since_complaint", "days_since_device_failure")
"""Ages of what need not have happened: what never did counts as long ago."""
LONG_AGO = 400.0

MEANINGS: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "silence": ("days_since_last", "recency_share", "lateness_ratio", "lateness_of_longest", "gap_last", SILENT,
                "gap_mean_all", "gap_median_all", "gap_max_all"),
    "order_trend": ("orders_position_all", "orders_ratio_90d", "orders_30d", "orders_90d", "orders_180d",
                    "orders_decayed_15d", "orders_decayed_60d"),
    "order_count": ("orders_all", "order_rate_all", EXPECTED),
    "regularity": ("gap_variation_all",),
    "order_value": ("value_sum_all", "value_mean_all", "value_last", "value_sum_90d"),
    "value_trend": ("value_ratio_90d",),
    "variety": ("lines_mean_all", "products_all", "kinds_all"),
    "tenure": ("days_since_first", "customer_days"),
    "tickets": ("tickets_90d", "tickets_usual_90d", "tickets_365d", "days_since_ticket"),
    "tickets_open": ("tickets_open", "open_days_max"),
    "tickets_reopened": ("tickets_reopened_90d", "tickets_reopened_usual_90d"),
    "repeat_repairs": ("repeat_repairs_90d", "repeat_repairs_usual_90d"),
    "escalations": ("escalations_90d", "escalations_usual_90d"),
    "complaints": ("complaints_90d", "complaints_usual_90d", "days_since_complaint"),
    "waiting_customer": ("waiting_customer_90d", "waiting_customer_usual_90d"),
    "silent_after_complaint": ("silent_after_complaint_days", "silent_after_ticket_days"),
    "first_response": ("first_response_hours_median_90d", "first_response_hours_median_365d"),
    "resolution": ("resolution_hours_median_90d", "resolution_hours_median_365d"),
    "satisfaction": ("csat_mean_90d", "csat_mean_365d", "csat_last", "nps_last"),
    "sentiment": ("negative_sentiment_share_365d",),
    "returns": ("returns_90d", "returns_usual_90d", "returns_all", "return_amount_all", "days_since_return",
                "return_share_all"),
    "device_failures": ("device_failures_90d", "device_failures_usual_90d", "device_errors_90d",
                        "days_since_device_failure"),
    "devices": ("devices", "devices_days_median"),
    "renewal": ("contract_year_days_left",),
    "annual_value": ("annual_value",),
})
"""Groups of columns that say one thing to a person."""
_GROUP = {column: meaning for meaning, columns in MEANINGS.items() for column in columns}


def meaning_of(column: str) -> str:
    """Return the group of a column; a category's column is its own group.

    >>> meaning_of("lateness_ratio"), meaning_of("customer_tier=VIP"), meaning_of("MonthlyCharges")
    ('silence', 'customer_tier', 'MonthlyCharges')
    """
    return _GROUP.get(column, column.split("=", 1)[0])
