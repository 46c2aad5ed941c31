"""The device model from tables to scores: it beats its baselines, keeps its promises and answers odd input."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from features.devices.device_points import device_points
from fenzhen.errors import ArtefactError, TableError, TrainingRefused, WorkspaceError
from fenzhen.exports import Champion
from fenzhen.tables import conform
from fenzhen.workspace import Workspace, load_workspace
from models.artefact import load_scorer
from models.devices.details import device_details
from models.devices.window import window_tables
from models.specs import spec_of
from tests.training.device_fleet import START, write_fleet, write_unnamed_fleet
from tests.training.registered import crowned
from training.drift.comparison import drift_of
from training.families.device_failure import LearnedDeviceFailure
from training.family import Ask, BacktestAsk, DriftAsk, Job, ScoreAsk, family_of
from training.train import provenance_of

SETTINGS = """test_days = 30
validation_days = 20
maximum_calibration_error = 0.1
[models.device_failure.parts]
fan = "风扇组件"
"""
COLUMNS = ["device_id", "as_of", "horizon_days", "component", "probability", "risk_level"]


def learnt(workspace: Workspace, as_of: str, seed: int = 0, champion: Champion | None = None) -> LearnedDeviceFailure:
    spec = spec_of("device_failure", workspace.model_settings("device_failure"))
    found: LearnedDeviceFailure = family_of(spec).learn(
        Job(workspace, spec, workspace.moment(as_of), seed, champion))  # type: ignore[assignment]
    return found


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return write_fleet(tmp_path_factory.mktemp("fleet"), SETTINGS)


@pytest.fixture(scope="module")
def model(workspace: Workspace) -> LearnedDeviceFailure:
    return learnt(workspace, "2026-04-20")


@pytest.fixture(scope="module")
def folder(model: LearnedDeviceFailure, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("artefact")
    model.save(folder, {"model": "device_failure", "field": "device_failure", "as_of": "2026-04-19T16:00:00+00:00"})
    return folder


@pytest.fixture(scope="module")
def scorer(folder: Path) -> Any:
    return load_scorer(folder)


def window(days: int = 30, **sensors: Any) -> pd.DataFrame:
    at = pd.date_range("2026-03-01", periods=days, freq="D", tz="UTC").as_unit("us")
    steady = {"heat": 40 + np.sin(np.arange(days)), "pressure": 5 + np.cos(np.arange(days)) / 5}
    return pd.DataFrame({"at": at, **steady, **sensors})


def risk(scorer: Any, telemetry: pd.DataFrame, component: str = "any", **given: Any) -> float:
    found = scorer.forecast(telemetry, **given)
    return float(found.loc[found["component"] == component, "probability"].iloc[0])


def test_it_beats_every_baseline_and_says_how_sure_that_is(model: LearnedDeviceFailure) -> None:
    judgement = model.judgement
    assert model.gate.passed, model.gate.failures
    assert {row.name for row in judgement.evaluation.baselines} == {
        "age_and_failure_rate", "errors_last_week", "always_no"}
    assert judgement.evaluation.roc_auc.low > 0.6
    assert judgement.split.boundaries["test"] == pd.Timestamp("2026-03-20T16:00Z")
    assert judgement.events.recall.low <= judgement.events.recall.estimate <= judgement.events.recall.high


def test_the_report_has_card_plots_and_tables(model: LearnedDeviceFailure, workspace: Workspace,
                                              tmp_path: Path) -> None:
    job = Job(workspace, model.spec, workspace.moment("2026-04-20"))
    model.write_report(tmp_path, provenance_of(job, model))
    card = (tmp_path / "model_card.md").read_text("utf-8")
    assert "每百台月至多 2 次误报" in card
    assert {"alerts.png", "events.csv", "components.csv", "metrics.json"} <= {each.name for each in tmp_path.iterdir()}
    console = Console(width=120, record=True)
    model.show(console)
    assert "age_and_failure_rate" in console.export_text()
    assert all(np.isfinite(list(model.metrics().values())))


def test_the_artefact_is_data_and_gives_equal_scores(model: LearnedDeviceFailure, folder: Path, scorer: Any) -> None:
    assert {each.suffix for each in folder.iterdir()} == {".json", ".txt"}
    pd.testing.assert_frame_equal(scorer.forecast(window()), model.scorer.forecast(window()))


def test_the_same_seed_gives_the_same_artefact_and_a_champion_is_a_rival_on_days_it_has_not_seen(
        workspace: Workspace, folder: Path, tmp_path: Path) -> None:
    again = learnt(workspace, "2026-04-20", champion=crowned(folder, "device_failure"))
    again.save(tmp_path, {"model": "device_failure", "field": "device_failure", "as_of": "2026-04-19T16:00:00+00:00"})
    assert (tmp_path / "manifest.json").read_bytes() == (folder / "manifest.json").read_bytes()
    assert any("unseen by the champion device_failure/1" in reason for reason in again.gate.failures)


def test_an_artefact_that_does_not_reproduce_its_golden_answers_is_refused(folder: Path, tmp_path: Path) -> None:
    from models.artefact import write_artefact

    files = {each.name: json.loads(each.read_text("utf-8")) if each.suffix == ".json" else each.read_text("utf-8")
             for each in folder.iterdir()}
    manifest = files.pop("manifest.json")
    files["golden.json"] = [0.5] * len(files["golden.json"])
    write_artefact(tmp_path, files, {key: value for key, value in manifest.items() if key != "files"})
    with pytest.raises(ArtefactError, match="golden probabilities differ"):
        load_scorer(tmp_path)


def test_a_fleet_is_scored_where_it_is_watched_as_training_was_and_the_others_are_counted(
        workspace: Workspace, model: LearnedDeviceFailure, tmp_path: Path) -> None:
    shutil.copytree(workspace.folder, tmp_path / "fleet")
    fleet = tmp_path / "fleet"
    with (fleet / "devices.csv").open("a", encoding="utf-8") as devices:
        devices.writelines(f"N{number:03},A,华东\n" for number in range(300))
    telemetry = pd.read_csv(fleet / "telemetry.csv")
    silent = (telemetry["device_id"] == "D000") & (telemetry["at"] >= "2026-03-01")
    telemetry[~silent].to_csv(fleet / "telemetry.csv", index=False)
    loaded = load_workspace(fleet)
    spec = spec_of("device_failure", loaded.model_settings("device_failure"))
    ask = ScoreAsk(loaded, spec, model.scorer, loaded.moment("2026-04-20"))
    found = family_of(spec).score(ask)
    assert sorted(found.frame["device_id"].unique()) == [f"D{number:03}" for number in range(1, 30)]
    assert found.left_out == ("301 devices left out: no reading in the last 30 days, and the model learnt from watched "
                              "devices alone")
    with pytest.raises(TrainingRefused, match=r"no device of 330 was watched at .*, expected one in the 30 days"):
        family_of(spec).score(replace(ask, as_of=loaded.moment("2026-06-20")))


def test_what_a_fleet_is_expected_to_need_is_near_what_fails_in_it(
        workspace: Workspace, model: LearnedDeviceFailure) -> None:
    moments = [workspace.moment(f"2026-03-{day}") for day in ("08", "15", "22")]
    found = [family_of(model.spec).score(ScoreAsk(workspace, model.spec, model.scorer, moment)) for moment in moments]
    rows = pd.concat([one.frame for one in found])
    expected = rows.loc[rows["component"] != "any", "probability"].sum()
    events = workspace.table("device_events")
    failed = events[(events["kind"] == "failure") & (events["at"] >= moments[0])
                    & (events["at"] < moments[-1] + pd.Timedelta(days=7))]
    assert expected == pytest.approx(len(failed), rel=0.35)


@pytest.mark.parametrize(("zone", "day"), [("UTC", "2026-03-30"), ("Asia/Shanghai", "2026-03-31")])
def test_signals_are_told_by_the_days_of_the_workspace(scorer: Any, zone: str, day: str) -> None:
    evenings = window().assign(at=lambda rows: rows["at"] + pd.Timedelta(hours=18))
    tables, moment = window_tables(evenings, None, {"device_id": "D1"}, None, pd.Timedelta(0))
    tables["devices"] = conform("devices", tables["devices"])
    assessed = scorer.assess(tables, device_points(["D1"], [moment]), alone=True)
    signals = next(device_details(scorer, tables, assessed, zone))["signals"]
    assert (signals["days"][-1], len(signals["days"]), len(signals["heat"])) == (day, 30, 30)


def test_the_newest_reading_of_a_window_counts(scorer: Any) -> None:
    tables, moment = window_tables(window(5), None, None, None, pd.Timedelta(0))
    points = device_points(tables["devices"]["device_id"], [moment])
    assert scorer.assess(tables, points, alone=True).features.frame["readings_30d"].tolist() == [5.0]


def test_models_of_the_fleet_are_known(scorer: Any) -> None:
    assert scorer.known_models == {"A", "B"}


def test_a_sign_before_a_failure_raises_the_risk_of_its_part(scorer: Any) -> None:
    hot = window()
    hot.loc[28:, "heat"] += 8
    assert risk(scorer, hot, "fan") > 3 * risk(scorer, window(), "fan")
    assert risk(scorer, hot, "any") >= risk(scorer, hot, "fan") > risk(scorer, hot, "pump")


def test_scores_have_a_row_for_each_device_and_component_and_details_for_each(
        workspace: Workspace, model: LearnedDeviceFailure, scorer: Any) -> None:
    ask = ScoreAsk(workspace, model.spec, scorer, workspace.moment("2026-04-20"))
    scored = family_of(model.spec).score(ask)
    assert list(scored.frame.columns) == COLUMNS
    assert scored.frame["component"].tolist() == ["any", "fan", "pump"] * 30
    assert set(scored.frame["risk_level"]) <= {"low", "medium", "high"}
    details = list(scored.details)
    assert len(details) == len(scored.frame)
    worst = int(scored.frame["probability"].idxmax())
    assert 1 <= len(details[worst]["reasons"]) <= 3
    assert details[1]["part"] == "风扇组件"
    assert details[0]["attributes"]["region"] == "华东"
    assert details[0]["attributes"]["owner"] is None  # nobody's customer
    assert len(details[0]["signals"]["days"]) == len(details[0]["signals"]["heat"]) == 30
    json.dumps(details, allow_nan=False)


def test_a_fleet_whose_telemetry_is_gone_is_refused(workspace: Workspace, model: LearnedDeviceFailure, scorer: Any,
                                                    tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    shutil.copytree(workspace.folder, folder)
    readings = folder / "telemetry.csv"
    readings.write_text(readings.read_text().splitlines()[0] + "\n")
    gone = load_workspace(folder)
    with pytest.raises(TrainingRefused, match=r"no telemetry is known before .*, expected readings of heat"):
        family_of(model.spec).score(ScoreAsk(gone, model.spec, scorer, gone.moment("2026-04-20")))


@pytest.mark.parametrize(("changed", "words"), [
    ({"horizons_days": [3]}, r"trained for horizons_days = \[7\], expected \[3\] as the workspace says"),
    ({"components": ["fan"]}, r"trained for components = \[\], expected \['fan'\]"),
])
def test_a_version_for_another_question_is_refused(workspace: Workspace, scorer: Any, changed: dict[str, Any],
                                                   words: str) -> None:
    other = spec_of("device_failure", {**workspace.model_settings("device_failure"), **changed})
    with pytest.raises(TrainingRefused, match=words):
        family_of(other).score(ScoreAsk(workspace, other, scorer, workspace.moment("2026-04-20")))
    with pytest.raises(TrainingRefused, match=words):
        family_of(other).evaluate(Ask(workspace, other, scorer, workspace.table("devices")))


def test_the_reason_names_the_sensor_with_its_own_usual_value_and_the_fleets(
        workspace: Workspace, model: LearnedDeviceFailure, scorer: Any) -> None:
    spec, moment = model.spec, workspace.moment("2026-04-10")
    scored = family_of(spec).score(ScoreAsk(workspace, spec, scorer, moment))
    fans = scored.frame[scored.frame["component"] == "fan"]
    told = list(scored.details)[int(fans["probability"].idxmax())]
    reason = told["reasons"][0]
    assert reason["code"] == "sensor:heat"
    assert reason["value"] > reason["own"] > 30
    assert abs(reason["peers"] - 40) < 3
    assert "该设备平时" in reason["text_zh"]
    assert told["similar"][0]["component"] == "fan"


def test_backtests_score_daily_while_the_horizon_ends_before_until(workspace: Workspace) -> None:
    spec = spec_of("device_failure", workspace.model_settings("device_failure"))
    dates = [workspace.moment("2026-03-20"), workspace.moment("2026-03-25")]
    found = family_of(spec).backtest(BacktestAsk(workspace, spec, dates, workspace.moment("2026-04-05")))
    assert list(found.columns) == [*COLUMNS, "outcome"]
    days = found["as_of"].dt.tz_convert("Asia/Shanghai").dt.strftime("%m-%d").unique().tolist()
    assert (days[0], days[-1], len(days)) == ("03-20", "03-29", 10)
    assert set(found["outcome"].dropna()) == {0.0, 1.0}
    assert family_of(spec).summary(found, 3)["any 7d AUC"] > 0.6


def test_failures_after_the_date_change_nothing_about_a_backtests_scores(tmp_path: Path) -> None:
    before, after = tmp_path / "a", tmp_path / "b"
    for each in (before, after):
        each.mkdir()
    whole, cut = (write_fleet(each, devices=12, days=70) for each in (before, after))
    events = pd.read_csv(after / "e.csv")
    late = pd.to_datetime(events["at"]) >= START + pd.Timedelta(days=60)
    events[~late].to_csv(after / "e.csv", index=False)
    spec = spec_of("device_failure", whole.model_settings("device_failure"))
    found = [family_of(spec).backtest(BacktestAsk(each, spec, [each.moment("2026-03-02")], each.moment("2026-03-09")))
             for each in (whole, cut)]
    pd.testing.assert_series_equal(found[0]["probability"], found[1]["probability"])


def test_a_split_by_device_judges_on_devices_that_nothing_was_fitted_on(tmp_path: Path) -> None:
    found = learnt(write_fleet(tmp_path, "split_by_device = true\n" + SETTINGS.split("\n[")[0]), "2026-04-20")
    devices, parts = found.dataset.points.device, found.judgement.split
    assert parts.regime == "time_and_entity"
    assert not set(devices[parts.test]) & set(devices[parts.train])


def test_several_horizons_are_answered_and_a_longer_one_is_not_safer(tmp_path: Path) -> None:
    found = learnt(write_fleet(tmp_path, "horizons_days = [3, 7]", devices=20, days=90), "2026-04-01")
    frame = found.scorer.forecast(window())
    assert frame["horizon_days"].tolist() == [3, 3, 3, 7, 7, 7]
    assert set(found.scorer.thresholds) == {3, 7}


def test_a_large_fleet_with_few_failures_is_judged_without_claims(tmp_path: Path) -> None:
    found = learnt(write_unnamed_fleet(tmp_path), "2026-04-19")
    evaluation, events = found.judgement.evaluation, found.judgement.events
    assert evaluation.base_rate < 0.001
    assert not found.gate.passed
    assert evaluation.roc_auc.low <= 0.5 <= evaluation.roc_auc.high  # the failures come out of nowhere, and it says so
    assert any("does not clearly beat" in failure for failure in found.gate.failures)
    assert events.recall.low <= events.recall.estimate <= events.recall.high
    assert found.scorer.components == ("any",)
    assert found.scorer.forecast(window())["probability"].max() < 0.05


@pytest.mark.parametrize("telemetry", [
    window(0), window(1), window(30, heat=40.0), window(30, heat=np.nan), window()[["at"]],
    window(30, heat=["坏"] * 30), window().iloc[::-1], pd.concat([window(), window()]), window(30, extra=1.0)],
    ids=["nothing", "one reading", "stuck", "missing", "no sensor", "text", "backwards", "twice", "another sensor"])
def test_odd_windows_have_an_answer(scorer: Any, telemetry: pd.DataFrame) -> None:
    found = scorer.forecast(telemetry, as_of=pd.Timestamp("2026-04-01", tz="UTC"))
    assert found["component"].tolist() == ["any", "fan", "pump"]
    assert found["probability"].between(0, 1).all()


def test_rows_backwards_or_twice_say_the_same(scorer: Any) -> None:
    assert risk(scorer, window().iloc[::-1]) == risk(scorer, pd.concat([window(), window()])) == risk(scorer, window())


def test_a_window_in_another_zone_says_the_same(scorer: Any) -> None:
    moved = window().assign(at=lambda rows: rows["at"].dt.tz_convert("Asia/Shanghai"))
    assert risk(scorer, moved) == risk(scorer, window())


def test_a_part_and_a_code_never_seen_are_ignored(scorer: Any) -> None:
    events = pd.DataFrame({"at": window()["at"].iloc[[3, 4]], "kind": ["maintenance", "error"],
                           "component": ["never seen", None], "code": [None, "E99"]})
    assert 0 <= risk(scorer, window(), events=events, device={"model": "Z", "device_id": "unknown"}) <= 1


def test_times_without_a_zone_and_windows_without_times_are_refused(scorer: Any) -> None:
    with pytest.raises(TableError, match="zone"):
        scorer.forecast(window().assign(at=lambda rows: rows["at"].dt.tz_localize(None)))
    with pytest.raises(TableError, match="without any time"):
        scorer.forecast(window(0))


def test_a_window_of_a_million_rows_is_answered_from_its_last_days(scorer: Any) -> None:
    at = pd.date_range("2020-01-01", periods=1_000_000, freq="min", tz="UTC").as_unit("us")
    long = pd.DataFrame({"at": at, "heat": 40.0 + np.arange(at.size) % 2, "pressure": 5.0})
    assert risk(scorer, long) == risk(scorer, long.iloc[-60_000:])


def test_devices_are_not_predicted_row_by_row(workspace: Workspace, model: LearnedDeviceFailure, scorer: Any) -> None:
    with pytest.raises(TrainingRefused, match="fenzhen score device_failure"):
        family_of(model.spec).predict(Ask(workspace, model.spec, scorer, workspace.table("devices")))


def test_the_pyfunc_answers_raw_telemetry_of_several_devices(scorer: Any) -> None:
    rows = pd.concat([window().assign(device_id=name, at=lambda rows: rows["at"].astype("str")) for name in "ab"])
    found = scorer.frame(rows)
    assert found["device_id"].tolist() == ["a"] * 3 + ["b"] * 3


def test_a_version_is_evaluated_on_the_days_after_it(workspace: Workspace, model: LearnedDeviceFailure,
                                                     tmp_path: Path) -> None:
    model.save(tmp_path, {"model": "device_failure", "field": "device_failure", "as_of": "2026-03-24T16:00:00+00:00"})
    ask = Ask(workspace, model.spec, load_scorer(tmp_path), workspace.table("devices"))
    verdict: Any = family_of(model.spec).evaluate(ask)
    assert verdict.evaluation.roc_auc.estimate > 0.6
    assert 15 * 30 < verdict.evaluation.outcome.size < 27 * 30


def test_drift_compares_the_fleet_as_of_two_moments(workspace: Workspace, model: LearnedDeviceFailure,
                                                    tmp_path: Path) -> None:
    model.save(tmp_path, {"model": "device_failure", "field": "device_failure", **model.facts()})
    ask = DriftAsk(workspace, model.spec, load_scorer(tmp_path))
    compared = family_of(model.spec).drift(ask)
    assert [(span.rows, span.start) for span in compared.spans] == [(30, None), (30, None)]
    assert compared.spans[0].until == pd.Timestamp(model.facts()["trained_until"])
    found = drift_of("device_failure", compared)
    assert {"heat_mean_3d", "probability_any_7d"} <= {shift.name for shift in found.shifts}
    assert not [shift for shift in found.shifts if shift.kind == "answer" and shift.decides]
    later = DriftAsk(workspace, model.spec, ask.scorer, since=workspace.moment("2026-04-18"))
    assert "probability_any_7d" not in family_of(model.spec).drift(later).by_itself


def test_a_fleet_that_runs_hotter_has_shifted(model: LearnedDeviceFailure, tmp_path: Path) -> None:
    write_fleet(tmp_path, SETTINGS)
    readings = pd.read_csv(tmp_path / "telemetry.csv")
    readings.loc[readings["at"] >= "2026-04-15", "heat"] += 4
    readings.to_csv(tmp_path / "telemetry.csv", index=False)
    model.save(tmp_path / "v1", {"model": "device_failure", "field": "device_failure", **model.facts()})
    hotter = load_workspace(tmp_path)
    found = drift_of("device_failure", family_of(model.spec).drift(
        DriftAsk(hotter, model.spec, load_scorer(tmp_path / "v1"), since=hotter.moment("2026-04-14"))))
    assert "heat" in found.shifts[0].name
    assert found.advice().startswith("Retrain")


def test_a_fleet_too_small_to_compare_is_refused(model: LearnedDeviceFailure, tmp_path: Path) -> None:
    small = write_fleet(tmp_path, SETTINGS, devices=29)
    model.save(tmp_path / "v1", {"model": "device_failure", "field": "device_failure", **model.facts()})
    with pytest.raises(TrainingRefused, match=r"got 29 devices as of .*, expected at least 30"):
        family_of(model.spec).drift(DriftAsk(small, model.spec, load_scorer(tmp_path / "v1")))


def test_too_few_failures_are_refused(tmp_path: Path) -> None:
    workspace = write_fleet(tmp_path, devices=3, days=20)
    with pytest.raises(TrainingRefused, match="failures"):
        learnt(workspace, "2026-01-12")


def test_backtest_dates_have_to_lie_before_until(workspace: Workspace) -> None:
    spec = spec_of("device_failure", workspace.model_settings("device_failure"))
    with pytest.raises(WorkspaceError, match="expected each before the next"):
        family_of(spec).backtest(BacktestAsk(workspace, spec, [workspace.moment("2026-04-10")],
                                             workspace.moment("2026-04-01")))
