"""A learnt router ranks, explains, excludes, spreads and answers whatever it is asked."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fenzhen.errors import ArtefactError
from models.artefact import MANIFEST, load_scorer
from models.routing import rules as routing_rules
from models.routing.answer import Candidate
from models.routing.artefact import write
from models.routing.rules import checked_team
from models.routing.scorer import RoutingScorer
from models.specs import spec_of
from tests.models.made_up_desk import expert, write_desk
from training.routing.dataset import routing_dataset, routing_tables
from training.routing.scorers import scorer_of
from training.routing.study import RoutingStudy

NOW = datetime(2026, 2, 25, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def artefact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A router of people, learnt from a made-up desk and saved."""
    folder = tmp_path_factory.mktemp("desk")
    workspace = write_desk(folder / "workspace")
    spec = spec_of("assignee", workspace.model_settings("assignee"))
    as_of = pd.Timestamp("2026-02-25", tz="UTC")
    tables = routing_tables(workspace, spec, as_of)
    dataset = routing_dataset(tables, spec, workspace)
    edge = float(dataset.at[int(len(dataset) * 0.8)])
    scorer = scorer_of(RoutingStudy(dataset, spec, [edge, as_of.timestamp()]), as_of.timestamp(), tables)
    write(scorer, folder / "artefact", {"model": "assignee", "field": "assignee"})
    return folder / "artefact"


@pytest.fixture(scope="module")
def router(artefact: Path) -> RoutingScorer:
    """The router as loaded."""
    return load_scorer(artefact)


def ticket(site="上海", product="打印机", **more):
    return {"id": "T-new", "subject": f"{product}坏了", "site": site, "product": product, "created_at": NOW, **more}


@pytest.mark.parametrize(("text", "warned"), [
    ({"subject": "打印机坏了"}, set()), ({"subject": " ", "body": "<p></p>"}, {"empty_text"}),
    ({"subject": "Wi-Fi ei toimi"}, {"unknown_words"}), ({"subject": "😀"}, {"unknown_words"}),
])
def test_a_text_that_says_nothing_is_told(router, text, warned):
    answer = router.rank({**ticket(), "subject": None, **text}, router.new_state())
    assert set(answer.warnings) & {"empty_text", "unknown_words"} == warned
    assert answer.ranking


@pytest.mark.parametrize("site", ["上海", "北京", "广州"])
def test_the_expert_of_today_is_ranked_first_and_explained_with_numbers(router, site):
    answer = router.rank(ticket(site), router.new_state(), explain=True)
    assert answer.ranking[0].value == expert(site, "打印机", late=True)
    assert answer.ranking[0].confidence > 0.5
    assert 1 <= len(answer.reasons) <= 3
    solved = [reason for reason in answer.reasons if reason["code"].startswith("solved_same_")]
    assert solved
    assert f"{solved[0]['numbers']['solved']}/{solved[0]['numbers']['of']}" in solved[0]["text_zh"]
    assert "solved" in solved[0]["text_en"]


def test_the_freshest_history_counts_though_the_fit_is_old(router):
    state = router.new_state()
    newcomer = [{"ticket_id": f"N{number}", "event": event, "at": NOW + timedelta(hours=number, minutes=minutes),
                 "assignee_id": "new", "group": "硬件"}
                for number in range(120) for minutes, event in ((0, "assigned"), (30, "resolved"))]
    state.file({**ticket(id=f"N{number}"), "created_at": NOW + timedelta(hours=number)} for number in range(120))
    state.update(newcomer)
    answer = router.rank(ticket(), state, now=NOW + timedelta(hours=121))
    assert answer.ranking[0].value == "new"


