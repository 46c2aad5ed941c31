"""Churn learnt, saved, scored and looked back at, on customers whose past is known."""

import io

import numpy as np
import pandas as pd
import pytest
from rich.console import Console
from typer.testing import CliRunner

from fenzhen.errors import ArtefactError, TrainingRefused
from fenzhen.exports import Exports
from fenzhen.metrics import roc_auc
from fenzhen.store import open_store
from fenzhen.workspace import load_workspace
from models.artefact import load_scorer
from models.specs import spec_of
from tests.training.leaving_customers import START, write_leaving, write_timeless
from tests.training.registered import crowned
from training import cli
from training.champions.doors import settings_of
from training.families.churn import FAMILY
from training.family import Ask, BacktestAsk, Job, ScoreAsk
from training.provenance import Provenance

AS_OF = START.tz_localize("UTC") + pd.Timedelta(days=270)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    return load_workspace(write_leaving(tmp_path_factory.mktemp("leaving")))


@pytest.fixture(scope="module")
def spec(workspace):
    return spec_of("churn", workspace.model_settings("churn"))


@pytest.fixture(scope="module")
def learned(workspace, spec):
    return FAMILY.learn(Job(workspace, spec, AS_OF, seed=3))


@pytest.fixture(scope="module")
def artefact(learned, tmp_path_factory):
    folder = tmp_path_factory.mktemp("artefact")
    learned.save(folder, {"model": "churn", "field": "churn", **learned.facts()})
    return folder


@pytest.fixture(scope="module")
def scored(workspace, spec, artefact):
    return FAMILY.score(ScoreAsk(workspace, spec, load_scorer(artefact), AS_OF))


def test_it_beats_recency_and_reports_every_baseline(learned):
    numbers = learned.metrics()
    assert {"recency_roc_auc", "buy_till_you_die_roc_auc", "logistic_roc_auc"} <= set(numbers)
    assert numbers["roc_auc"] > numbers["recency_roc_auc"]
    assert learned.data.regime == "time"
    assert {name: window.rows > 0 for name, window in learned.data.windows.items()} == dict.fromkeys(
        ("train", "validation", "test", "refit"), True)


def test_no_window_of_an_older_part_reaches_into_a_newer_one(learned):
    split, found = learned.judgement.split, learned.snapshots
    dates = np.array(found.dates, dtype=object)
    for older, newer in (("train", "validation"), ("validation", "test")):
        latest = dates[found.place[getattr(split, older)].max()]
        assert latest + found.horizon <= dates[found.place[getattr(split, newer)].min()]
    assert dates[-1] + found.horizon <= AS_OF


def test_the_artefact_gives_the_same_probabilities_and_holds_no_code(learned, artefact):
    loaded = load_scorer(artefact)
    rows = learned.snapshots.rows
    assert np.array_equal(loaded.probabilities(rows), learned.scorer.probabilities(rows))
    assert {path.suffix for path in artefact.iterdir()} == {".json", ".txt"}
    example = loaded.frame(learned.input_example())
    assert example.columns.tolist() == list(learned.signature().outputs)


def test_an_artefact_whose_golden_cases_differ_is_refused(artefact, tmp_path):
    from models.artefact import read_json, write_artefact

    manifest = read_json(artefact, "manifest.json")
    files = {name: read_json(artefact, name) if name.endswith(".json") else (artefact / name).read_text("utf-8")
             for name in manifest.pop("files")}
    files["calibration.json"]["x"] = [value * 2 for value in files["calibration.json"]["x"]]
    write_artefact(tmp_path, files, manifest)
    with pytest.raises(ArtefactError, match="golden"):
        load_scorer(tmp_path)


def test_the_report_has_a_look_back_and_a_card(learned, tmp_path):
    provenance = Provenance("churn", "churn", "silence", str(AS_OF), learned.data.regime, learned.data.gap, 3,
                            learned.data.dataset_sha256, learned.data.windows)
    learned.write_report(tmp_path, provenance)
    assert len(pd.read_csv(tmp_path / "backtest.csv")) >= 2
    card = (tmp_path / "model_card.md").read_text("utf-8")
    assert "沉默" in card
    assert "BG/NBD" in card


def test_the_cohort_is_scored_once_each_with_the_columns_of_the_contract(scored):
    frame = scored.frame
    assert frame.columns.tolist() == ["customer_id", "as_of", "horizon_days", "probability", "risk_level"]
    assert frame["customer_id"].is_unique
    assert frame["probability"].between(0, 1).all()
    assert (frame["risk_level"] == "high").sum() == round(len(frame) / 10)


