"""Priorities through the family: learnt, judged beside baselines, answered, backtested without a look ahead."""

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from fenzhen.errors import TrainingRefused
from fenzhen.workspace import load_workspace
from models.artefact import load_scorer
from models.specs import spec_of
from tests.models.made_up_priorities import ORDER, START, made_up_tables
from tests.training.made_up import made_up_provenance
from tests.training.registered import crowned
from training.drift.comparison import drift_of
from training.families.priority import FAMILY
from training.family import Ask, BacktestAsk, DriftAsk, Job, ScoreAsk, family_of

TOML = """
time_zone = "Asia/Shanghai"
[tables.tickets]
path = "tickets.csv"
[models.ticket_priority]
strength = 0.3
"""
RULES = '[[rule]]\nid = "smoke"\nfield = "priority"\nvalue = "紧急"\nany = ["冒烟"]\nmode = "raise"\n'
AS_OF = START + pd.Timedelta(days=65)
SPEC = spec_of("ticket_priority", {"strength": 0.3})


def company(folder, tickets, rules=RULES):
    folder.mkdir(exist_ok=True)
    (folder / "workspace.toml").write_text(TOML, "utf-8")
    (folder / "rules.toml").write_text(rules, "utf-8")
    tickets.dropna(axis=1, how="all").to_csv(folder / "tickets.csv", index=False)
    return load_workspace(folder)


@pytest.fixture(scope="module")
def tickets():
    return made_up_tables(560)["tickets"]


@pytest.fixture(scope="module")
def workspace(tickets, tmp_path_factory):
    return company(tmp_path_factory.mktemp("company"), tickets)


@pytest.fixture(scope="module")
def learned(workspace):
    return FAMILY.learn(Job(workspace, SPEC, AS_OF))


@pytest.fixture(scope="module")
def scorer(learned, tmp_path_factory):
    folder = tmp_path_factory.mktemp("artefact") / "v1"
    learned.save(folder, {"model": "ticket_priority", "field": "priority", **learned.facts()})
    return load_scorer(folder)


def test_the_spec_leads_here():
    assert family_of(SPEC) is FAMILY


def test_it_beats_its_baselines_and_passes_the_gate(learned):
    metrics = learned.metrics()
    assert learned.gate.passed, learned.gate.failures
    assert metrics["macro_f1"] > 0.7 > metrics["majority_macro_f1"]
    assert metrics["kappa"] > 0.7
    assert metrics["urgent_recall"] > metrics["majority_urgent_recall"]
    assert metrics["model_and_rules_urgent_recall"] >= metrics["urgent_recall"]
    assert {"back_off_macro_f1", "linear_macro_f1", "cost", "ece"} <= set(metrics)


def test_nothing_from_after_the_moment_is_learnt_from(learned):
    assert max(learned.data.windows["refit"].last, learned.facts()["evaluated_until"]) < AS_OF.isoformat()
    assert learned.data.rows == 65 * 8 - 8  # the newest day's tickets are not resolved yet


def test_the_report_says_in_chinese_what_the_order_adds(learned, tmp_path):
    learned.write_report(tmp_path, made_up_provenance())
    card = (tmp_path / "model_card.md").read_text("utf-8")
    assert "优先级的次序" in card
    assert "本模型加规则" in card
    assert pd.read_csv(tmp_path / "priority.csv")["name"].tolist() == [
        "model", "model_and_rules", "majority", "back_off", "linear"]
    with (tmp_path / "screen.txt").open("w") as file:
        learned.show(Console(file=file, width=120))
    assert "weighted kappa" in (tmp_path / "screen.txt").read_text()


def test_rows_are_answered_in_order_with_all_ranks(workspace, scorer, tickets):
    rows = workspace.map_rows("tickets", tickets.tail(30).astype("str").drop(columns="priority"))
    found = FAMILY.predict(Ask(workspace, SPEC, scorer, rows, top_k=4))
    assert found["ticket_id"].tolist() == tickets["ticket_id"].tail(30).tolist()
    assert list(found.columns) == ["ticket_id", "prediction", "confidence", "decision",
                                   *(f"rank_{place}" for place in range(1, 5)),
                                   *(f"confidence_{place}" for place in range(1, 5))]
    assert all(set(ranks) == set(ORDER) for ranks in found[[f"rank_{place}" for place in range(1, 5)]].to_numpy())
    told = found["prediction"] != ""
    assert (found["decision"] != "abstain").tolist() == told.tolist()
    assert (found["prediction"] == found["rank_1"])[told].all()


