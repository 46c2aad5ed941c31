"""Who may take a ticket at all, and why the others may not."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.routing.answer import Candidate, Ranked, groups_of
from models.routing.confidence import ANYBODY
from models.routing.question import loads_of
from models.routing.rules import checked_team, contradictory, decided, needed_skills, owned, screened

LIMITS = {ANYBODY: {"auto": 0.9, "suggest": 0.4}}


@pytest.mark.parametrize(("candidate", "load", "code"), [
    (Candidate("a", active=False, status="offline"), 0, "inactive"),
    (Candidate("a", status="offline"), 0, "offline"),
    (Candidate("a", status="在开会"), 0, "offline"),
    (Candidate("a", capacity=3), 3, "at_capacity"),
    (Candidate("a", capacity=0), 0, "at_capacity"),
    (Candidate("a", capacity=-2), 0, "at_capacity"),
    (Candidate("a", skills=("网络",)), 0, "missing_skill"),
    (Candidate("a", skills=("打印机", "-打印机")), 0, "missing_skill"),
])
def test_each_reason_excludes_in_both_languages(candidate, load, code):
    allowed, excluded = screened([candidate], ["打印机"], {"a": load})
    assert allowed == []
    assert excluded[0].code == code
    assert excluded[0].text_zh
    assert excluded[0].text_en


def test_who_is_there_and_able_is_allowed():
    able = Candidate("a", skills=("打印机 ",), capacity=4, status="online")
    assert screened([able], ["打印机"], {"a": 3.0}) == ([able], [])


@pytest.mark.parametrize(("candidate", "warning"), [
    (Candidate("a", capacity=-1), "negative_capacity"), (Candidate("a", open_tickets=-1), "negative_open_tickets"),
    (Candidate("a", status="?"), "unknown_status"), (Candidate("a", skills=("x", "-x")), "contradictory_skills")])
def test_what_makes_no_sense_is_warned_of(candidate, warning):
    assert checked_team([candidate]).warnings == (warning,)


def test_a_repeated_candidate_counts_once_as_first_told():
    roster = checked_team([Candidate("a", capacity=1), Candidate("a", capacity=9)])
    assert [each.capacity for each in roster.candidates] == [1]
    assert roster.warnings == ("repeated_assignee",)


@pytest.mark.parametrize("ticket", [{"needs": ["打印机"]}, {"needs": "打印机; "}, {"context": {"needs": "打印机"}}])
def test_needed_skills_are_read_wherever_they_stand(ticket):
    assert needed_skills(ticket, "", {}) == ("打印机",)


def test_strange_needs_ask_for_nothing():
    assert needed_skills({"needs": 7, "context": None}, "product", {"product": ""}) == ()


class Read(tuple):
    """Skills that count how often they are read."""

    times = 0

    def __iter__(self):
        Read.times += 1
        return super().__iter__()


SKILLS = ["a", "A", "b", " b ", "-a", "-b", "--a", "-", "打印机", "-打印机", "网络"]
people = st.lists(st.builds(
    Candidate, st.uuids().map(str), skills=st.lists(st.sampled_from(SKILLS)).map(tuple), active=st.booleans(),
    status=st.sampled_from(["online", "offline", "", None, "在开会"]),
    capacity=st.sampled_from([None, None, None, 5.0])), max_size=6)


@given(people, st.lists(st.sampled_from([each.strip() for each in SKILLS])))
def test_a_roster_knows_of_all_at_once_what_is_asked_of_each_ticket(team, needs):
    roster = checked_team(team)
    excluded = {each.value: each.code for each in screened(team, needs, {})[1]}
    codes = [excluded.get(each.id) for each in team]
    assert (roster.present & roster.able(needs)).tolist() == [code is None for code in codes]
    assert roster.present.tolist() == [code not in ("inactive", "offline") for code in codes]


@given(people)
def test_a_team_is_free_where_nobody_could_be_left_out_however_much_is_in_hand(team):
    full = {each.id: 1e9 for each in team}
    assert checked_team(team).free == (not screened(team, (), full)[1])


@given(st.lists(st.sampled_from(SKILLS)))
def test_skills_contradict_each_other_where_one_denies_another(skills):
    having = {skill.strip() for skill in skills}
    assert contradictory(tuple(skills)) == any(f"-{skill}" in having for skill in having)


def test_each_persons_skills_are_read_once_however_many_needs_are_asked_about():
    roster = checked_team([Candidate("a", skills=Read(["焊接", "布线"]))])
    before = Read.times
    for number in range(50):
        assert not roster.able(["布线", f"技能{number}"]).any()
    assert Read.times == before + 1


def test_a_team_that_is_asked_ticket_after_ticket_has_its_skills_read_once():
    team = [Candidate("a", skills=Read(["扫描仪", "网络"]))]
    before = Read.times
    for number in range(50):
        assert screened(team, ["网络", f"技能{number}"], {})[1][0].numbers == {"skills": [f"技能{number}"]}
    assert Read.times == before + 1


RANKING = [Ranked("a", 0.6, 1.0), Ranked("b", 0.2, 1.0)]


def test_a_fixed_owner_comes_first_and_is_taken_without_doubt():
    roster = checked_team([Candidate("a"), Candidate("b")])
    ranking, rule, warnings = owned(RANKING, roster, roster.candidates, "b")
    assert [each.value for each in ranking] == ["b", "a"]
    assert (rule, warnings) == ({"id": "fixed_owner", "value": "b"}, ())
    assert decided(ranking, rule, LIMITS)[0] == "auto"


def test_an_absent_owner_leaves_the_ranking_and_says_so():
    roster = checked_team([Candidate("a"), Candidate("b", status="offline")])
    ranking, rule, warnings = owned(RANKING[:1], roster, roster.candidates[:1], "b")
    assert [each.value for each in ranking] == ["a"]
    assert (rule, warnings) == ({"id": "fixed_owner_absent", "value": "b"}, ())
    assert owned(RANKING, roster, roster.candidates, "z")[2] == ("unknown_owner",)


@pytest.mark.parametrize(("confidence", "decision"), [(0.9, "auto"), (0.5, "suggest"), (0.3, "abstain")])
def test_thresholds_decide(confidence, decision):
    assert decided([Ranked("a", confidence, 0.0)], None, LIMITS)[0] == decision
    assert decided([], None, LIMITS)[0] == "abstain"


def test_a_group_is_as_present_as_its_members():
    away = [Candidate("a", group="网络", status="offline", capacity=3), Candidate("b", group="网络", active=False)]
    assert groups_of(away)[0].status == "offline"
    here = [*away, Candidate("c", group="网络", capacity=5, skills=("路由",), open_tickets=2), Candidate("d")]
    assert groups_of(here) == [Candidate("网络", "网络", "网络", ("路由",), 2, 5, "online", True)]


class _Profiles:
    def loads(self, names):
        return [7.0 for _ in names]


def test_loads_are_what_the_team_tells_and_what_is_counted_of_the_others() -> None:
    state = SimpleNamespace(profiles=_Profiles())
    team = [Candidate("a", open_tickets=0), Candidate("b"), Candidate("c", open_tickets=3)]
    assert loads_of(team, state) == {"a": 0.0, "b": 7.0, "c": 3.0}
    assert loads_of([], state) == {}


def test_what_one_person_is_said_not_to_have_another_of_the_group_may_have():
    lacking = Candidate("a", group="维修", skills=("-打印机", "网络"))
    having = Candidate("b", group="维修", skills=("打印机",))
    assert groups_of([lacking, having])[0].skills == ("网络", "打印机")
    assert groups_of([lacking])[0].skills == ("网络",)
    assert groups_of([Candidate("a", group="维修", skills=("打印机", " -打印机"))])[0].skills == ()