def test_only_the_team_that_is_named_is_ranked_and_who_is_away_is_excluded(router):
    team = [Candidate("硬件-0b", status="offline"), Candidate("硬件-1b"),
            Candidate("网络-0b", capacity=2, open_tickets=2)]
    answer = router.rank(ticket(), router.new_state(), team=team)
    assert [each.value for each in answer.ranking] == ["硬件-1b"]
    assert [(each.value, each.code) for each in answer.excluded] == [("硬件-0b", "offline"), ("网络-0b", "at_capacity")]


@pytest.mark.parametrize(("team", "warning"), [
    ([], "no_assignees"), ([Candidate("硬件-0b", active=False)], "all_excluded"),
    ([Candidate("硬件-0b", capacity=-3)], "negative_capacity")])
def test_teams_without_anybody_who_can_are_an_abstention_with_a_warning(router, team, warning):
    answer = router.rank(ticket(), router.new_state(), team=team)
    assert warning in answer.warnings
    assert (answer.value, answer.decision, answer.ranking) == (None, "abstain", ())


def test_a_roster_is_ranked_as_the_team_that_it_was_made_of(router):
    team = [Candidate("硬件-0b"), Candidate("硬件-1b", status="odd"), Candidate("硬件-0b", capacity=0)]
    assert router.rank(ticket(), router.new_state(), team=checked_team(team)) == router.rank(
        ticket(), router.new_state(), team=team)


def test_the_team_of_a_moment_is_the_same_object_until_somebody_else_is_seen_or_forgotten(router):
    state, now = router.new_state(), NOW.timestamp()
    team = router.team(state, now)
    assert {each.id for each in router.roster} <= {each.id for each in team}
    assert router.team(state, now + 3_600.0) is team
    state.update([{"ticket_id": "N", "event": "assigned", "at": NOW, "assignee_id": "new", "group": "硬件"}])
    assert {each.id for each in router.team(state, now)} == {*(each.id for each in team), "new"}
    assert {each.id for each in router.team(state, now + 400 * 86_400.0)} == {each.id for each in router.roster}


def test_a_team_of_strangers_is_ranked_with_a_warning(router):
    answer = router.rank(ticket(), router.new_state(), team=[Candidate("nobody"), Candidate("noone")])
    assert "unknown_assignees" in answer.warnings
    assert {each.value for each in answer.ranking} == {"nobody", "noone"}


def test_strangers_are_spread_by_load_and_then_by_id(router):
    team = [Candidate("z", open_tickets=1), Candidate("y", open_tickets=5), Candidate("a", open_tickets=1)]
    answer = router.rank({"id": "T", "created_at": NOW}, router.new_state(), team=team)
    assert {each.value for each in answer.ranking[:2]} == {"a", "z"}
    assert answer.ranking[0].value == "a"


def test_a_thousand_candidates_are_answered(router):
    team = [Candidate(f"p{number}", open_tickets=number % 7) for number in range(1000)]
    answer = router.rank(ticket(), router.new_state(), team=[*team, Candidate("硬件-0b")], top_k=5)
    assert answer.ranking[0].value == "硬件-0b"
    assert len(answer.ranking) == 5


@pytest.mark.parametrize(("strange", "warnings"), [
    ({}, set()), ({"id": "T", "created_at": None}, set()),
    ({"site": "火星", "product": "时光机", "customer": {"id": "C-new"}},
     {"unseen_site", "unseen_product", "unseen_customer_id"}),
    ({"subject": None, "body": "", "context": {"needs": []}, "customer": None}, set())])
def test_tickets_never_seen_before_are_answered(router, strange, warnings):
    answer = router.rank(strange, router.new_state())
    assert answer.ranking
    assert warnings <= set(answer.warnings)


def test_a_customers_fixed_owner_is_a_hard_rule_with_a_fallback(router):
    ruled = router.rank(ticket(product="网络", customer={"id": "C1"}), router.new_state())
    assert (ruled.value, ruled.decision, ruled.rule) == ("硬件-0b", "auto", {"id": "fixed_owner", "value": "硬件-0b"})
    assert ruled.model_value == expert("上海", "网络", late=True)
    team = [Candidate("硬件-0b", status="offline"), Candidate(expert("上海", "网络", late=True))]
    absent = router.rank(ticket(product="网络", customer={"id": "C1"}), router.new_state(), team=team)
    assert absent.rule == {"id": "fixed_owner_absent", "value": "硬件-0b"}
    assert absent.ranking[0].value == expert("上海", "网络", late=True)


