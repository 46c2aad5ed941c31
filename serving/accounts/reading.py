"""Accounts as the store knows them, for whoever may see them: a list of some, or everything about one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from fenzhen.store import KeyRecord, ListedScore, OutcomeCounts, RiskScore, Store, StoredOutcome, StoredRun, TicketEvent
from serving.accounts.index import Condition, Found, RiskIndex
from serving.accounts.indexes import RiskIndexes
from serving.accounts.query import AccountQuery, Cursor
from serving.body import invalid
from serving.parameters import LONGEST_ID
from serving.problems import FieldError, ProblemError

__all__ = [
    "MODEL",
    "Account",
    "Listing",
    "find_account",
    "found_rows",
    "last_word",
    "list_accounts",
    "next_cursor",
    "seen_by",
    "shown_index",
]

MODEL = "churn"
"""Ids of more characters are nobody's."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of accounts of a run; ``index`` is None where nothing has been scored yet."""

    index: RiskIndex | None = None
    accounts: Sequence[ListedScore] = ()
    total: int = 0
    next_cursor: str | None = None

    @property
    def run(self) -> StoredRun | None:
        """The run that is shown."""
        return None if self.index is None else self.index.run


@dataclass(frozen=True, slots=True)
class Account:
    """All that is known of one account. ``counts`` say by reason how many were saved of how many done."""

    run: StoredRun
    score: RiskScore
    details: Mapping[str, Any]
    outcomes: Sequence[StoredOutcome]
    counts: Mapping[str, OutcomeCounts]
    events: Sequence[TicketEvent] = field(default_factory=tuple)


def seen_by(key: KeyRecord | None, query: AccountQuery) -> AccountQuery:
    """Return a query for what a key may see: one that is bound to an owner sees this owner's accounts alone."""
    if key is None or key.owner is None:
        return query
    asked = query.condition.owner
    mine = () if asked and key.owner not in asked else (key.owner,)
    return replace(query, condition=replace(query.condition, owner=mine or (_NOBODY,)))


_NOBODY = "\0"
"""An owner that no account has: texts of the store hold no NUL."""


def list_accounts(store: Store, indexes: RiskIndexes, query: AccountQuery) -> Listing:
    """Return the page that was asked for; a 422 for a cursor whose run is gone.

    A run whose rows go while it is read gives way to the one that took its place: a page never lacks rows.
    """
    while (index := shown_index(store, indexes, query)) is not None:
        found = found_rows(store, indexes, index, query)
        accounts = store.listed(index.run, index.entities(found.rows))
        if accounts is not None:
            return Listing(index, accounts, found.total, next_cursor(index, query, found))
        indexes.let_go(index)
    return Listing()


def shown_index(store: Store, indexes: RiskIndexes, query: AccountQuery) -> RiskIndex | None:
    """Return the run that a query is about: the newest, or the one that its cursor names."""
    if query.cursor is None:
        return indexes.newest(store, MODEL)
    index = indexes.at(store, MODEL, query.cursor.run_id)
    if index is None:
        raise invalid([FieldError("cursor", "expired", "newer scores took the place of these; begin anew without it")])
    return index


def found_rows(store: Store, indexes: RiskIndexes, index: RiskIndex, query: AccountQuery) -> Found:
    """Return the rows that match a query."""
    condition = query.condition if not query.handled else _handled(
        indexes.last_outcomes(store, MODEL), query.condition, set(query.handled))
    return index.page(condition, query.sort, None if query.cursor is None else query.cursor.place, query.limit)


def next_cursor(index: RiskIndex, query: AccountQuery, found: Found) -> str | None:
    """Return the cursor of the page after this one; None at the end."""
    return None if found.next_place is None else Cursor(index.run.id, query.sort, found.next_place).text()


def find_account(store: Store, entity: str, owner: str | None) -> Account:
    """Return an account of the newest run; a 404 for one that is unknown or, if an owner is given, not the owner's."""
    run, found = None, None
    while len(entity) <= LONGEST_ID and found is None and (run := store.newest_scores(MODEL)) is not None:
        found = store.listed(run, [entity])  # None: newer scores took the place of these meanwhile
    if run is None or not found or (owner is not None and found[0].score.owner != owner):
        raise ProblemError(404, "There is no account of this id.")
    score, details = found[0].score, found[0].details
    customer = str((details.get("attributes") or {}).get("customer_id") or entity)
    return Account(run, score, details, store.outcomes_of(MODEL, entity), store.outcome_counts(MODEL, owner),
                   store.events_of_customer(customer))


def last_word(outcome: str, until: datetime | None, now: datetime) -> str:
    """Return what counts as last said: a snooze that is over counts as nothing."""
    return "none" if outcome == "snoozed" and until is not None and until <= now else outcome


def _handled(last: Mapping[str, tuple[str, datetime | None]], condition: Condition, wanted: set[str]) -> Condition:
    now = datetime.now(UTC)
    said = {entity: last_word(*word, now) for entity, word in last.items()}
    if "none" in wanted:
        return replace(condition, without=[entity for entity, word in said.items() if word not in wanted])
    return replace(condition, entities=[entity for entity, word in said.items() if word in wanted])
