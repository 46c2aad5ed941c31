"""Answers for files of tickets: the champion's fit, and the history that the workspace's tables tell."""

from dataclasses import replace

import numpy as np
import pandas as pd

from features.routing.assignee_as_of import AssigneeAsOf
from features.routing.fact_table import fact_table
from models.routing.linear import terms_of_rows
from models.routing.past import RoutingPast, named_codes
from models.routing.rows import RoutingRows
from models.routing.scorer import RoutingScorer
from models.routing.spec import RoutingSpec
from training.family import Ask
from training.routing.answers import Float64, answer_columns
from training.routing.dataset import RoutingDataset, routing_dataset, routing_tables

CHUNK = 5_000


def predict(ask: Ask) -> pd.DataFrame:
    """Return one row a ticket of ``ask.rows``, in order; see ``training.family.Family``.

    A ticket is answered by what had happened before it was filed; one without a time by all that the tables tell.
    """
    dataset, rows = asked_dataset(ask)
    past = past_of(dataset, ask.scorer)
    parts = []
    for start in range(0, max(len(rows), 1), CHUNK):
        some = rows[start:start + CHUNK]
        found, probabilities = ranked(past, some, ask.scorer)
        parts.append(answer_columns(
            ask.spec.entity, dataset.tickets["ticket_id"].to_numpy(dtype=object)[some], found.who, probabilities,
            past.as_of.facts.candidates, ask.scorer.thresholds, ask.top_k,
        ))
        ask.advance(len(some))
    return pd.concat(parts, ignore_index=True)


def ranked(past: RoutingPast, rows: np.ndarray, scorer: RoutingScorer) -> tuple[RoutingRows, Float64]:
    """Return the tickets' candidates and their probabilities, 0 for who is not active."""
    found = past.rows(rows, scorer.stage)
    inactive = {each.id for each in scorer.roster if not each.active}
    gone = np.array([name in inactive for name in past.as_of.facts.candidates] + [False], dtype=bool)
    return found, scorer.probabilities(found, gone[found.who])


def past_of(dataset: RoutingDataset, scorer: RoutingScorer) -> RoutingPast:
    """Return the dataset's past as a scorer looks at it: by its own keys."""
    facts = fact_table(dataset.stories, dataset.tickets, scorer.label)
    return RoutingPast(
        dataset.at, terms_of_rows(dataset.values, scorer.keys, dataset.words),
        AssigneeAsOf(facts, dataset.values, scorer.keys),
        named_codes(dataset.values, scorer.named_in, facts.candidates),
    )


def asked_dataset(ask: Ask) -> tuple[RoutingDataset, np.ndarray]:
    """Return the workspace's tickets and those asked about, and the positions of the latter in their order.

    The tables' tickets come first under an id, so that events belong to them.
    """
    spec: RoutingSpec = ask.spec  # type: ignore[assignment]
    tables = dict(routing_tables(ask.workspace, spec, None))
    known = tables["tickets"]
    rows = ask.rows.copy()
    latest = [known["created_at"].max(), tables["ticket_events"]["at"].max()]
    newest = max((moment for moment in latest if not pd.isna(moment)), default=pd.Timestamp.now(tz="UTC"))
    rows["created_at"] = rows["created_at"].fillna(newest + pd.Timedelta(1, unit="s"))
    rows["place"], known["place"] = np.arange(len(rows)), -1
    joined = pd.concat([known, rows], ignore_index=True)
    joined.attrs = dict(known.attrs)
    dataset = routing_dataset({**tables, "tickets": joined}, spec, ask.workspace)
    dataset = replace(dataset, fields=ask.scorer.fields, values=ask.scorer.fields.of_frame(dataset.tickets))
    place = dataset.tickets["place"].to_numpy()
    asked = np.flatnonzero(place >= 0)
    return dataset, asked[np.argsort(place[asked], kind="stable")]
