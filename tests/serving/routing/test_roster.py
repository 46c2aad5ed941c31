"""Who may get tickets: what a request says counts before what was told, and that before what a model knows."""

from datetime import UTC, datetime

from fenzhen.store import AssigneeState
from models.routing.answer import Candidate
from serving.routing.roster import Roster
from serving.schemas import Assignee

ROSTER = Roster.of([
    AssigneeState("a1", "王工", None, ("网络",), None, 9.0, "offline", datetime(2026, 11, 26, tzinfo=UTC))])
KNOWN = (Candidate("a1", "王", "硬件", ("打印机",), active=False), Candidate("a2", skills=("墨盒",), capacity=5.0))


def test_gaps_are_filled_from_what_was_told_and_then_from_what_the_model_knows() -> None:
    (filled, given, stranger), _ = ROSTER.team([
        Assignee(id="a1", open_tickets=0), Assignee(id="a2", skills=[], capacity=2, status="online"),
        Assignee(id="a3"),
    ], KNOWN)
    assert filled == Candidate("a1", "王工", "硬件", ("网络",), 0, 9.0, "offline", active=False)
    assert given == Candidate("a2", skills=(), capacity=2, status="online")
    assert stranger == Candidate("a3")


def test_everybody_are_those_whom_the_model_knows_or_somebody_told_of() -> None:
    people, _ = Roster(ROSTER.told | {"a9": next(iter(ROSTER.told.values()))}).team(None, KNOWN)
    assert [each.id for each in people] == ["a1", "a2", "a9"]
    assert people[1] is KNOWN[1]
