"""A past period under another policy, on a company whose past is easy to reason about."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenzhen.errors import TrainingRefused
from tests.training.past_company import PEOPLE, START, past_tables, tables
from training.routing.comparison import compared, gini
from training.routing.experience import Experience
from training.routing.replay import Replayed, ReplayPolicy, replay
from training.routing.replay_past import PastTeam, PastTickets, read_past, read_team
from training.routing.team_habits import habits_of, week_hour

DAY = 24.0
FIRST = (START - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(hours=1)


@pytest.fixture(scope="module")
def company() -> tuple[PastTickets, PastTeam]:
    """Four weeks of a company that misroutes three tickets of ten."""
    told = past_tables()
    team = read_team(told)
    return read_past(told, team), team


def replayed(company: tuple[PastTickets, PastTeam], **policy: Any) -> tuple[PastTickets, Replayed]:
    past, team = company
    urgency = np.where(past.priority == "紧急", 0, 1)
    inside, found = replay(past, team, habits_of(past, team, 0.0), Experience(past, 4), urgency,
                           ReplayPolicy(**policy), FIRST + 14 * DAY, FIRST + 28 * DAY)
    return past.take(inside), found


def table(company: tuple[PastTickets, PastTeam], **policy: Any) -> "pd.DataFrame":
    past, found = replayed(company, **policy)
    return compared(past, found, 4, ["紧急", "低"]).set_index(["measure", "priority"])


def test_the_past_is_read_as_it_was(company: tuple[PastTickets, PastTeam]) -> None:
    past, team = company
    assert dict(zip(team.ids, (team.groups[each] for each in team.group), strict=True)) == PEOPLE
    assert (np.diff(past.created) >= 0).all()
    assert set(np.round(past.settled - past.created, 6)) == {0.5, 4.5}
    assert (past.moves == (past.settled - past.created > 1)).all()
    assert set(past.tier) == {"", "VIP", "普通"}


def test_who_knows_the_topics_is_right_at_first_and_moves_are_avoided(company: tuple[PastTickets, PastTeam]) -> None:
    found = table(company)
    assert found.loc[("reassignments", ""), "really"] > 15
    assert found.loc[("reassignments", ""), "policy"] == 0
    assert found.loc[("right at first, share", ""), "policy"] == 1
    assert found.loc[("left without anybody", ""), "policy"] == 0
    assert found.loc[("hours waited, p90", ""), "policy"] < found.loc[("hours waited, p90", ""), "really"]


def test_tickets_of_a_customer_with_a_fixed_person_or_group_go_there_while_they_are_there() -> None:
    told = past_tables()
    told["customers"] = pd.DataFrame({"customer_id": [f"C{number}" for number in range(10)], "customer_tier": "VIP",
                                      "owner": None, "keeper": ["b1", "硬件组"] * 5})
    team = read_team(told)
    known = read_past(told, team), read_past(told, team, fixed_owner="keeper")
    assert not known[0].fixed.any()
    past, found = replayed((known[1], team))
    assert set(past.fixed) == {"", "b1", "硬件组"}
    theirs = (past.fixed == "b1") & (past.group == team.groups.index("网络组"))
    assert theirs.any()
    assert {team.ids[each] for each in found.person[theirs]} == {"b1"}
    mistaken = (past.fixed == "硬件组") & (past.group == team.groups.index("网络组"))
    assert mistaken.any()
    assert (found.moves[mistaken] > 0).all()
    assert (found.moves[past.fixed == ""] == 0).all()


def test_urgent_tickets_wait_least_where_there_are_too_few_places() -> None:
    told = past_tables(a_day=16)
    team = read_team(told)
    found = table((read_past(told, team), team), capacity=1)
    urgent, other = (found.loc[("hours waited, median", name), "policy"] for name in ("紧急", "低"))
    assert urgent < other / 2


def test_nobody_ever_has_more_than_their_capacity_nor_works_out_of_their_shift(
    company: tuple[PastTickets, PastTeam],
) -> None:
    past, found = replayed(company, capacity=2)
    assert (found.person >= 0).all()
    took = past.resolved - past.settled
    for person in range(4):
        mine = found.person == person
        starts, ends = np.sort(found.settled[mine]), np.sort((found.settled + took)[mine])
        load = np.arange(1, len(starts) + 1) - np.searchsorted(ends, starts, side="right")
        assert load.max() <= 2
    hours = week_hour(found.settled, 0.0)
    assert ((hours % 24 >= 6) & (hours % 24 <= 23)).all()
    assert (hours < 5 * 24).all()


def test_who_does_not_fit_hands_on_after_the_time_a_move_takes(company: tuple[PastTickets, PastTeam]) -> None:
    past, team = company
    stranger = PastTickets(**{**vars(past), "facts": {}})
    inside, found = replay(stranger, team, habits_of(past, team, 0.0), Experience(stranger, 4),
                           np.zeros(len(past), dtype=np.int64), ReplayPolicy(), FIRST + 14 * DAY, FIRST + 28 * DAY)
    moved = found.moves > 0
    assert 0.2 < moved.mean() < 0.8
    assert (team.group[found.person] == past.group[inside]).all()
    waited = found.settled - past.created[inside]
    assert waited[moved].min() >= 4.5 > np.median(waited[~moved])


def test_the_same_past_gives_the_same_replay(company: tuple[PastTickets, PastTeam]) -> None:
    first, second = table(company), table(company)
    pd.testing.assert_frame_equal(first, second)


def test_greedy_and_solver_both_place_everybody(company: tuple[PastTickets, PastTeam]) -> None:
    for method in ("greedy", "solver"):
        assert (replayed(company, method=method)[1].person >= 0).all()


def test_experience_of_the_replay_never_knows_what_was_solved_later(company: tuple[PastTickets, PastTeam]) -> None:
    past, team = company
    later = past.created >= FIRST + 21 * DAY
    changed = PastTickets(**{**vars(past), "person": np.where(later, (past.person + 1) % 4, past.person)})
    urgency, habits = np.zeros(len(past), dtype=np.int64), habits_of(past, team, 0.0)
    before = [replay(each, team, habits, Experience(each, 4), urgency, ReplayPolicy(), FIRST + 14 * DAY,
                     FIRST + 21 * DAY)[1].person for each in (past, changed)]
    early = past.resolved[(past.created >= FIRST + 14 * DAY) & (past.created < FIRST + 21 * DAY)] < FIRST + 21 * DAY
    assert (before[0][early] == before[1][early]).all()


def test_tickets_without_creation_solution_or_person_are_left_out() -> None:
    told = past_tables(days=2)
    tickets = told["tickets"].copy()
    tickets.loc[0, "created_at"], tickets.loc[1, "resolved_at"], tickets.loc[2, "assignee_id"] = None, None, None
    team = read_team(told)
    assert len(read_past({**told, "tickets": tickets}, team)) == len(tickets) - 3
    with pytest.raises(TrainingRefused, match="nothing to replay"):
        read_past({**told, "tickets": tickets.iloc[:1]}, team)


def test_people_without_a_listed_group_belong_where_they_solved_most() -> None:
    told = past_tables(days=5)
    listed = [{"assignee_id": "c9", "skills": "打印机; 网络", "capacity": 2}]
    alone = tables(told["tickets"].dropna(axis=1, how="all").to_dict("records"), [], listed)
    team = read_team(alone)
    assert team.ids == ("a1", "a2", "b1", "b2", "c9")
    assert [team.groups[each] if each >= 0 else None for each in team.group] == [*PEOPLE.values(), None]
    assert team.skills[-1] == {"打印机", "网络"}
    assert team.capacity[-1] == 2


def test_a_fact_raises_who_solved_its_kind_and_everything_sums_to_one(company: tuple[PastTickets, PastTeam]) -> None:
    past, _ = company
    experience = Experience(past, 4)
    assert experience.quality(0, FIRST) == pytest.approx([0.25] * 4)
    experience.advance(FIRST + 20 * DAY)
    network = int(np.flatnonzero(past.facts["category"] == "网络")[-1])
    found = experience.quality(network, float(past.created[network]))
    assert found.sum() == pytest.approx(1)
    assert found[2:].sum() > 0.8
    assert experience.skilled(network).tolist() == [False, False, True, True]


@given(st.lists(st.integers(0, 50), min_size=1, max_size=8))
def test_unevenness_is_the_mean_difference_of_two_people(counts: list[int]) -> None:
    numbers = np.array(counts, dtype=np.float64)
    pairs = np.abs(numbers[:, None] - numbers[None, :]).mean()
    assert gini(numbers) == pytest.approx(pairs / (2 * numbers.mean()) if numbers.sum() else 0.0)
