"""One priority scorer from fit to artefact: single tickets, tables and saved copies say the same."""

import hashlib
import json
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from features.priority.state import PriorityState
from fenzhen.errors import ArtefactError
from models.artefact import load_scorer
from models.policy import Policy, Rule
from models.priority.batch import decide_rows, fired_rows
from models.priority.reasons import priority_reasons
from tests.models.made_up_priorities import ORDER, made_up_rows, made_up_scorer, made_up_tables

FIRE = {"id": "fire", "field": "priority", "value": "紧急", "any": ["爆炸"], "mode": "raise"}


@pytest.fixture(scope="module")
def tables():
    return made_up_tables()


@pytest.fixture(scope="module")
def rows(tables):
    return made_up_rows(tables)


@pytest.fixture(scope="module")
def scorer(rows):
    return made_up_scorer(rows.take(np.arange(400)))


@pytest.fixture(scope="module")
def saved(scorer, tmp_path_factory):
    folder = tmp_path_factory.mktemp("priority") / "artefact"
    scorer.save(folder, scorer.manifest)
    return folder


def sent(tables):
    return [{name: value for name, value in row.items() if not pd.isna(value)}
            for row in tables["tickets"].to_dict("records")]


def test_it_learns_fields_words_and_history(scorer, rows):
    found = scorer.probabilities(rows.take(np.arange(400, 500)))
    assert found.shape == (100, 4)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    assert (found.argmax(axis=1) == rows.levels[400:]).mean() > 0.75


def test_single_tickets_after_their_history_get_what_the_table_gets(scorer, tables, rows):
    state, told = PriorityState(scorer.priority.space), sent(tables)
    state.file(told)
    state.update(tables["ticket_events"].to_dict("records"))
    newest = list(range(480, 500))
    answers = scorer.answers([told[row] for row in newest], state, Policy(), mode="auto")
    table = decide_rows(scorer, Policy(), rows.take(np.array(newest)), "auto")
    assert [answer.ranking[0] for answer in answers] == [
        (value, pytest.approx(share)) for value, share in (table.ranking(row, 1)[0] for row in range(len(newest)))]
    assert {answer.decision for answer in answers} <= {"auto", "suggest", "abstain"}


def test_a_rule_about_repeats_looks_back_over_tickets_of_every_priority(rows):
    again = Rule.from_dict({"id": "again", "field": "priority", "value": "紧急", "mode": "raise",
                            "repeats": {"same": "customer_id", "days": 90, "at_least": 1}})
    fired = fired_rows(rows.take(np.arange(400, 500)), [again])
    assert {len(each) for each in fired} <= {0, 1}
    assert any(fired)


def test_the_state_as_of_training_is_that_of_the_fitted_tickets(scorer, tables):
    state = PriorityState(scorer.priority.space)
    state.file(sent(tables)[:400])
    state.update(tables["ticket_events"].to_dict("records"))
    ticket = sent(tables)[399] | {"created_at": tables["tickets"]["created_at"][399] + timedelta(hours=1)}
    before, after = (scorer.answers([ticket], each, Policy()) for each in (scorer.new_state(), state))
    assert before == after


def test_reasons_name_fields_recent_tickets_and_words(scorer, tables):
    at = sent(tables)[-1]["created_at"]
    ticket = {"subject": "插座冒烟", "site": "S2", "customer": {"id": "C1"}, "created_at": at}
    (answer,) = scorer.answers([ticket], scorer.new_state(), Policy(), mode="auto", explain=True)
    assert answer.value == "紧急"
    assert {
        name: next(each for each in answer.reasons if each["code"] == "text")[name]
        for name in ("code", "field", "start", "end")} == {"code": "text", "field": "subject", "start": 0, "end": 4}
    weights = [each["weight"] for each in answer.reasons]
    assert weights == sorted(weights, reverse=True)
    assert all(each["code"] == "text" or (each["text_zh"] and each["text_en"]) for each in answer.reasons)


def test_tickets_that_lack_a_field_alike_are_not_said_to_share_it(scorer):
    model = scorer.priority
    tokens = [token for token, _ in model.known(list(model.space.tokens.counts.names)) if "[site]" in token]
    said = {told: [reason["text_zh"] for level in range(len(ORDER)) for reason in priority_reasons(
        model, [*tokens, told], level) if reason["code"] != "context"] for told in ("site=", "site=S1")}
    for told, words in (("site=", "未填网点的工单"), ("site=S1", "同网点的工单")):
        assert said[told]
        assert all(words in text for text in said[told])


