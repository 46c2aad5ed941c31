"""``/app/churn``: my accounts, and what changed this week; and the same list as a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.responses import Response

from fenzhen.store import OutcomeCounts, Store
from serving.accounts.index import Condition, RiskIndex
from serving.accounts.query import AccountQuery, read_query
from serving.accounts.reading import MODEL, Listing, list_accounts, seen_by
from serving.accounts.routes import exported
from serving.pages.account_view import AccountView, account_view
from serving.pages.addresses import query_of
from serving.pages.amounts import amount, day
from serving.pages.freshness import freshness
from serving.pages.language import PARAMETER
from serving.pages.visits import Visit
from serving.problems import ProblemError
from serving.store_reading import asked_store

WEEK = timedelta(days=7)
STALE = timedelta(days=9)
"""Scores of so long ago miss a weekly scoring: the page warns."""
SHOWN_CHANGES = 4
PAGE = 25
RENEWAL_WINDOWS = (30, 60, 90, 180)
CHANGES: Mapping[str, Condition] = {
    "newly_high": Condition(change=("rose",), risk_level=("high",)),
    "recovered": Condition(change=("fell",)),
    "reason": Condition(change=("reason",), risk_level=("high", "medium")),
}
"""What a week's changes are told by."""
OWN = ("renewal_within", "changes")


@dataclass(frozen=True, slots=True)
class Changed:
    """This week's accounts of one kind of change: the first few, how many in all, and the address of all."""

    kind: str
    accounts: Sequence[AccountView]
    total: int
    address: str


@dataclass(frozen=True, slots=True)
class Overview:
    """All that the page shows; ``choices`` are the values that filters may name."""

    listing: Listing = field(default_factory=Listing)
    changed: Sequence[tuple[str, Listing]] = ()
    levels: Mapping[str, int] = field(default_factory=dict)
    at_stake: float = 0.0
    currency: str | None = None
    counts: OutcomeCounts = field(default_factory=lambda: OutcomeCounts(0, 0, 0))
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)


async def listed(visit: Visit) -> Response:
    """Show the list that was asked for, below this week's changes."""
    asked = visit.request.query_params
    query = seen_by(visit.key, asked_query(visit, asked))
    overview = await asked_store(visit.worker, "accounts", lambda store: _overview(visit, store, query))
    listing = overview.listing
    if listing.run is None:
        return visit.page("churn.html", scored=None)
    views = [account_view(each.score, each.details, each.outcome, visit.words, visit.worker)
             for each in listing.accounts]
    return visit.page(
        "churn.html", scored=freshness(visit, listing.run, STALE), accounts=views, total=listing.total, asked=asked,
        changed=_changed(visit, overview), overview=overview, owner=visit.key.owner if visit.key else None,
        at_stake=amount(overview.at_stake, overview.currency, visit.words.language), windows=RENEWAL_WINDOWS,
        beginning=f"churn?{query_of(asked, cursor=None)}",
        following=None if listing.next_cursor is None else f"churn?{query_of(asked, cursor=listing.next_cursor)}",
        files={form: f"accounts-file?{query_of(asked, format=form, cursor=None)}" for form in ("xlsx", "csv")},
        filtered=any(value for name, value in asked.multi_items() if name not in ("sort", "cursor", PARAMETER)),
    )


async def file(visit: Visit) -> Response:
    """Answer the list as a file."""
    asked = visit.request.query_params
    query = seen_by(visit.key, asked_query(visit, asked))
    if query.format == "json":
        raise ProblemError(422, "Expected format=csv or format=xlsx.")
    return await exported(visit.worker, query, visit.request)


def asked_query(visit: Visit, asked: QueryParams) -> AccountQuery:
    """Return what the page's address asks for: as the API's, with ``renewal_within`` days and ``changes`` besides."""
    plain = QueryParams([(name, value) for name, value in asked.multi_items() if name not in (*OWN, PARAMETER)])
    query = read_query(plain, visit.worker.zone)
    condition = query.condition
    if (within := asked.get("renewal_within", "")).isdecimal() and int(within[:6]) > 0:
        today = datetime.now(visit.worker.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        until = today + timedelta(days=int(within[:6]))
        condition = replace(condition, renewal_from=today.timestamp(), renewal_until=until.timestamp())
    if (kind := asked.get("changes", "")) in CHANGES:
        wanted = CHANGES[kind]
        condition = replace(condition, change=wanted.change, risk_level=condition.risk_level or wanted.risk_level)
    usual = query.limit if "limit" in asked or query.format != "json" else PAGE
    return replace(query, condition=condition, limit=usual)


def _overview(visit: Visit, store: Store, query: AccountQuery) -> Overview:
    listing, indexes = list_accounts(store, visit.worker.risks, query), visit.worker.risks
    index = listing.index
    if index is None:
        return Overview()
    owner = None if visit.key is None else visit.key.owner
    since = _week_of(index).timestamp()
    recent = [] if _asks(visit) else [
        (kind, list_accounts(store, indexes, replace(seen_by(visit.key, AccountQuery(
            replace(condition, changed_since=since))), sort="-value_at_risk", limit=SHOWN_CHANGES)))
        for kind, condition in CHANGES.items()]
    mask = index.mask(query.condition)
    at_stake, currency = index.at_stake(mask)
    names = ("customer_tier", "region", *(() if owner is not None else ("owner",)))
    return Overview(
        listing, recent, index.counts(mask, "risk_level"), at_stake, currency,
        store.outcome_counts(MODEL, owner)[""], {name: index.values(name, owner) for name in names})


def _asks(visit: Visit) -> bool:
    """Return whether the address asks for anything in particular: then changes give way to what was asked for."""
    return any(value for name, value in visit.request.query_params.multi_items() if name != PARAMETER)


def _changed(visit: Visit, overview: Overview) -> list[Changed]:
    since = None if overview.listing.index is None else day(_week_of(overview.listing.index), visit.worker.zone)
    return [
        Changed(kind, [account_view(each.score, each.details, each.outcome, visit.words, visit.worker)
                       for each in found.accounts],
                found.total, f"churn?{urlencode({'changes': kind, 'changed_since': since, 'sort': '-value_at_risk'})}")
        for kind, found in overview.changed
    ]


def _week_of(index: RiskIndex) -> datetime:
    """Return the moment since which a change counts as this week's: after the scores of a week before."""
    return index.run.run.as_of - WEEK + timedelta(days=1)


def today(visit: Visit) -> date:
    """Return the day where the workspace is."""
    return datetime.now(visit.worker.zone).date()
