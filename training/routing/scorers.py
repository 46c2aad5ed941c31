"""A study's fit as a scorer: with the history as of its date, the tickets still going on, roster and owners."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from features.routing.assignee_history import ToldTicket
from features.routing.history_snapshot import snapshot_of
from features.routing.ticket_story import story
from models.routing.answer import Candidate, groups_of
from models.routing.scorer import RoutingScorer
from training.routing.study import RoutingStudy

MOST_GOING = 20_000
_REOPENED_WITHIN = 30 * 86_400.0
_ENDS = ("resolved", "closed")


def scorer_of(study: RoutingStudy, date: float, tables: Mapping[str, pd.DataFrame]) -> RoutingScorer:
    """Return the scorer fitted on what was known before ``date`` (seconds), ready to be saved."""
    fit, spec = study.fit(date), study.spec
    manifest: dict[str, Any] = {"model": spec.name, "field": spec.field, "skill_field": spec.settings.skill_field,
                                "named_in": list(study.named_in)}
    return RoutingScorer(
        manifest, study.dataset.fields, study.keys, fit.stage, fit.trees, fit.confidence, fit.thresholds,
        snapshot_of(study.past.as_of, date), going_tickets(study, date),
        roster(tables["assignees"], of_groups=spec.of_groups), owners(tables["customers"], spec.settings.fixed_owner),
        study.dataset.words_of,
    )


def going_tickets(study: RoutingStudy, date: float) -> dict[str, ToldTicket]:
    """Return the newest tickets that were not done before ``date``, or not for long, as the state keeps them."""
    dataset, rows = study.dataset, study.dataset.fields.of_rows
    ids = dataset.tickets["ticket_id"].tolist()
    chosen: list[int] = []
    for row in np.flatnonzero(dataset.at < date)[::-1].tolist():
        events = [event for event in dataset.stories.get(ids[row], ()) if event.at < date]
        last = max(events, default=None)
        if last is None or last.event not in _ENDS or last.at >= date - _REOPENED_WITHIN:
            chosen.append(row)
        if len(chosen) == MOST_GOING:
            break
    values = rows(dataset.tickets.iloc[chosen])
    return {ids[row]: _told(study, ids[row], row, of, date) for row, of in zip(chosen, values, strict=True)}


def roster(assignees: pd.DataFrame, *, of_groups: bool) -> tuple[Candidate, ...]:
    """Return the workspace's people, or the groups that they form, as candidates."""
    people = [
        Candidate(
            id=str(row["assignee_id"]), name=_text(row["name"]), group=_text(row["group"]),
            skills=_skills(row["skills"]),
            capacity=None if pd.isna(row["capacity"]) else float(row["capacity"]),
            active=True if pd.isna(row["active"]) else bool(row["active"]),
        )
        for row in assignees.to_dict("records") if not pd.isna(row["assignee_id"])
    ]
    return tuple(groups_of(people)) if of_groups else tuple(people)


def owners(customers: pd.DataFrame, column: str) -> dict[str, str]:
    """Return customer -> fixed owner as ``column`` says; empty without a column."""
    if not column or column not in customers:
        return {}
    known = customers[customers[column].notna() & customers["customer_id"].notna()]
    return dict(zip(known["customer_id"].astype(str), known[column].astype(str), strict=True))


def _told(study: RoutingStudy, name: str, row: int, values: dict[str, str], date: float) -> ToldTicket:
    filed_at = float(study.dataset.at[row])
    events = {event for event in study.dataset.stories.get(name, ()) if event.at < date}
    return ToldTicket(values, filed_at, events, story(events, study.spec.label, filed_at))


def _text(value: Any) -> str | None:
    return None if pd.isna(value) else str(value)


def _skills(value: Any) -> tuple[str, ...]:
    return () if pd.isna(value) else tuple(skill.strip() for skill in str(value).split(";") if skill.strip())