@pytest.mark.parametrize("top_k", [1, 2, 20])
def test_an_owner_whom_the_model_ranks_last_comes_first_and_the_best_of_the_others_follow(router, top_k):
    free = router.rank(ticket(), router.new_state(), top_k=50)
    last = free.ranking[-1]
    ruled = router.rank(ticket(), router.new_state(), owner=last.value, top_k=top_k)
    assert ruled.ranking == (last, *free.ranking[:-1])[:top_k]
    assert (ruled.value, ruled.confidence, ruled.model_value) == (last.value, last.confidence, free.model_value)


def test_a_whole_queue_is_scored_as_each_ticket_alone(router):
    team = [Candidate(expert(site, product, late=True)) for site in ("上海", "北京") for product in ("打印机", "网络")]
    asked = [ticket("上海", "打印机"), ticket("北京", "网络", needs=["焊接"])]
    found = router.score_matrix(asked, router.new_state(), checked_team(team))
    alone = router.rank(asked[0], router.new_state(), team=team, top_k=4)
    expected = {each.value: each.confidence for each in alone.ranking}
    np.testing.assert_allclose(found[0], [expected[each.id] for each in team])
    assert not found[1].any()


def test_a_queue_reads_each_persons_skills_once_however_many_needs_there_are(router, monkeypatch):
    read, skills_of = [], routing_rules._held
    monkeypatch.setattr(routing_rules, "_held", lambda skills: read.append(skills) or skills_of(skills))
    roster = checked_team([Candidate("a", skills=("焊接3",)), Candidate("b")])
    found = router.score_matrix([ticket(needs=[f"焊接{number}"]) for number in range(6)], router.new_state(), roster)
    assert np.argwhere(found).tolist() == [[3, 0]]
    assert read == [("焊接3",), ()]


def test_rows_as_mlflow_serves_them_are_answered(router):
    rows = pd.DataFrame({"ticket_id": ["1", "2"], "created_at": [NOW, None], "site": ["上海", None],
                         "product": ["打印机", "网络"]})
    found = router.frame(rows)
    assert found.columns.tolist() == ["prediction", "confidence", "decision"]
    assert found["prediction"][0] == expert("上海", "打印机", late=True)


def test_the_loaded_artefact_answers_as_the_golden_cases_say(artefact):
    golden = json.loads((artefact / "golden.json").read_text(encoding="utf-8"))
    assert any(len(case["ranking"]) == 5 for case in golden)
    assert not list(artefact.glob("*.pkl"))


def test_changed_feature_code_is_noticed_by_the_golden_cases(artefact, monkeypatch):
    monkeypatch.setattr("features.routing.candidate_history.DAMPING", 9.0)
    with pytest.raises(ArtefactError, match="golden answers differ"):
        load_scorer(artefact)


def test_a_file_that_the_manifest_does_not_vouch_for_is_refused(artefact, tmp_path):
    copy = tmp_path / "copy"
    copy.mkdir()
    for file in artefact.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    manifest = json.loads((copy / MANIFEST).read_text(encoding="utf-8"))
    del manifest["files"]["trees.txt"]
    (copy / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(ArtefactError, match=r"does not vouch for trees\.txt"):
        load_scorer(copy)


def test_abstaining_keeps_the_ranking(router):
    never = replace(router, thresholds={"*": {"auto": None, "suggest": None}})
    answer = never.rank(ticket(), never.new_state())
    assert (answer.value, answer.decision) == (None, "abstain")
    assert len(answer.ranking) == 3
