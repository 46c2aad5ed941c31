"""The same features in DuckDB SQL: an oracle for the tests and a peer in the benchmark."""

import duckdb
import pandas as pd

ACTIVITY = """
WITH lines AS (
    SELECT customer_id, "at", value, product, kind, date_diff('microsecond', "at", $as_of) / 86400e6 AS age
    FROM interactions WHERE "at" < $as_of AND kind IN (SELECT unnest($kinds)) AND customer_id IS NOT NULL
), orders AS (
    SELECT customer_id, "at", any_value(age) AS age, sum(value) AS value, count(*) AS lines
    FROM lines GROUP BY customer_id, "at"
), gaps AS (
    SELECT *, lag(age) OVER mine - age AS gap FROM orders WINDOW mine AS (PARTITION BY customer_id ORDER BY "at")
), own AS (
    SELECT customer_id, count(*)::DOUBLE AS orders_all, min(age) AS days_since_last, max(age) AS days_since_first,
        count(*) FILTER (age <= 30) AS orders_30d, count(*) FILTER (age <= 90) AS orders_90d,
        count(*) FILTER (age <= 180) AS orders_180d, sum(exp(-age / 15)) AS orders_decayed_15d,
        sum(exp(-age / 60)) AS orders_decayed_60d, avg(gap) AS gap_mean_all, median(gap) AS gap_median_all,
        max(gap) AS gap_max_all, arg_max(gap, "at") FILTER (gap IS NOT NULL) AS gap_last,
        CASE WHEN count(gap) >= 2 THEN stddev_pop(gap) / avg(gap) END AS gap_variation_all,
        coalesce(sum(value), 0) AS value_sum_all, avg(value) AS value_mean_all,
        coalesce(sum(value) FILTER (age <= 90), 0) AS value_sum_90d,
        avg(value) FILTER (age <= 90) / nullif(avg(value) FILTER (age > 90), 0) AS value_ratio_90d,
        avg(lines) AS lines_mean_all, 1 - avg(age) / max(age) AS orders_position_all
    FROM gaps GROUP BY customer_id
), variety AS (
    SELECT customer_id, count(DISTINCT product) AS products_all, count(DISTINCT kind) AS kinds_all
    FROM lines GROUP BY customer_id
)
SELECT *, days_since_last / gap_mean_all AS lateness_ratio, days_since_last / gap_max_all AS lateness_of_longest
FROM own JOIN variety USING (customer_id)
"""
TICKETS = """
WITH mine AS (
    SELECT *, date_diff('microsecond', created_at, $as_of) / 86400e6 AS age,
        coalesce(created_at - lag(created_at) OVER same <= INTERVAL 90 DAY, false) AND device_id IS NOT NULL AS repeat
    FROM tickets WHERE created_at < $as_of WINDOW same AS (PARTITION BY device_id ORDER BY created_at)
)
SELECT customer_id, count(*) FILTER (age <= 90) AS tickets_90d, count(*) FILTER (age <= 365) AS tickets_365d,
    min(age) AS days_since_ticket, count(*) FILTER (repeat AND age <= 90) AS repeat_repairs_90d,
    count(*) FILTER (resolved_at IS NULL OR resolved_at >= $as_of) AS tickets_open,
    max(age) FILTER (resolved_at IS NULL OR resolved_at >= $as_of) AS open_days_max,
    median(date_diff('second', created_at, resolved_at) / 3600) FILTER (age <= 90 AND resolved_at < $as_of)
        AS resolution_hours_median_90d,
    median(date_diff('second', created_at, first_response_at) / 3600) FILTER (age <= 365 AND first_response_at < $as_of)
        AS first_response_hours_median_365d,
    avg(csat) FILTER (age <= 365 AND resolved_at < $as_of) AS csat_mean_365d,
    avg((sentiment = '负面')::INT) FILTER (age <= 365 AND resolved_at < $as_of) AS negative_sentiment_share_365d
FROM mine WHERE customer_id IS NOT NULL GROUP BY customer_id
"""
OTHERS = """
SELECT c.customer_id,
    (SELECT count(DISTINCT "at") FROM returns r WHERE r.customer_id = c.customer_id AND "at" < $as_of) AS returns_all,
    (SELECT coalesce(sum(amount), 0) FROM returns r WHERE r.customer_id = c.customer_id AND "at" < $as_of)
        AS return_amount_all,
    (SELECT count(*) FROM ticket_events e JOIN tickets t USING (ticket_id) WHERE t.customer_id = c.customer_id
        AND event = 'reopened' AND e."at" < $as_of AND t.created_at < $as_of AND e."at" >= $as_of - INTERVAL 90 DAY)
        AS tickets_reopened_90d,
    (SELECT count(*) FROM device_events e JOIN devices d USING (device_id) WHERE d.customer_id = c.customer_id
        AND kind = 'failure' AND e."at" < $as_of AND d.installed_at < $as_of AND e."at" >= $as_of - INTERVAL 90 DAY)
        AS device_failures_90d,
FROM customers c WHERE since < $as_of
"""


def in_sql(query: str, tables: dict[str, pd.DataFrame], as_of: pd.Timestamp, **more: object) -> pd.DataFrame:
    """Return the query's rows over the tables, indexed by customer."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for name, frame in tables.items():
            connection.register(name, frame)
        found = connection.execute(query, {"as_of": as_of.to_pydatetime(), **more}).df()
    return found.set_index("customer_id")
