"""``/v1/models`` and ``/v1/taxonomy``."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from fenzhen.exports import Champion, Exports
from serving.catalogue import catalogue_router
from serving.champions import Snapshot, next_snapshot
from serving.watcher import Watcher
from tests.serving.fakes import flip_byte, load_keyword_scorer
from tests.serving.in_process import in_process


def get(snapshot: Snapshot, path: str) -> Any:
    app = FastAPI()
    app.include_router(catalogue_router(lambda: snapshot))
    with in_process(app) as client:
        return client.get(path).json()


def test_models_tell_version_hash_classes_and_how_they_were_judged(snapshot: Snapshot) -> None:
    champion = snapshot.served["category"].champion
    found = get(snapshot, "/models")
    assert found["models"] == [
        {
            "model": "ticket_category", "version": 1, "field": "category", "since": champion.since,
            "manifest_sha256": champion.manifest_sha256, "classes": ["硬件故障", "软件问题", "网络问题"],
            "trained_until": "2026-11-01T00:00:00+00:00", "evaluated_until": "2026-11-20T00:00:00+00:00",
            "metrics": {"accuracy": 0.9},
        }
    ]
    assert (found["refused"], found["problem"]) == ([], None)


def test_refused_versions_are_listed_with_their_reason(
    snapshot: Snapshot, exports: Exports, release: Callable[..., Champion]
) -> None:
    flip_byte(release(2).folder / "data.bin")
    refused = get(next_snapshot(snapshot, exports, load_keyword_scorer), "/models")["refused"]
    assert [(each["model"], each["version"]) for each in refused] == [("ticket_category", 2)]
    assert "sha256" in refused[0]["reason"]


def test_taxonomy_lists_values_with_ids_names_parents_and_activity(snapshot: Snapshot, exports: Exports) -> None:
    exports.write_policy(
        {
            "taxonomy": [
                {"field": "category", "value": "硬件故障", "external_id": "12", "name": "硬件", "parent": None},
                {"field": "category", "value": "耗材", "external_id": 14, "parent": "硬件故障", "active": False},
                {"field": "request_type", "value": "报修"},
            ]
        }
    )
    fields = get(next_snapshot(snapshot, exports, load_keyword_scorer), "/taxonomy")["fields"]
    assert [each["field"] for each in fields] == ["category", "request_type"]
    assert fields[0]["values"] == [
        {"value": "硬件故障", "external_id": "12", "name": "硬件", "parent": None, "active": True},
        {"value": "耗材", "external_id": "14", "name": None, "parent": "硬件故障", "active": False},
    ]


def test_without_taxonomy_the_champion_s_classes_are_the_values(snapshot: Snapshot) -> None:
    values = get(snapshot, "/taxonomy")["fields"][0]["values"]
    assert [each["value"] for each in values] == ["硬件故障", "软件问题", "网络问题"]


def test_champions_that_score_in_batches_are_listed_without_being_loaded(
    exports: Exports, release: Callable[..., Champion], tmp_path: Path,
) -> None:
    champion = release(3, model="churn", field="churn", family="churn")
    watcher = Watcher(exports, load_keyword_scorer)
    watcher.look()
    found = get(watcher.snapshot, "/models")
    assert [(each["model"], each["version"]) for each in found["cohorts"]] == [("churn", champion.version)]
    assert (found["models"], found["refused"]) == ([], [])
    assert watcher.ready
    assert not Watcher(Exports(tmp_path / "nothing"), load_keyword_scorer).ready
