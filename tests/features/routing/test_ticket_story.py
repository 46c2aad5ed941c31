"""A ticket's events become facts that no order and no repetition changes."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.routing.ticket_story import CSAT, HOLD, PASS, REOPEN, SOLVE, TOUCH, TicketEvent, event_of, story

RANK = {"created": 0, "assigned": 1, "reopened": 4, "resolved": 5, "closed": 6, "csat": 7}


def told(event, at, who="", group="", csat=float("-inf")):
    return TicketEvent(float(at), RANK[event], event, who, group, csat)


def facts(*events):
    return [(fact.kind, fact.at, fact.who, fact.value) for fact in story(events, "assignee_id", None)]


def test_a_ticket_that_is_passed_on_is_solved_by_its_last_holder():
    found = facts(told("assigned", 1, "a1"), told("assigned", 2, "a2"), told("resolved", 3))
    assert found == [(TOUCH, 1, "a1", 1), (HOLD, 1, "a1", 1), (HOLD, 2, "a1", -1), (PASS, 2, "a1", 1),
                     (TOUCH, 2, "a2", 1), (HOLD, 2, "a2", 1), (SOLVE, 3, "a2", 1), (HOLD, 3, "a2", -1)]


def test_a_reopened_ticket_is_held_again_and_counts_against_its_solver():
    found = facts(told("assigned", 1, "a1"), told("resolved", 2), told("reopened", 3), told("resolved", 4))
    assert [each for each in found if each[0] in (SOLVE, REOPEN)] == [(SOLVE, 2, "a1", 1), (REOPEN, 3, "a1", 1)]
    assert sum(each[3] for each in found if each[0] == HOLD) == 0


def test_who_solved_it_may_be_told_with_the_solution_only():
    assert (SOLVE, 5, "a9", 1) in facts(told("resolved", 5, "a9"))


def test_a_solution_by_nobody_known_says_nothing():
    assert facts(told("created", 1), told("resolved", 2), told("closed", 3)) == []


def test_no_ticket_is_answered_by_its_own_events():
    found = story([told("assigned", 1, "a1"), told("resolved", 9)], "assignee_id", 5.0)
    assert min(fact.at for fact in found) == 5.0


def test_satisfaction_is_credited_to_the_solver():
    assert (CSAT, 9, "a1", 4) in facts(told("resolved", 2, "a1"), told("csat", 9, csat=4.0))


EVENTS = st.lists(
    st.builds(told, st.sampled_from(sorted(RANK)), st.integers(0, 6), st.sampled_from(["", "a1", "a2"]),
              st.sampled_from(["", "g"])), max_size=8)


@given(EVENTS, st.randoms())
def test_facts_depend_on_no_order_and_no_repetition(events, random):
    mixed = [*events, *events[:3]]
    random.shuffle(mixed)
    assert facts(*mixed) == facts(*events)


@given(EVENTS, st.integers(0, 7))
def test_facts_before_a_moment_depend_on_events_before_it_only(events, moment):
    early = [event for event in events if event.at < moment]
    assert facts(*early) == [fact for fact in facts(*events) if fact[1] < moment]


@given(EVENTS)
def test_the_load_of_a_ticket_is_never_negative_and_at_most_one(events):
    load = 0.0
    moments: dict[float, float] = {}
    for kind, at, _, value in facts(*events):
        load += value if kind == HOLD else 0.0
        moments[at] = load
    assert all(0 <= each <= 1 for each in moments.values())


@pytest.mark.parametrize("row", [
    {"event": "deleted", "at": datetime(2026, 1, 1, tzinfo=UTC)}, {"event": "assigned", "at": None},
    {"event": "assigned", "at": "2026-01-01"}, {}])
def test_rows_without_a_known_kind_or_time_are_no_events(row):
    assert event_of(row) is None
