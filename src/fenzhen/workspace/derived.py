"""Entities without a table of their own, derived from their facts."""

from collections.abc import Callable, Mapping

import pandas as pd

from fenzhen.tables import absent_columns, conform

__all__ = ["FACTS", "derive_entities"]

FACTS: Mapping[str, Mapping[str, str]] = {
    "customers": {"tickets": "created_at", "interactions": "at", "returns": "at", "devices": "installed_at"},
    "devices": {"telemetry": "at", "device_events": "at", "tickets": "created_at"},
}
_KEYS = {"customers": ("customer_id", "since"), "devices": ("device_id", "installed_at")}


def derive_entities(name: str, fact_tables: Mapping[str, Callable[[], pd.DataFrame]]) -> pd.DataFrame | None:
    """Return customers or devices, sorted by id, each with the time of its first fact; None without any.

    An entity is thus known from its first fact on, and later facts change nothing about it. Where no fact has a
    time, neither has the entity. Assignees are never derived: one who appears later would be known too early.
    """
    if name not in FACTS:
        return None
    key, since = _KEYS[name]
    found = [_facts(fact_tables[table](), key, time) for table, time in FACTS[name].items() if table in fact_tables]
    facts = [frame for frame in found if len(frame)]
    if not facts:
        return None
    whole = pd.concat([frame.rename(columns=dict(zip(frame.columns, (key, since), strict=True))) for frame in facts])
    entities = whole.groupby(key, sort=True)[since].min().reset_index()
    entities.attrs = {}  # what the facts' table lacks, and when its columns became known, says nothing of entities
    return conform(name, entities if entities[since].notna().any() else entities[[key]])


def _facts(frame: pd.DataFrame, key: str, time: str) -> pd.DataFrame:
    if key in absent_columns(frame):
        return frame.loc[[], [key, time]]
    return frame.loc[frame[key].notna(), [key, time]]
