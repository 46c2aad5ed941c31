"""The part of the store about risks: scores of cohort models and what people did about them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from fenzhen.store import outcomes, risk_runs, risk_scores, ticket_events
from fenzhen.store.outcomes import Outcome, OutcomeCounts, StoredOutcome
from fenzhen.store.risk import RiskScore
from fenzhen.store.risk_runs import RiskRun, StoredRun
from fenzhen.store.ticket_events import TicketEvent
from fenzhen.store.transactions import Transactions

if TYPE_CHECKING:
    import pandas as pd

    from fenzhen.store.risk_columns import RiskColumns
    from fenzhen.store.risk_writing import Details

__all__ = ["ListedScore", "RiskStore"]


@dataclass(frozen=True, slots=True)
class ListedScore:
    """A score in a list: with its details, and with what was last said of the entity."""

    score: RiskScore
    details: Mapping[str, Any]
    outcome: Outcome | None


def _unheard(_: int) -> None:
    """Leave progress untold."""


class RiskStore(Transactions):
    """What :class:`fenzhen.store.Store` says of risks."""

    def write_scores(self, run: RiskRun, frame: "pd.DataFrame", details: "Details", *,
                     advance: Callable[[int], None] = _unheard) -> StoredRun:
        """Write the scores of a whole cohort; readers see them when all are there, never before.

        ``frame`` has the entity's id as its first column, ``probability`` (0 to 1), ``risk_level`` (high, medium, low)
        and, where the model has components, ``component``; other columns are not read. ``details`` are one JSON-able
        mapping a row, in the frame's order: any iterable, or a function of ``(start, stop)`` that makes those of the
        rows ``start`` to ``stop`` (exclusive), so that what a stopped run has written need not be made again::

            {"reasons": [{"code", "value", "own", "peers", "weight", "text_zh", "text_en", "action"}],  # at most 3
             "protective": [the same], "attributes": {"name", "customer_tier", "region", "owner", "renewal_at", …},
             "value_at_risk": number or None, "currency": text or None, "too_little_history": bool,
             "timeline": [{"at", "kind", "id", "text_zh", "text_en"}]}            # optional: returns, failures, orders

        A reason may say ``"tickets": ["T-1", …]``, the tickets behind it; where it does not, they are found among the
        ticket events of the customer (``"attributes"`` may say ``customer_id``; default: the entity itself).

        Writing again with the same model, version and ``as_of`` replaces what was there. A run that was stopped goes
        on after its last chunk if the scores are the very same, else it starts anew. ``advance`` is told how many rows
        have been written since it was last called, those of the stopped run included. Raises ``StoreError`` for an
        entity scored twice, a level that is none, details that are too few, and if another process takes over.
        """
        from fenzhen.store.risk_writing import write_scores

        return write_scores(self.writing, run, frame, details, advance)

    def newest_scores(self, model: str, before: datetime | None = None) -> StoredRun | None:
        """Return the complete run of the latest ``as_of`` (strictly before a moment, if given); None without one."""
        with self.reading() as connection:
            return risk_runs.newest(connection, model, before)

    def levels_before(self, model: str, as_of: datetime) -> Mapping[tuple[str, str], str]:
        """Return the last level of each entity and component scored strictly before a moment: for hysteresis."""
        with self.reading() as connection:
            run = risk_runs.newest(connection, model, as_of)
            return {} if run is None else risk_scores.levels_of(connection, run.id)

    def scores_run(self, run_id: int) -> StoredRun | None:
        """Return a run that is whole and still there."""
        with self.reading() as connection:
            return risk_runs.by_id(connection, run_id)

    def score_columns(self, run_id: int) -> "RiskColumns | None":
        """Return a run's rows as columns; None if it has none (any more)."""
        from fenzhen.store.risk_columns import columns

        with self.reading() as connection:
            blocks = risk_scores.blocks_of(connection, run_id)
        return columns(blocks)

    def run_scores(self, run_id: int) -> list[RiskScore]:
        """Return all scores of a run, by entity and component: for cohorts of thousands, not of a million."""
        with self.reading() as connection:
            return risk_scores.all_scores(connection, run_id)

    def scores(self, run_id: int, entities: Sequence[str]) -> Mapping[tuple[str, str], RiskScore]:
        """Return the scores of some entities, by entity and component."""
        with self.reading() as connection:
            return risk_scores.scores_of(connection, run_id, entities)

    def score_details(self, run_id: int, entities: Sequence[str]) -> Mapping[tuple[str, str], Mapping[str, Any]]:
        """Return the details of some entities' scores as they were written, by entity and component."""
        with self.reading() as connection:
            return risk_scores.details_of(connection, run_id, entities)

    def write_outcome(self, said: Outcome) -> int:
        """Record what became of an entity; return the id of the record."""
        with self.writing() as connection:
            return outcomes.write_outcome(connection, said)

    def outcomes_of(self, model: str, entity: str) -> list[StoredOutcome]:
        """Return all outcomes of an entity, the newest first."""
        with self.reading() as connection:
            return outcomes.outcomes_of(connection, model, entity)

    def listed(self, run: StoredRun, entities: Sequence[str]) -> list[ListedScore] | None:
        """Return the scores, details and last outcomes of entities without components, in their order, in one read.

        None if the run is no longer whole: newer scores took its place and its rows are being deleted.
        """
        with self.reading() as connection:
            scores = risk_scores.scores_of(connection, run.id, entities)
            details = risk_scores.details_of(connection, run.id, entities)
            last = outcomes.last_outcomes(connection, run.run.model, entities)
            if risk_runs.by_id(connection, run.id) is None:  # asked last: a run is dropped before its rows go
                return None
        keys = [(entity, "") for entity in entities]
        return [ListedScore(scores[key], details.get(key, {}), last.get(key)) for key in keys if key in scores]

    def explained(self, run: StoredRun,
                  entities: Sequence[str]) -> list[tuple[Mapping[str, Any], Outcome | None]] | None:
        """Return details and last outcomes of entities without components, in their order; None as :meth:`listed`."""
        with self.reading() as connection:
            details = risk_scores.details_of(connection, run.id, entities)
            last = outcomes.last_outcomes(connection, run.run.model, entities)
            if risk_runs.by_id(connection, run.id) is None:
                return None
        return [(details.get((entity, ""), {}), last.get((entity, ""))) for entity in entities]

    def newest_outcome(self, model: str) -> int:
        """Return the id of the newest outcome of a model, 0 without one: it grows with every word."""
        with self.reading() as connection:
            return outcomes.newest_id(connection, model)

    def all_last_outcomes(self, model: str) -> Mapping[str, tuple[str, datetime | None]]:
        """Return the last outcome of every entity that has one, and the end of its snooze."""
        with self.reading() as connection:
            return outcomes.all_last_outcomes(connection, model)

    def outcome_counts(self, model: str, owner: str | None = None) -> Mapping[str, OutcomeCounts]:
        """Return how many were saved of how many done, by reason; "" holds all; only an owner's, if one is given."""
        with self.reading() as connection:
            return outcomes.outcome_counts(connection, model, owner)

    def events_of_customer(self, customer_id: str, limit: int = 2000) -> list[TicketEvent]:
        """Return the events of a customer's tickets by time; of very many, those of the newest tickets."""
        with self.reading() as connection:
            return ticket_events.events_of_customer(connection, customer_id, limit)
