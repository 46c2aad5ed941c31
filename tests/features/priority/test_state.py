"""The history of priorities: kept online or counted as of creation, it says the same, and nothing from later."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from features.filed_fields import FiledFields
from features.priority.as_of import Past, microseconds, past_of
from features.priority.counts import LONGEST
from features.priority.space import PrioritySpace
from features.priority.state import PriorityState, moment_of
from features.priority.tokens import hashed
from fenzhen.tables import conform

START = datetime(2026, 1, 1, tzinfo=UTC)
ORDER = ("高", "中", "低", "不急")
SPACE = PrioritySpace.of(FiledFields(("customer_id", "site", "product"), "Asia/Shanghai"),
                         [("customer_id",), ("site",), ("product",), ("site", "product"), ("customer_id", "site")],
                         "priority", ORDER)
HOURS = st.sampled_from((0, 1, 2, 23, 24, 25, 24 * 7, 24 * 29, 24 * 31, 24 * 100))


@st.composite
def companies(draw):
    """Tickets and what was seen of them, as tables; clocks may say that a level was seen before its ticket."""
    size = draw(st.integers(1, 7))
    values = [[draw(st.sampled_from(("a", "b", None))) for _ in range(size)] for _ in SPACE.fields.names]
    created = [START + timedelta(hours=draw(HOURS)) for _ in range(size)]
    tickets = conform("tickets", pd.DataFrame({
        "ticket_id": [f"T{row}" for row in range(size)], "created_at": pd.to_datetime(created, utc=True),
        **dict(zip(SPACE.fields.names, values, strict=True))}))
    told = [(f"T{draw(st.integers(0, size))}", START + timedelta(hours=draw(HOURS), minutes=draw(st.integers(-90, 90))),
             draw(st.sampled_from((*ORDER, "?", None)))) for _ in range(draw(st.integers(0, 8)))]
    events = pd.DataFrame(told, columns=["ticket_id", "at", "priority"]).astype({"at": "datetime64[us, UTC]"})
    return {"tickets": tickets, "ticket_events": events.assign(event="assigned")}, draw(st.randoms())


def rows_of(frame):
    return [{name: value for name, value in row.items() if not pd.isna(value)} for row in frame.to_dict("records")]


def vectorised(tables):
    past = past_of(tables, SPACE.fields, "priority", ORDER)
    at = microseconds(tables["tickets"]["created_at"])
    return SPACE.tokens.of_rows(past.values, past.counts(past.values, at, SPACE.keys, len(ORDER)))


def token_sets(found):
    return [set(found.keys[found.rows == row].tolist()) for row in range(found.size)]


@settings(max_examples=30, deadline=None, derandomize=True)
@given(companies())
def test_the_state_says_what_the_tables_say(case):
    tables, chance = case
    state, tickets, events = PriorityState(SPACE), rows_of(tables["tickets"]), rows_of(tables["ticket_events"])
    chance.shuffle(tickets)
    chance.shuffle(events)
    state.file(tickets)
    state.update(events + events[:2])
    state.file(tickets[:2])
    told = []
    for ticket in rows_of(tables["tickets"]):
        values = SPACE.values(ticket, ticket["created_at"])
        counts = state.counts(state.places(values), moment_of(ticket["created_at"]))
        told.append({hashed(token) for token in SPACE.tokens.of_ticket(values, counts)})
    assert told == token_sets(vectorised(tables))


@settings(max_examples=25, deadline=None, derandomize=True)
@given(companies(), HOURS)
def test_what_happens_at_or_after_creation_changes_nothing(case, hours):
    tables, _ = case
    edge = pd.Timestamp(START + timedelta(hours=hours))
    before = {"tickets": tables["tickets"][tables["tickets"]["created_at"] <= edge].reset_index(drop=True),
              "ticket_events": tables["ticket_events"][tables["ticket_events"]["at"] < edge]}
    cut, whole = token_sets(vectorised(before)), token_sets(vectorised(tables))
    kept = np.flatnonzero(tables["tickets"]["created_at"] <= edge)
    assert cut == [whole[row] for row in kept]


@settings(max_examples=25, deadline=None, derandomize=True)
@given(companies())
def test_a_kept_state_is_the_same_state(case):
    tables, _ = case
    state = PriorityState(SPACE)
    state.take(past_of(tables, SPACE.fields, "priority", ORDER), since=0)
    again = PriorityState(SPACE, state.kept())
    places = state.places({"customer_id": "a", "site": "b", "product": ""})
    for days in (0, 1, 40):
        at = moment_of(START + timedelta(days=days))
        np.testing.assert_array_equal(again.counts(places, at), state.counts(places, at))
    assert again.newest == state.newest


def test_tickets_of_nobody_have_no_history_in_common():
    state = PriorityState(SPACE)
    state.file([{"ticket_id": "T1", "created_at": START, "site": "s"}])
    counts = state.counts(state.places({"customer_id": "", "site": "s", "product": ""}), moment_of(START) + 1)
    by_key = dict(zip(SPACE.keys, counts[:, 0, 0, 0].tolist(), strict=True))
    assert by_key[("site",)] == 1
    assert by_key[("customer_id",)] == by_key[("customer_id", "site")] == 0


def test_pruning_forgets_only_what_no_window_reaches():
    state = PriorityState(SPACE)
    days = (0, 50, 100)
    state.file({"ticket_id": f"T{day}", "created_at": START + timedelta(days=day), "site": "s"} for day in days)
    state.update([{"ticket_id": "T50", "at": START + timedelta(days=51), "priority": "高"}])
    now, places = moment_of(START + timedelta(days=101)), state.places({"customer_id": "", "site": "s", "product": ""})
    before = state.counts(places, now)
    state.prune(now)
    np.testing.assert_array_equal(state.counts(places, now), before)
    assert len(state) == 2
    assert now - moment_of(START) > LONGEST


def test_events_without_a_ticket_a_level_or_a_time_tell_nothing():
    state = PriorityState(SPACE)
    state.file([{"ticket_id": None, "created_at": START}, {"ticket_id": "T1"}, {"id": "T2", "created_at": START}])
    state.update([{"ticket_id": "T9", "at": START, "priority": "高"}, {"ticket_id": "T2", "at": START},
                  {"ticket_id": "T2", "priority": "高"}, {"ticket_id": "T2", "at": START, "priority": "很高"}])
    assert len(state) == 1
    assert not len(state.kept().seen)


def test_the_past_knows_tickets_without_times_not_at_all():
    tickets = conform("tickets", pd.DataFrame({"ticket_id": ["T1"], "site": ["s"]}))
    past = past_of({"tickets": tickets}, SPACE.fields, "priority", ORDER)
    assert isinstance(past, Past)
    state = PriorityState(SPACE)
    state.take(past, since=0)
    assert len(state) == 0
