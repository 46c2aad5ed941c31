"""Routing models are learnt, gated, backtested and predict as the command line promises, without knowing the future."""

from dataclasses import replace

import pandas as pd
import pytest
from rich.console import Console

from fenzhen.errors import TrainingRefused
from fenzhen.workspace import load_workspace
from models.artefact import load_scorer
from models.specs import spec_of
from tests.models.made_up_desk import TIME, write_desk
from tests.training.made_up import made_up_provenance
from tests.training.registered import crowned
from training.drift.comparison import drift_of
from training.family import Ask, BacktestAsk, DriftAsk, Job, ScoreAsk, family_of

AS_OF = pd.Timestamp("2026-02-25", tz="UTC")
LATE = pd.Timestamp("2026-02-14", tz="UTC")


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A workspace of a made-up help desk."""
    return write_desk(tmp_path_factory.mktemp("desk"))


def spec(desk, name="assignee"):
    return spec_of(name, desk.model_settings(name))


@pytest.fixture(scope="module")
def learned(desk):
    """The model of people, learnt from it."""
    return family_of(spec(desk)).learn(Job(desk, spec(desk), AS_OF))


@pytest.fixture(scope="module")
def artefact(learned, tmp_path_factory):
    """Its artefact."""
    folder = tmp_path_factory.mktemp("artefact")
    learned.save(folder / "a", {"model": "assignee", "field": "assignee"})
    return folder / "a"


def test_it_beats_the_baselines_and_says_so(learned):
    metrics = learned.metrics()
    assert metrics["top_1"] > metrics["majority_top_1"] + 0.3
    assert metrics["top_1"] >= 0.8
    assert {"top_3", "mrr", "back_off_top_3", "linear_mrr", "ece", "coverage_at_95"} <= set(metrics)
    assert learned.data.rows == 600
    assert learned.facts()["trained_until"] > learned.data.windows["test"].first
    console = Console(record=True, width=200)
    learned.show(console)
    assert "top_1" in console.export_text()


def test_the_report_has_slices_and_a_card(learned, tmp_path):
    learned.write_report(tmp_path, made_up_provenance(model="assignee"))
    assert (tmp_path / "model_card.md").read_text(encoding="utf-8")
    assert len(pd.read_csv(tmp_path / "slices.csv"))


def test_the_input_example_is_answered_as_the_signature_says(learned, artefact):
    found = load_scorer(artefact).frame(learned.input_example())
    assert list(learned.signature().outputs) == found.columns.tolist()
    assert set(learned.input_example().columns) == set(learned.signature().inputs)


def test_predictions_have_the_promised_columns_in_the_rows_order(desk, artefact):
    rows = desk.table("tickets").iloc[[500, 3, 599]].assign(assignee_id=None, group=None)
    found = family_of(spec(desk)).predict(Ask(desk, spec(desk), load_scorer(artefact), rows, top_k=2))
    assert found.columns.tolist() == ["ticket_id", "prediction", "confidence", "decision", "rank_1", "rank_2",
                                      "confidence_1", "confidence_2"]
    assert found["ticket_id"].tolist() == rows["ticket_id"].tolist()
    assert found["rank_2"].ne("").all()
    assert (found["confidence_1"] >= found["confidence_2"]).all()


def test_predictions_of_past_tickets_do_not_know_their_own_end(desk, artefact, tmp_path):
    rows = desk.table("tickets").iloc[550:].reset_index(drop=True)
    family, scorer = family_of(spec(desk)), load_scorer(artefact)
    first = family.predict(Ask(desk, spec(desk), scorer, rows))
    altered = altered_after(desk, tmp_path, pd.Timestamp(rows["created_at"][0]))
    second = family.predict(Ask(altered, spec(desk), scorer, rows))
    pd.testing.assert_frame_equal(first.iloc[:1], second.iloc[:1])


def altered_after(desk, folder, moment):
    """Copy a workspace with every fact from ``moment`` on told otherwise."""
    for name in ("workspace.toml", "assignees.csv", "customers.csv"):
        (folder / name).write_bytes((desk.folder / name).read_bytes())
    since = moment.tz_convert("Asia/Shanghai").strftime(TIME)
    tickets, events = (pd.read_csv(desk.folder / f"{name}.csv", dtype=str) for name in ("tickets", "ticket_events"))
    later = tickets["resolved_at"] >= since
    tickets.loc[later, ["assignee_id", "group", "csat"]] = ["网络-2a", "网络", "1"]
    after = events["at"] >= since
    events.loc[after & events["assignee_id"].notna(), ["assignee_id", "group"]] = ["网络-2a", "网络"]
    tickets.to_csv(folder / "tickets.csv", index=False)
    events.to_csv(folder / "ticket_events.csv", index=False)
    return load_workspace(folder)


def test_a_fit_knows_nothing_that_was_told_at_or_after_its_date(desk, tmp_path):
    family, day = family_of(spec(desk)), LATE + pd.Timedelta(hours=3)
    found = [family.backtest(BacktestAsk(each, spec(desk), [LATE], day)) for each in
             (desk, altered_after(desk, tmp_path, LATE))]
    assert len(found[0]) == 2
    pd.testing.assert_frame_equal(found[0].iloc[:1].drop(columns="outcome"), found[1].iloc[:1].drop(columns="outcome"))


def test_a_backtest_answers_every_ticket_once_and_gets_better_than_chance(desk):
    family = family_of(spec(desk, "assignee_group"))
    found = family.backtest(BacktestAsk(desk, spec(desk, "assignee_group"), [LATE, LATE + pd.Timedelta(days=5)]))
    created = desk.table("tickets")["created_at"]
    assert len(found) == int((created >= LATE).sum())
    assert found["outcome"].ne("").all()
    summary = family.summary(found, 3)
    assert summary["rows"] == len(found)
    assert summary["top_1"] > 0.85
    assert summary["mrr"] <= 1


def test_the_same_seed_gives_the_same_answers(desk):
    family, day = family_of(spec(desk)), LATE + pd.Timedelta(days=1)
    first, second = (family.backtest(BacktestAsk(desk, spec(desk), [LATE], day, seed=3)) for _ in range(2))
    pd.testing.assert_frame_equal(first, second)


def test_a_version_is_judged_on_later_tickets_only(desk, tmp_path):
    family = family_of(spec(desk))
    early = family.learn(Job(desk, spec(desk), LATE))
    early.save(tmp_path / "a", {"model": "assignee", "field": "assignee"})
    judged = family.evaluate(Ask(desk, spec(desk), load_scorer(tmp_path / "a"), desk.table("tickets")))
    assert len(judged.evaluation.labels) == int((desk.table("tickets")["created_at"] >= LATE).sum())
    assert judged.metrics()["top_1"] > 0.6
    challenger = family.learn(Job(desk, spec(desk), AS_OF, champion=crowned(tmp_path / "a", "assignee", 4)))
    assert any("the champion assignee/4: macro-F1" in reason for reason in challenger.gate.reasons)


def test_what_cannot_be_learnt_from_is_refused(desk):
    family, early = family_of(spec(desk)), pd.Timestamp("2026-01-06", tz="UTC")
    with pytest.raises(TrainingRefused, match="expected at least 50"):
        family.learn(Job(desk, spec(desk), early))
    with pytest.raises(TrainingRefused, match="no ticket with created_at"):
        family.learn(Job(desk, spec(desk), pd.Timestamp("2020-01-01", tz="UTC")))
    with pytest.raises(TrainingRefused, match="answers single tickets"):
        family.score(ScoreAsk(desk, spec(desk), None, AS_OF))


def test_people_who_are_not_active_are_never_recommended(desk, artefact):
    scorer = load_scorer(artefact)
    gone = replace(scorer, roster=tuple(each._replace(active=each.id != "硬件-0b") for each in scorer.roster))
    rows = desk.table("tickets").iloc[500:]
    before, after = (family_of(spec(desk)).predict(Ask(desk, spec(desk), each, rows)) for each in (scorer, gone))
    assert (before["rank_1"] == "硬件-0b").any()
    assert not (after["rank_1"] == "硬件-0b").any()
    assert after.loc[after["rank_3"] == "硬件-0b", "confidence_3"].eq(0).all()


def test_drift_compares_the_tickets_since_a_date_with_as_long_a_time_before(desk, learned, tmp_path):
    learned.save(tmp_path / "a", {"model": "assignee", "field": "assignee", **learned.facts()})
    scorer = load_scorer(tmp_path / "a")
    compared = family_of(spec(desk)).drift(DriftAsk(desk, spec(desk), scorer, since=LATE))
    reference, recent = compared.spans
    assert (reference.until, recent.start) == (LATE, LATE)
    assert reference.until - reference.start == recent.until - recent.start
    found = drift_of("assignee", compared)
    assert {shift.name: shift.kind for shift in found.shifts}.items() >= {
        "label": "label", "prediction": "answer", "confidence": "answer"}.items()
    assert not {shift.name for shift in found.shifts if shift.decides} & {"confidence", "abstentions"}
