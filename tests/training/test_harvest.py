"""Harvest: what people said becomes labels, what nobody touched does not."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from fenzhen.known import as_known
from fenzhen.store import Feedback, PredictedField, Prediction, Store, open_store
from fenzhen.workspace import Workspace, load_workspace
from models.specs import spec_of
from training.harvest import Harvested, harvest, with_harvest
from training.text.dataset import NOTHING_HARVESTED, known_examples, load_dataset

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = pd.Timestamp("2026-04-01", tz="UTC")
LABELS = ("硬件", "软件")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    with open_store(f"sqlite:///{tmp_path / 'store.db'}") as opened:
        yield opened


def _workspace(folder: Path, tickets: str | None = None, settings: str = "") -> Workspace:
    """Forty tickets; those with odd numbers are about software, the last two have no category yet."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    rows = [f"T-{n},{start + timedelta(days=n):%Y-%m-%d %H:%M},打印机第{n}次卡纸了,"
            + (f"{start + timedelta(days=n, hours=5):%Y-%m-%d %H:%M},{LABELS[n % 2]},下级" if n < 38 else ",,")
            for n in range(40)]
    (folder / "workspace.toml").write_text('time_zone = "UTC"\n[tables.tickets]\npath = "tickets.csv"\n'
                                           f'{settings}\n[models.ticket_category]\nsecond_level = "subcategory"\n')
    header = "ticket_id,created_at,subject,resolved_at,category,subcategory\n"
    (folder / "tickets.csv").write_text(tickets or header + "\n".join(rows))
    return load_workspace(folder)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """The forty tickets."""
    return _workspace(tmp_path)


def _predict(store: Store, ticket: str, value: str = "硬件", decision: str = "suggest", **changes: Any) -> None:
    field = PredictedField("category", "ok", value, 0.9, decision, "ticket_category/1")
    store.write_predictions([Prediction(**{"prediction_id": f"P-{ticket}", "ticket_id": ticket, "at": NOON,
                                           "fields": (field,), **changes})])


def _say(store: Store, ticket: str, verdict: Any, value: str | None = None, at: datetime = NOON) -> None:
    outcome = store.write_feedback([Feedback("category", verdict, "王工", at, value, prediction_id=f"P-{ticket}")])[0]
    assert outcome.status in ("recorded", "superseded")


def _met(workspace: Workspace, store: Store, before: pd.Timestamp = LATER) -> tuple[pd.DataFrame, Harvested]:
    tickets = as_known(workspace.tables("tickets"), before)["tickets"]
    found, counts = with_harvest(tickets, harvest(store, "category", before), "category", second_level="subcategory",
                                 segmented=workspace.segmented("tickets"))
    return found.set_index("ticket_id"), counts


def test_a_correction_is_the_label_from_its_moment_on(workspace: Workspace, store: Store) -> None:
    _predict(store, "T-0")
    _say(store, "T-0", "corrected", "网络")
    found, counts = _met(workspace, store)
    assert found.loc["T-0", "category"] == "网络"
    assert found.loc["T-0", "resolved_at"] == pd.Timestamp(NOON)
    assert pd.isna(found.loc["T-0", "subcategory"])
    assert counts.corrected == 1
    earlier, _ = _met(workspace, store, pd.Timestamp(NOON))
    assert earlier.loc["T-0", "category"] == "硬件"


def test_an_acceptance_labels_a_ticket_that_is_still_open(workspace: Workspace, store: Store) -> None:
    _predict(store, "T-39", "软件")
    _say(store, "T-39", "accepted")
    found, counts = _met(workspace, store)
    assert found.loc["T-39", "category"] == "软件"
    assert counts.new == 1


def test_an_acceptance_of_what_the_ticket_says_keeps_its_second_level(workspace: Workspace, store: Store) -> None:
    _predict(store, "T-0")
    _say(store, "T-0", "accepted")
    found, counts = _met(workspace, store)
    assert found.loc["T-0", "subcategory"] == "下级"
    assert (counts.accepted, counts.corrected) == (1, 0)