def test_details_are_one_a_row_whole_or_in_pieces(scored):
    whole = list(scored.details)
    assert len(whole) == len(scored.frame)
    assert scored.details(3, 7) == whole[3:7]
    riskiest = whole[int(scored.frame["probability"].argmax())]
    assert 1 <= len(riskiest["reasons"]) <= 3
    assert riskiest["currency"] == "CNY"
    assert riskiest["attributes"]["name"].startswith("客户")
    told = [reason for each in whole for reason in each["reasons"] if reason["code"] == "tickets"]
    assert told[0]["action"] == "上门拜访"
    assert "张工单" in told[0]["text_zh"]


def test_levels_stay_for_who_hovers_at_the_edge(workspace, spec, artefact, scored):
    class Before:
        def levels_before(self, _model, _as_of):
            ranked = scored.frame.sort_values("probability", ascending=False)["customer_id"]
            return {(entity, ""): "high" if place == edge else "low" for place, entity in enumerate(ranked)}

    edge = int((scored.frame["risk_level"] == "high").sum())
    again = FAMILY.score(ScoreAsk(workspace, spec, load_scorer(artefact), AS_OF, Before())).frame
    ranked = again.sort_values("probability", ascending=False).reset_index(drop=True)
    assert ranked.loc[edge, "risk_level"] == "high"
    assert ranked.loc[edge - 1, "risk_level"] == "medium"


@pytest.mark.parametrize(("changed", "words"), [
    ({"horizon_days": 30}, "trained for horizon_days = 45, expected 30 as the workspace says"),
    ({"label": "complaint"}, "trained for label = 'silence', expected 'complaint'"),
    ({"kinds": ["order", "visit"]}, r"trained for kinds = \['order'\], expected \['order', 'visit'\]"),
])
def test_a_version_for_another_question_is_refused(workspace, artefact, changed, words):
    other, scorer = spec_of("churn", {**workspace.model_settings("churn"), **changed}), load_scorer(artefact)
    for work in (lambda: FAMILY.score(ScoreAsk(workspace, other, scorer, AS_OF)),
                 lambda: FAMILY.predict(Ask(workspace, other, scorer, workspace.table("customers"))),
                 lambda: FAMILY.evaluate(Ask(workspace, other, scorer, workspace.table("customers")))):
        with pytest.raises(TrainingRefused, match=words):
            work()


@pytest.mark.parametrize("key", ["customer_context", "customer_numbers"])
def test_columns_that_customers_do_not_have_are_refused_with_those_they_have(workspace, artefact, key):
    other = spec_of("churn", {**workspace.model_settings("churn"), key: ["owner", "seats"]})
    words = "name seats, which the table customers does not have; it has customer_id, name, customer_tier, since"
    with pytest.raises(TrainingRefused, match=words):
        FAMILY.learn(Job(workspace, other, AS_OF))
    with pytest.raises(TrainingRefused, match=words):
        FAMILY.score(ScoreAsk(workspace, other, load_scorer(artefact), AS_OF))
    with pytest.raises(TrainingRefused, match=words):
        FAMILY.predict(Ask(workspace, other, load_scorer(artefact), workspace.table("customers")))


def test_a_column_without_a_row_is_there(tmp_path):
    write_timeless(tmp_path)
    (tmp_path / "customers.csv").write_text("id,tenure,Contract,Churn\n", "utf-8")
    workspace = load_workspace(tmp_path)
    with pytest.raises(TrainingRefused, match="customers has 0 rows"):
        FAMILY.learn(Job(workspace, spec_of("churn", workspace.model_settings("churn")), AS_OF))


def test_a_backtest_says_what_happened_and_leaves_open_what_has_not(workspace, spec):
    late = AS_OF + pd.Timedelta(days=40)
    found = FAMILY.backtest(BacktestAsk(workspace, spec, [AS_OF, late]))
    by_date = found.groupby("as_of")["outcome"]
    assert by_date.apply(lambda outcome: outcome.notna().all()).tolist() == [True, False]
    assert FAMILY.summary(found, 3)["roc_auc"] > 0.7


def test_customers_rows_are_answered_in_order_with_what_the_workspace_knows(workspace, spec, artefact):
    rows = workspace.table("customers").iloc[[5, 1, 5]]
    found = FAMILY.predict(Ask(workspace, spec, load_scorer(artefact), rows, top_k=3))
    assert found["customer_id"].tolist() == ["C0005", "C0001", "C0005"]
    assert found.loc[0, "probability"] == found.loc[2, "probability"]
    assert set(found["prediction"]) <= {"0", "1"}
    assert (found["confidence_1"] + found["confidence_2"]).tolist() == pytest.approx([1, 1, 1], abs=1e-5)