def test_a_rule_raises_and_the_answer_shows_model_and_rule_apart(scorer, tables):
    policy = Policy.from_dict({"rules": [FIRE, {**FIRE, "id": "low", "value": "低", "any": ["发票"]}]})
    at = sent(tables)[-1]["created_at"]
    tickets = [{"subject": "系统很慢,屏幕爆炸", "site": "S1", "created_at": at},
               {"subject": "请问发票怎么开", "site": "S2", "created_at": at}]
    raised, kept = scorer.answers(tickets, scorer.new_state(), policy, explain=True)
    assert (raised.value, raised.rule, raised.decision) == (
        "紧急", {"id": "fire", "mode": "raise", "value": "紧急"}, "suggest")
    assert raised.model_value in ORDER[1:]
    assert raised.reasons[0] == {"code": "rule", "rule": "fire"}
    assert kept.rule is None  # a rule never lowers
    assert kept.model_value == kept.ranking[0][0] == "高"


def test_saved_and_loaded_it_gives_the_same(scorer, saved, tables, rows):
    loaded = load_scorer(saved)
    newest = rows.take(np.arange(450, 500))
    np.testing.assert_allclose(loaded.probabilities(newest), scorer.probabilities(newest))
    tickets = sent(tables)[-3:]
    again, before = (each.answers(tickets, each.new_state(), Policy()) for each in (loaded, scorer))
    assert again == before
    assert not list(saved.glob("*.pkl"))
    assert loaded.frame(tables["tickets"].tail(3)).index.tolist() == [497, 498, 499]


def test_the_artefact_holds_no_names_of_customers(saved):
    files = [path for path in saved.iterdir() if path.suffix != ".npy"]
    assert not any("C17" in path.read_text("utf-8") for path in files)


@pytest.mark.parametrize(("name", "change", "message"), [
    ("decision.json", {"temper": 3.0, "shares": [0.25] * 4}, "unusable shares"),
    ("golden.json", {"probabilities": [[0.25] * 4] * 5}, "golden probabilities differ"),
])
def test_a_forged_artefact_is_refused(scorer, tmp_path, name, change, message):
    folder = tmp_path / "forged"
    scorer.save(folder, scorer.manifest)
    (folder / name).write_text(json.dumps(change), "utf-8")
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest["files"][name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    with pytest.raises(ArtefactError, match=message):
        load_scorer(folder)


def test_tickets_without_words_are_answered_by_their_fields():
    rows = made_up_rows(made_up_tables(200, text=False))
    scorer = made_up_scorer(rows)
    assert scorer.priority.words is None
    assert len(scorer.answers([{"site": "S2"}, {}], scorer.new_state(), Policy())) == 2


def test_texts_that_share_no_words_leave_an_empty_vocabulary_that_is_saved_and_loaded(tmp_path):
    tables = made_up_tables(60)
    tables["tickets"]["subject"] = [chr(0x4E00 + row) for row in range(60)]
    rows = made_up_rows(tables)
    scorer = made_up_scorer(rows)
    assert len(scorer.priority.words.vocabulary) == 0
    scorer.save(tmp_path / "artefact", scorer.manifest)
    again = load_scorer(tmp_path / "artefact")
    (answer,) = again.answers([sent(tables)[0]], again.new_state(), Policy(), explain=True)
    assert answer.ranking
    np.testing.assert_allclose(again.probabilities(rows), scorer.probabilities(rows))


def test_a_history_that_has_fallen_silent_counts_as_it_stood_three_days_later(scorer, tables):
    state, told = PriorityState(scorer.priority.space), sent(tables)
    state.file(told)
    state.update(tables["ticket_events"].to_dict("records"))
    newest = max(ticket["created_at"] for ticket in told)
    ranking, warned = {}, {}
    for days in (2, 3, 5, 8, 400):
        ticket = {**told[0], "created_at": (newest + timedelta(days=days)).replace(hour=12)}
        (answer,) = scorer.answers([ticket], state, Policy())
        ranking[days], warned[days] = dict(answer.ranking), "stale_history" in answer.warnings
    assert ranking[5] == pytest.approx(ranking[8], abs=0.05)  # the weekday differs
    assert ranking[5] == pytest.approx(ranking[400], abs=0.05)
    assert warned == {2: False, 3: False, 5: False, 8: True, 400: True}


def test_rules_about_repeats_count_to_the_moment_itself(scorer, tables):
    state, told = PriorityState(scorer.priority.space), sent(tables)
    state.file(told)
    rule = {"id": "again", "field": "priority", "value": "紧急", "mode": "raise",
            "repeats": {"same": "customer_id", "days": 7, "at_least": 1}}
    policy = Policy(rules=(Rule.from_dict(rule),))
    after = max(ticket["created_at"] for ticket in told) + timedelta(hours=1)
    fired = [scorer.answers([{**told[-1], "created_at": after + timedelta(days=days)}], state, policy)[0].rule
             for days in (1, 30)]
    assert [each and each["id"] for each in fired] == ["again", None]
