"""Why somebody must not get a ticket of a queue: the same, pair by pair, as one ticket alone would be told."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.policy import Policy
from models.routing import rules as routing_rules
from models.routing.rules import needed_skills, screened
from serving.champions import Snapshot
from serving.routing.queue_suitability import suitability
from serving.schemas import AssignRequest

SKILLS = st.lists(st.sampled_from(["a", "A", " b ", "-a", "-b", "打印机"]), max_size=4)
NAMES = st.sampled_from(["x1", "x2", "x3", "x4"])
PEOPLE = st.lists(st.fixed_dictionaries({"id": NAMES}, optional={
    "skills": SKILLS, "open_tickets": st.integers(0, 3), "capacity": st.integers(0, 3),
    "status": st.sampled_from(["online", "away"])}), max_size=4)
QUEUE = st.lists(st.fixed_dictionaries(
    {"ticket": st.fixed_dictionaries({"subject": st.just("坏了")}, optional={"needs": SKILLS})},
    optional={"excluded": st.lists(NAMES, max_size=3)}), min_size=1, max_size=5)


def request(tickets: list[Any], assignees: list[Any]) -> AssignRequest:
    return AssignRequest.model_validate({"tickets": tickets, "assignees": assignees})


@given(QUEUE, PEOPLE)
def test_a_queues_reasons_are_those_of_each_pair(queue: list[Any], team: list[Any]) -> None:
    policy = Policy(ceiling=lambda _field, name: "off" if name == "x3" else "suggest")
    found = suitability(Snapshot(policy=policy), request(queue, team))
    for row, queued in enumerate(queue):
        needs = needed_skills(queued["ticket"], "", {})
        for column, person in enumerate(found.people):
            load = {person.id: float(person.open_tickets or 0)}
            always, unable = ([each.code for each in screened([person], asked, load)[1]] for asked in ((), needs))
            off = ["switched_off"] if person.id == "x3" else []
            barred = ["excluded"] if person.id in queued.get("excluded", ()) else []
            assert found.codes[row, column] == [*always, *off, *unable, *barred, ""][0]


def test_each_persons_skills_are_read_once_however_many_needs_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[tuple[str, ...]] = []
    skills_of = routing_rules._held
    monkeypatch.setattr(routing_rules, "_held", lambda skills: read.append(skills) or skills_of(skills))
    queue = [{"ticket": {"subject": "坏了", "needs": [f"技能{number}"]}} for number in range(100)]
    found = suitability(Snapshot(), request(queue, [{"id": "x1", "skills": ["技能7"]}, {"id": "x2"}]))
    assert [row for row in range(100) if found.allowed[row].any()] == [7]
    assert read == [("技能7",), ()]
