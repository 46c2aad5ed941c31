"""The state and the vectorised path tell the same history, and neither knows what came later."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.routing.assignee_as_of import AssigneeAsOf
from features.routing.assignee_history import AssigneeHistory
from features.routing.candidate_history import (
    SOLVED,
    HistoryKey,
    history_names,
    history_prior,
    write_history,
)
from features.routing.fact_table import events_by_ticket, fact_table
from features.routing.fields import DAYPART, EVERYTHING, RoutingFields
from features.routing.history_snapshot import snapshot_of

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
FIELDS = RoutingFields(("site", "customer_id"), "Asia/Shanghai")
KEYS = tuple(HistoryKey(fields) for fields in ((EVERYTHING,), (DAYPART,), ("site",), ("site", "customer_id")))
PEOPLE = ("a1", "a2", "a3")
TICKETS = [f"T{number}" for number in range(6)]


def moment(hours):
    return START + timedelta(hours=hours)


@st.composite
def pasts(draw):
    """Tickets, some without a site, and later events of these and of one ticket that nobody described."""
    tickets = [{"id": name, "created_at": moment(draw(st.integers(0, 60))),
                "site": draw(st.sampled_from(["沪", "京", None])),
                "customer": {"id": draw(st.sampled_from(["C1", "C2"]))}} for name in TICKETS]
    events = draw(st.lists(st.fixed_dictionaries({
        "ticket_id": st.sampled_from([*TICKETS, "T-unknown"]), "at": st.integers(61, 200).map(moment),
        "event": st.sampled_from(["assigned", "resolved", "reopened", "closed", "csat"]),
        "assignee_id": st.sampled_from([*PEOPLE, None]), "group": st.sampled_from(["网络", "桌面", None]),
        "csat": st.sampled_from([None, 3.0, 5.0])}), max_size=25))
    return tickets, events


def frames(tickets, events):
    rows = pd.DataFrame({
        "ticket_id": [each["id"] for each in tickets], "site": [each["site"] for each in tickets],
        "customer_id": [each["customer"]["id"] for each in tickets],
        "created_at": pd.to_datetime([each["created_at"] for each in tickets], utc=True)})
    columns = ["ticket_id", "at", "event", "assignee_id", "group", "csat"]
    told = pd.DataFrame(events, columns=columns)
    return rows, told.assign(at=pd.to_datetime(told["at"], utc=True))


def as_of_path(tickets, events):
    rows, told = frames(tickets, events)
    facts = fact_table(events_by_ticket(told), rows, "assignee_id")
    return AssigneeAsOf(facts, FIELDS.of_frame(rows), KEYS)


def state_of(tickets, events, snapshot=None):
    state = AssigneeHistory(FIELDS, KEYS, "assignee_id", snapshot)
    state.file(tickets)
    for event in events:
        state.update([event])
    return state


def vectorised(path, ticket, at):
    who = np.arange(len(path.facts.candidates))
    return path.counts(np.full(len(who), ticket), np.full(len(who), at), who)


def counted(state, values, at, names):
    counts, _ = state.counts_and_shares(values, at.timestamp(), names, ())
    return counts


def features_of(counts):
    found = np.empty((len(history_names(KEYS)), len(counts.at)))
    write_history(counts, found)
    return found


def same(first, second):
    np.testing.assert_allclose(features_of(first), features_of(second), atol=1e-6)
    np.testing.assert_allclose(history_prior(first), history_prior(second), atol=1e-9)


@settings(max_examples=25)
@given(pasts(), st.integers(0, 220), st.randoms())
def test_the_state_agrees_with_the_vectorised_path_in_any_order_of_telling(past, hours, random):
    tickets, events = past
    at = moment(hours)
    known = [event for event in events if event["at"] < at]
    path = as_of_path(tickets, events)
    mixed = [*known, *known[:4]]
    random.shuffle(mixed)
    state = state_of(tickets, mixed)
    values = FIELDS.of_ticket(tickets[0], tickets[0]["created_at"])
    same(counted(state, values, at, path.facts.candidates), vectorised(path, 0, at.timestamp()))


@settings(max_examples=20)
@given(pasts(), st.integers(1, 200))
def test_a_snapshot_fed_with_the_rest_is_as_good_as_the_whole(past, hours):
    tickets, events = past
    since, end = moment(hours), moment(300)
    ordered = sorted(events, key=lambda event: event["at"])
    early, late = ([event for event in ordered if (event["at"] < since) is part] for part in (True, False))
    path = as_of_path(tickets, events)
    half = state_of(tickets, early)
    state = AssigneeHistory(FIELDS, KEYS, "assignee_id", snapshot_of(path, since.timestamp()), half.tickets)
    state.file(tickets)
    for event in late:
        state.update([event])
    values = FIELDS.of_ticket(tickets[0], tickets[0]["created_at"])
    same(counted(state, values, end, path.facts.candidates), vectorised(path, 0, end.timestamp()))


@settings(max_examples=25)
@given(pasts(), pasts(), st.integers(0, 220))
def test_nothing_that_happens_at_or_after_the_moment_changes_a_history(past, other, hours):
    tickets, events = past
    at = moment(hours)
    before = [event for event in events if event["at"] < at]
    later = [event for event in other[1] if event["at"] >= at]
    rests = [event for event in events if event not in before], later
    paths = [as_of_path(tickets, [*before, *rest]) for rest in rests]
    shared = [name for name in PEOPLE if all(name in path.facts.candidates for path in paths)]
    found = []
    for path in paths:
        who = np.array([path.facts.candidates.index(name) for name in shared], dtype=np.int64)
        found.append(path.counts(np.zeros(len(who), dtype=np.int64), np.full(len(who), at.timestamp()), who))
    same(*found)


def test_priors_of_all_candidates_are_those_of_their_counts():
    events = [{"ticket_id": "T0", "at": moment(5), "event": "assigned", "assignee_id": "a1", "group": "网络"},
              {"ticket_id": "T1", "at": moment(6), "event": "resolved", "assignee_id": "a2", "group": "桌面"}]
    tickets = [{"id": name, "created_at": moment(0), "site": "沪", "customer": {"id": "C1"}} for name in TICKETS]
    path = as_of_path(tickets, events)
    at = moment(9).timestamp()
    np.testing.assert_allclose(path.priors(np.array([0]), np.array([at]))[0], history_prior(vectorised(path, 0, at)))


def test_events_from_before_the_snapshot_of_forgotten_tickets_are_ignored_and_counted():
    tickets = [{"id": name, "created_at": moment(0), "site": "沪", "customer": {"id": "C1"}} for name in TICKETS]
    events = [{"ticket_id": "T0", "at": moment(5), "event": "resolved", "assignee_id": "a1", "group": None}]
    path = as_of_path(tickets, events)
    state = AssigneeHistory(FIELDS, KEYS, "assignee_id", snapshot_of(path, moment(10).timestamp()))
    assert state.update(events) == 0
    assert state.ignored == 1
    assert state.update([{"ticket_id": "T0", "at": None, "event": "resolved"}]) == 0


def test_the_newest_fact_is_that_of_the_tickets_however_late_the_snapshot_was_taken():
    tickets = [{"id": "T0", "created_at": moment(0), "site": "沪", "customer": {"id": "C1"}}]
    events = [{"ticket_id": "T0", "at": moment(5), "event": "resolved", "assignee_id": "a1", "group": None}]
    years_later = moment(100_000).timestamp()
    state = AssigneeHistory(FIELDS, KEYS, "assignee_id", snapshot_of(as_of_path(tickets, events), years_later))
    assert state.newest == moment(5).timestamp()
    assert state.seen_since(state.newest) == ["a1"]
    nothing = AssigneeHistory(FIELDS, KEYS, "assignee_id", snapshot_of(as_of_path(tickets, []), years_later))
    assert nothing.newest == float("-inf")


def test_a_ticket_told_of_before_it_was_filed_is_counted_under_its_fields_afterwards():
    event = {"ticket_id": "T9", "at": moment(5), "event": "resolved", "assignee_id": "a1"}
    ticket = {"id": "T9", "created_at": moment(0), "site": "沪", "customer": {"id": "C1"}}
    first, second = state_of([], [event]), state_of([ticket], [event])
    assert first.unseen({"site": "沪"}) == ["site"]
    assert first.unseen({"site": ""}) == []
    first.file([ticket])
    assert first.unseen({"site": "沪"}) == []
    values = FIELDS.of_ticket(ticket, ticket["created_at"])
    same(*(counted(each, values, moment(8), ["a1"]) for each in (first, second)))
    assert first.alike(HistoryKey(("site",)), values, moment(8).timestamp(), "a1") == (1, 1)


def test_a_candidate_nobody_knows_has_an_empty_history():
    state = state_of([], [])
    counts = counted(state, FIELDS.of_ticket({}, None), moment(1), ["nobody"])
    assert not counts.own.any()
    assert history_prior(counts).tolist() == [0.0]


@pytest.mark.parametrize("ticket", [{}, {"id": None}, {"id": "T1", "created_at": None, "customer": None}])
def test_tickets_with_little_to_say_are_taken(ticket):
    state = state_of([], [])
    state.file([ticket])
    assert state.update([{"ticket_id": "T1", "at": moment(1), "event": "assigned", "assignee_id": "a1"}]) == 1


def test_a_count_that_was_read_is_counted_on_and_taken_back():
    ticket = {"id": "T9", "created_at": moment(0), "site": "沪", "customer": {"id": "C1"}}
    values = FIELDS.of_ticket(ticket, ticket["created_at"])
    state = state_of([ticket], [])

    def solved():
        return counted(state, values, moment(50), ["a1", "a2"]).own[:, SOLVED].tolist()

    assert solved() == [[0.0, 0.0]] * len(KEYS)
    state.update([{"ticket_id": "T9", "at": moment(5), "event": "resolved", "assignee_id": "a1"}])
    assert solved() == [[1.0, 0.0]] * len(KEYS)
    state.update([{"ticket_id": "T9", "at": moment(4), "event": "resolved", "assignee_id": "a2"}])
    assert solved() == [[0.0, 1.0]] * len(KEYS)


def test_values_are_read_as_often_as_asked_for_however_many_are_kept(monkeypatch):
    monkeypatch.setattr("features.routing.counted_cells._MOST_KEPT", 2)
    tickets = [{"id": f"T{number}", "created_at": moment(0), "site": f"S{number}"} for number in range(5)]
    state = state_of(tickets, [{"ticket_id": each["id"], "at": moment(5), "event": "resolved", "assignee_id": "a1"}
                               for each in tickets])
    for _ in range(2):
        for ticket in tickets:
            counts = counted(state, FIELDS.of_ticket(ticket, None), moment(9), ["a1"])
            assert counts.own[KEYS.index(HistoryKey(("site",))), SOLVED].tolist() == [1.0]
