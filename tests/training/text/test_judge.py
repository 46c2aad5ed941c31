"""Judging: on rows that nothing was fitted on, beside baselines and the champion, the whole of a small dataset."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.text.near_duplicates import near_duplicate_groups
from fenzhen.errors import TrainingRefused
from fenzhen.exports import Champion
from models.text.spec import TextLabelSettings, TextLabelSpec
from tests.models.made_up import examples_of, simulated
from tests.training.registered import crowned
from training.text import judge
from training.text.dataset import Dataset
from training.text.judge import Judge, Judgement, aligned, out_of_fold

SETTINGS = TextLabelSettings(second_level="subcategory", strength=0.5, lead_weight=1.0)


def dataset_of(rows: int, *, seed: int = 8) -> Dataset:
    """Return made-up tickets without times."""
    examples = simulated(rows, seed)
    return Dataset(examples, near_duplicate_groups(examples.texts), pd.Timestamp("2026-01-01", tz="UTC"), "ab")


def judge_of(dataset: Dataset, champion: Champion | None = None, settings: TextLabelSettings = SETTINGS) -> Judge:
    """Return a judge of a configuration that is not to be chosen."""
    return Judge(TextLabelSpec("ticket_category", settings), dataset, None, champion, 0, lambda: None)


ROWS, FEW = 300, 120


@pytest.fixture(scope="module", autouse=True)
def _less_is_enough() -> Iterator[None]:
    """Have 150 labels be enough for a test of their own, so that fits are small."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judge, "FEW_LABELS", 150)
        yield


@pytest.fixture(scope="module")
def judgement() -> Judgement:
    """What is said of some hundred tickets."""
    return judge_of(dataset_of(ROWS)).judge()


def test_no_group_of_alike_texts_is_on_both_sides(judgement: Judgement) -> None:
    groups = dataset_of(ROWS).groups
    parts = judgement.split
    assert parts.regime == "text_group"
    assert not set(groups[parts.test]) & set(groups[np.concatenate([parts.train, parts.validation])])


def test_baselines_stand_beside_it_on_the_same_rows(judgement: Judgement) -> None:
    found = judgement.evaluation
    assert {row.name for row in found.baselines} == {"majority", "keywords", "linear"}
    assert len(found.labels) == len(judgement.split.test)
    assert found.accuracy.estimate > next(row.accuracy for row in found.baselines if row.name == "majority")


def test_the_second_level_is_judged_too(judgement: Judgement) -> None:
    found = judgement.evaluation.second_level
    assert found is not None
    assert found.rows == len(judgement.split.test)
    assert judgement.evaluation.metrics()["second_level_path_accuracy"] == found.path_accuracy
    assert judgement.evaluation.accuracy.estimate >= found.path_accuracy > 0.3


def test_few_labels_are_judged_whole_out_of_fold() -> None:
    dataset = dataset_of(FEW)
    dataset = replace(dataset, examples=replace(dataset.examples, second=np.full(FEW, None)))
    found = judge_of(dataset).judge()
    assert found.split.regime == "out_of_fold"
    assert sorted(found.split.test) == list(range(len(dataset.examples)))
    assert found.evaluation.decisions == []


def test_a_champion_that_has_seen_everything_is_not_compared(tmp_path: Path) -> None:
    dataset = dataset_of(200)
    first = judge_of(dataset)
    scorer = first.refit(first.spec)
    scorer.save(tmp_path / "champion", {"model": "ticket_category", "field": "category", "metrics": {}})
    found = judge_of(dataset, crowned(tmp_path / "champion", "ticket_category", 3)).judge()
    assert not found.gate.passed
    assert any("the champion ticket_category/3 and unseen by both" in reason for reason in found.gate.reasons)


def test_classes_that_each_repeat_one_text_cannot_be_held_out() -> None:
    examples = examples_of(["打印机卡纸"] * 15 + ["无线网连不上"] * 15, ["硬件"] * 15 + ["网络"] * 15)
    dataset = Dataset(examples, np.array([0] * 15 + [1] * 15), pd.Timestamp("2026-01-01", tz="UTC"), "ab")
    with pytest.raises(TrainingRefused, match="each repeat one text"):
        judge_of(dataset).judge()


def test_what_the_workspace_sets_is_not_chosen() -> None:
    chosen = judge_of(dataset_of(200)).tuned()
    assert (chosen.settings.strength, chosen.settings.lead_weight) == (0.5, 1.0)


def test_columns_of_another_scorer_are_put_in_order() -> None:
    found = aligned(np.array([[0.3, 0.7]]), ("乙", "甲"), ("甲", "乙", "丙"))
    np.testing.assert_array_equal(found, [[0.7, 0.3, 0.0]])


def test_folds_hold_out_every_row_once() -> None:
    folds = out_of_fold(dataset_of(200), 0)
    assert sorted(np.concatenate([scored for _, scored in folds])) == list(range(200))


def test_of_many_rows_a_fifth_is_held_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge, "MANY", 200)
    dataset = dataset_of(200)
    (fitted, scored), = out_of_fold(dataset, 0)
    assert sorted([*fitted, *scored]) == list(range(200))
    assert 30 <= len(scored) <= 50
    assert not set(dataset.groups[fitted]) & set(dataset.groups[scored])
