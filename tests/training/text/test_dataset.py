"""What a training run works on: as known at a moment, without twins, identified by all that went in."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from fenzhen.errors import TrainingRefused
from fenzhen.workspace import load_workspace
from models.specs import spec_of
from models.text.spec import TextLabelSpec
from training.text.dataset import Dataset, load_dataset, texts_of, window_of

AS_OF = pd.Timestamp("2026-02-01", tz="UTC")
TOML = """
[tables.tickets]
path = "tickets.csv"
[tables.other]
path = "other.csv"
like = "tickets"
[models.ticket_category]
"""
TWIN = "会议室的投影仪连上电脑以后一直闪屏,换了线也没有用,请派人来看"
OTHER = f'ticket_id,subject\nX-1,"{TWIN}"\n'

Load = Callable[..., Dataset]


def rows(count: int = 30) -> str:
    """Return labelled tickets, one an hour from the first of January, each resolved a day later."""
    times = pd.date_range("2026-01-01", periods=count, freq="h")
    lines = [f"T-{row},{at},{at + pd.Timedelta(days=1)},{'硬件' if row % 2 else '网络'},"
             f"{'打印机' if row % 2 else '无线网'}第{row}次{'卡纸' if row % 2 else '掉线'}，请尽快处理"
             for row, at in enumerate(times)]
    return "\n".join(["ticket_id,created_at,resolved_at,category,subject", *lines]) + "\n"


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Load a dataset from tickets as CSV text; ``settings`` go under the model."""
    def loaded(tickets: str = rows(), as_of: pd.Timestamp = AS_OF, settings: str = "", **files: str) -> Dataset:
        for name, text in {"tickets.csv": tickets, "other.csv": OTHER, "workspace.toml": TOML + settings,
                           **{name.replace("__", "."): text for name, text in files.items()}}.items():
            (tmp_path / name).write_text(text, "utf-8")
        workspace = load_workspace(tmp_path)
        spec = spec_of("ticket_category", workspace.model_settings("ticket_category"))
        assert isinstance(spec, TextLabelSpec)
        return load_dataset(workspace, spec, as_of)
    return loaded


def test_labels_of_later_are_not_known_yet(load: Load) -> None:
    whole, early = load(), load(as_of=pd.Timestamp("2026-01-02 00:00", tz="Asia/Shanghai") + pd.Timedelta(hours=22))
    assert (len(whole.examples), len(early.examples)) == (30, 22)
    assert early.examples.left_out["no_label"] > 0


def test_twins_of_another_table_are_left_out_and_counted(load: Load) -> None:
    tickets = rows() + f'T-X,2026-01-01 00:00:00,2026-01-02 00:00:00,硬件,"{TWIN}了"\n'
    found = load(tickets, settings='exclude_near_duplicates_of = "other"\n')
    assert found.examples.left_out["near_duplicate"] == 1
    assert "T-X" not in found.examples.ids


def test_too_few_rows_and_a_single_class_are_refused_with_numbers(load: Load) -> None:
    with pytest.raises(TrainingRefused, match=r"got 10 tickets .* in 2 classes .* expected at least 20"):
        load(rows(10))
    with pytest.raises(TrainingRefused, match=r"in 1 classes \(硬件\)"):
        load(rows().replace("网络", "硬件"))


def test_the_hash_is_that_of_all_that_went_in(load: Load) -> None:
    first = load().sha256
    assert load().sha256 == first
    assert len({first, load(as_of=AS_OF + pd.Timedelta(1, unit="s")).sha256, load(rows(31)).sha256,
                load(user_words__txt="无线网 10 n\n").sha256, load(settings="minimum_rows = 3\n").sha256}) == 5


def test_a_part_keeps_its_groups(load: Load) -> None:
    whole = load()
    part = whole.take(pd.Index([4, 2]).to_numpy())
    assert list(part.examples.ids) == ["T-4", "T-2"]
    assert list(part.groups) == list(whole.groups[[4, 2]])


def test_a_window_says_rows_and_span() -> None:
    from tests.models.made_up import examples_of

    window = window_of(examples_of(["文"], ["硬件"]))
    assert (window.rows, window.first, window.last) == (1, None, None)


def test_texts_are_subject_and_body_without_gaps() -> None:
    frame = pd.DataFrame({"subject": ["打印机", None], "body": [None, "卡纸"]})
    assert texts_of(frame) == ["打印机", "卡纸"]