def test_a_value_applied_automatically_and_touched_by_nobody_is_no_label(workspace: Workspace, store: Store) -> None:
    _predict(store, "T-0", "硬件", "auto", at=datetime(2026, 1, 1, tzinfo=UTC))
    found, counts = _met(workspace, store)
    assert pd.isna(found.loc["T-0", "category"])
    assert counts.unconfirmed == 1


def test_a_label_that_somebody_changed_or_gave_before_is_kept(workspace: Workspace, store: Store) -> None:
    _predict(store, "T-0", "软件", "auto", at=datetime(2026, 1, 1, tzinfo=UTC))
    _predict(store, "T-2", "硬件", "auto", at=NOON)
    found, counts = _met(workspace, store)
    assert found.loc[["T-0", "T-2"], "category"].tolist() == ["硬件", "硬件"]
    assert counts.unconfirmed == 0


def test_an_acceptance_confirms_what_was_applied(workspace: Workspace, store: Store) -> None:
    _predict(store, "T-0", "硬件", "auto", at=datetime(2026, 1, 1, tzinfo=UTC))
    _say(store, "T-0", "accepted")
    found, counts = _met(workspace, store)
    assert found.loc["T-0", "category"] == "硬件"
    assert counts.accepted == 1


def test_a_rejection_unmakes_only_the_label_it_is_about(workspace: Workspace, store: Store) -> None:
    for ticket in ("T-0", "T-1"):
        _predict(store, ticket, "硬件")
        _say(store, ticket, "rejected")
    found, counts = _met(workspace, store)
    assert pd.isna(found.loc["T-0", "category"])
    assert found.loc["T-1", "category"] == "软件"
    assert counts.rejected == 1


def test_tickets_that_only_the_store_knows_need_its_text(workspace: Workspace, store: Store) -> None:
    _predict(store, "X-1")
    _predict(store, "X-2", subject="蓝屏", body="开机蓝屏")
    for ticket in ("X-1", "X-2"):
        _say(store, ticket, "corrected", "软件", NOON + timedelta(days=1))
    found, counts = _met(workspace, store)
    assert (counts.added, counts.no_ticket, len(found)) == (1, 1, 41)
    row = found.loc["X-2"]
    assert (row["subject"], row["category"], row["created_at"]) == ("蓝屏", "软件", pd.Timestamp(NOON))
    assert row["resolved_at"] == pd.Timestamp(NOON + timedelta(days=1))


def test_row_numbers_that_stand_for_ids_join_with_nothing(tmp_path: Path, store: Store) -> None:
    workspace = _workspace(tmp_path, "subject,category\n打印机卡纸,硬件\n不能上网,软件\n")
    _predict(store, "1")
    _say(store, "1", "corrected", "软件")
    found, counts = _met(workspace, store)
    assert found["category"].tolist() == ["硬件", "软件"]
    assert counts.no_ticket == 1


def test_tickets_without_times_take_labels_too(tmp_path: Path, store: Store) -> None:
    workspace = _workspace(tmp_path, "ticket_id,subject,category\nA,打印机卡纸,硬件\nB,不能上网,软件\n")
    _predict(store, "A", subject="x")
    _predict(store, "C", subject="蓝屏")
    for ticket in ("A", "C"):
        _say(store, ticket, "corrected", "软件")
    found, _ = _met(workspace, store)
    assert found["category"].tolist() == ["软件", "软件", "软件"]


def test_examples_and_their_hash_know_the_harvest(workspace: Workspace, store: Store) -> None:
    spec = spec_of("ticket_category", workspace.model_settings("ticket_category"))
    plain = load_dataset(workspace, spec, LATER)
    assert load_dataset(workspace, spec, LATER, harvest(store, "category", LATER)).sha256 == plain.sha256
    _predict(store, "T-39", "软件")
    _say(store, "T-39", "accepted")
    reaped = load_dataset(workspace, spec, LATER, harvest(store, "category", LATER))
    assert len(reaped.examples) == len(plain.examples) + 1
    assert reaped.sha256 != plain.sha256
    assert "T-39" in reaped.examples.ids


def test_nothing_harvested_changes_nothing(workspace: Workspace) -> None:
    spec = spec_of("ticket_category", workspace.model_settings("ticket_category"))
    assert len(known_examples(workspace, spec, LATER, NOTHING_HARVESTED)) == len(known_examples(workspace, spec, LATER))