def test_the_command_scores_into_file_and_store_and_can_be_repeated(workspace, artefact, tmp_path):
    settings = settings_of(workspace.folder)
    Exports(settings.exports_dir).publish("churn", 4, artefact, registry_alias=None)
    words = ["score", "churn", "--workspace", str(workspace.folder), "--as-of", "2025-09-28", "--output",
             str(tmp_path / "scores.csv")]
    cli._register()
    for _ in range(2):
        result = CliRunner().invoke(cli.app, words)
        assert result.exit_code == 0, result.output
    written = pd.read_csv(tmp_path / "scores.csv")
    with open_store(settings.store_url) as store:
        run = store.newest_scores("churn")
        assert (run.run.version, run.row_count, run.run.horizon_days) == (4, len(written), 45)
        entity = written["customer_id"].iloc[0]
        assert store.score_details(run.id, [entity])[entity, ""]["attributes"]["owner"] == "张经理"


def test_a_version_is_judged_on_windows_that_ended_since(workspace, spec, artefact):
    shown = FAMILY.evaluate(Ask(workspace, spec, load_scorer(artefact), workspace.table("customers")))
    assert shown.evaluation.roc_auc.estimate > 0.9
    shown.show(Console(file=io.StringIO()))


def test_a_champion_is_a_rival_by_its_version(workspace, spec, artefact):
    early = FAMILY.learn(Job(workspace, spec, AS_OF, seed=3, champion=crowned(artefact, "churn", 2)))
    assert any("unseen by the champion churn/2" in reason for reason in early.gate.failures)


def test_too_short_a_past_is_refused_in_words(workspace, spec):
    with pytest.raises(TrainingRefused, match="at least 60 days"):
        FAMILY.learn(Job(workspace, spec, START.tz_localize("UTC") + pd.Timedelta(days=30)))


def test_customers_without_time_are_judged_out_of_fold(tmp_path):
    workspace = load_workspace(write_timeless(tmp_path))
    spec = spec_of("churn", workspace.model_settings("churn"))
    learned = FAMILY.learn(Job(workspace, spec, AS_OF))
    assert learned.data.regime == "entity"
    assert learned.judgement.evaluation.outcome.size == 400
    frame = FAMILY.score(ScoreAsk(workspace, spec, learned.scorer, AS_OF)).frame
    left = workspace.table("customers").set_index("customer_id")["churned"].reindex(frame["customer_id"])
    assert roc_auc(left.astype(float), frame["probability"]) > 0.7
    reasons = next(iter(FAMILY.score(ScoreAsk(workspace, spec, learned.scorer, AS_OF)).details))["reasons"]
    assert {reason["code"] for reason in reasons} <= {"tenure", "Contract"}


@pytest.mark.parametrize(("label", "kept", "said"), [
    ("contract", {"orders"}, "read from the table customers (churned_at, renewal_at or churned), expected a value in "
                             "some row; workspace.toml has no [tables.customers]"),
    ("contract", {"orders", "customers"}, "customers has 160 rows; the table lacks churned_at, renewal_at, churned"),
    ("silence", {"customers"}, "read from the table interactions (at), expected a value in some row; workspace.toml "
                               "has no [tables.interactions]"),
    ("complaint", {"customers"}, "read from the tables tickets and interactions, expected rows with a customer_id in "
                                 "one of them; workspace.toml has no [tables.tickets]"),
])
def test_a_label_without_its_table_or_column_says_which_one_is_missing(tmp_path, label, kept, said):
    folder = write_leaving(tmp_path)
    tables = {"orders": '[tables.interactions]\npath = "orders.csv"\nconstants = { kind = "order" }\n',
              "customers": '[tables.customers]\npath = "customers.csv"\n'}
    (folder / "workspace.toml").write_text(
        "".join(tables[name] for name in sorted(kept)) + f'[models.churn]\nlabel = "{label}"\n', "utf-8")
    loaded = load_workspace(folder)
    with pytest.raises(TrainingRefused) as refused:
        FAMILY.learn(Job(loaded, spec_of("churn", loaded.model_settings("churn")), AS_OF, seed=3))
    assert said in str(refused.value)


def test_a_customers_table_of_no_rows_says_so(tmp_path):
    folder = write_leaving(tmp_path)
    (folder / "customers.csv").write_text("customer_id,since,churned_at\n", "utf-8")
    (folder / "workspace.toml").write_text(
        '[tables.customers]\npath = "customers.csv"\n[models.churn]\nlabel = "contract"\n', "utf-8")
    loaded = load_workspace(folder)
    with pytest.raises(TrainingRefused, match="customers has 0 rows"):
        FAMILY.learn(Job(loaded, spec_of("churn", loaded.model_settings("churn")), AS_OF, seed=3))