def test_a_backtest_does_not_look_ahead(workspace, tickets, tmp_path):
    dates = [START + pd.Timedelta(days=days) for days in (50, 60)]
    whole = FAMILY.backtest(BacktestAsk(workspace, SPEC, dates, dates[1] + pd.Timedelta(days=5)))
    later = tickets.copy()
    changed = later["created_at"] >= dates[1] + pd.Timedelta(days=5)
    later.loc[changed, ["priority", "site"]] = ["紧急", "S0"]
    later.loc[later["resolved_at"] >= dates[1] + pd.Timedelta(days=5), "priority"] = "低"
    again = FAMILY.backtest(BacktestAsk(company(tmp_path / "later", later), SPEC, dates,
                                        dates[1] + pd.Timedelta(days=5)))
    pd.testing.assert_frame_equal(whole.drop(columns="outcome"), again.drop(columns="outcome"))
    assert len(whole) == 15 * 8
    assert FAMILY.summary(whole, 3)["macro_f1"] > 0.6


def test_a_version_is_judged_on_tickets_filed_after_it(workspace, scorer, tmp_path):
    found = FAMILY.evaluate(Ask(workspace, SPEC, scorer, workspace.table("tickets")))
    assert found.seen == 65 * 8
    with (tmp_path / "screen.txt").open("w") as file:
        found.show(Console(file=file, width=120))
    assert "left out" in (tmp_path / "screen.txt").read_text()


def test_drift_compares_answers_labels_and_the_fields_that_are_read(workspace, scorer):
    found = drift_of(SPEC.name, FAMILY.drift(DriftAsk(workspace, SPEC, scorer)))
    reference, recent = found.spans
    assert reference.until == recent.start > pd.Timestamp(scorer.manifest["trained_until"])
    assert {shift.name for shift in found.shifts} | set(found.left_out) == {
        "label", "prediction", "abstentions", "confidence", "text_length", *scorer.priority.space.fields.names}
    assert {shift.level for shift in found.shifts if shift.decides} == {"steady"}


def test_a_champion_is_compared_on_what_it_has_not_seen(workspace, learned, tmp_path):
    early = FAMILY.learn(Job(workspace, SPEC, START + pd.Timedelta(days=50)))
    early.save(tmp_path / "v1", {"model": "ticket_priority", "field": "priority", **early.facts()})
    verdict = FAMILY.learn(Job(workspace, SPEC, AS_OF, champion=crowned(tmp_path / "v1", "ticket_priority"))).gate
    assert verdict.measurements["macro_f1_over_champion_ticket_priority/1"]["rows"] >= 100
    assert learned.gate.no_worse is None


def test_learning_twice_gives_the_same(workspace, learned, scorer):
    again = FAMILY.learn(Job(workspace, SPEC, AS_OF))
    np.testing.assert_array_equal(again.scorer.priority.weights, scorer.priority.weights)
    assert again.metrics() == learned.metrics()


def test_cohorts_are_not_its_business(workspace, scorer):
    with pytest.raises(TrainingRefused, match="answers single tickets"):
        FAMILY.score(ScoreAsk(workspace, SPEC, scorer, AS_OF))


@pytest.mark.parametrize(("columns", "message"), [
    ({"created_at": None}, "need created_at"), ({"priority": None}, "got no value"), ({"priority": "高"}, "got 高"),
])
def test_what_cannot_be_learnt_from_is_refused(tickets, tmp_path, columns, message):
    broken = tickets.assign(**columns)
    with pytest.raises(TrainingRefused, match=message):
        FAMILY.learn(Job(company(tmp_path / "broken", broken), SPEC, AS_OF))


def test_a_moment_before_all_tickets_is_refused(workspace):
    with pytest.raises(TrainingRefused, match="expected at least 200"):
        FAMILY.learn(Job(workspace, SPEC, pd.Timestamp("2020-01-01", tz="UTC")))


def test_too_few_tickets_are_refused(tickets, tmp_path):
    with pytest.raises(TrainingRefused, match="expected at least 200"):
        FAMILY.learn(Job(company(tmp_path / "small", tickets.head(100)), SPEC, AS_OF))
