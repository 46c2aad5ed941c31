"""The spec: its settings, its cohort, its refusals."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from fenzhen.errors import TrainingRefused, WorkspaceError
from fenzhen.tables import Tables
from models.policy import Policy
from models.specs import spec_of
from tests.models.made_up import folds_of, simulated


def tables_of(**columns: list[Any]) -> Tables:
    rows = len(next(iter(columns.values())))
    given = {"ticket_id": [f"T{row}" for row in range(rows)], "body": ["打印机卡纸"] * rows, **columns}
    return {"tickets": pd.DataFrame({name: pd.Series(cells, dtype="str") for name, cells in given.items()})}


def examples(tables: Tables, settings: dict[str, Any], policy: Policy | None = None, **options: Any) -> Any:
    spec = spec_of("ticket_category", settings)
    return spec.examples(tables, policy or Policy(), segmented=False, **options)


@pytest.mark.parametrize(("settings", "message"), [
    ({"labels": "x"}, r"\[models.ticket_category\]: got labels, expected only label, second_level"),
    ({"label": 5}, "got label = 5, expected text"),
    ({"minimum_rows": "5"}, "got minimum_rows = '5', expected a whole number"),
    ({"minimum_rows": True}, "got minimum_rows = True, expected a whole number"),
    ({"minimum_rows": 5.0}, r"got minimum_rows = 5\.0, expected a whole number"),
    ({"minimum_rows": 1}, "got minimum_rows = 1, expected at least 2"),
    ({"strength": "1"}, "got strength = '1', expected a number"),
    ({"strength": False}, "got strength = False, expected a number"),
    ({"strength": -1}, r"got strength = -1\.0, expected at least 0"),
    ({"strength": float("nan")}, "got strength = nan"),
    ({"strength": float("inf")}, "got strength = inf"),
    ({"lead_weight": -0.5}, "got lead_weight = -0.5"),
    ({"target_precision_auto": 1}, r"got target_precision_auto = 1\.0, expected a share between 0 and 1"),
    ({"target_precision_auto": 0.0}, "got target_precision_auto"),
    ({"target_precision_suggest": float("nan")}, "got target_precision_suggest = nan"),
    ({"target_precision_suggest": 0.97}, "got target_precision_suggest = 0.97, expected at most target_precision_auto"),
    ({"maximum_calibration_error": 2}, "got maximum_calibration_error"),
    ({"rest_class": ["其他"]}, "got rest_class"),
])
def test_wrong_settings_name_their_key(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(WorkspaceError, match=message):
        spec_of("ticket_category", settings)


def test_whole_numbers_are_numbers() -> None:
    assert spec_of("ticket_category", {"strength": 1}).settings.strength == 1.0


def test_field_and_label() -> None:
    spec = spec_of("ticket_mood", {"label": "sentiment"})
    assert (spec.field, spec.label, spec_of("ticket_mood", {}).label) == ("mood", "sentiment", "mood")


def test_rows_are_as_in_the_tables() -> None:
    tables = tables_of(
        subject=["急", None, None], category=["硬件", None, "软件"], subcategory=["卡纸", "x", None],
        channel=["电话"] * 3, region=[None] * 3,
    )
    found = examples(tables, {"minimum_rows": 2, "second_level": "subcategory"}, merge=False)
    assert found.ids.tolist() == ["T0", "T2"]
    assert found.subjects.tolist() == ["急", None]
    assert found.labels.tolist() == ["硬件", "软件"]
    assert found.second.tolist() == ["卡纸", None]
    assert found.slices.columns.tolist() == ["channel"]
    assert (found.created_at, found.resolved_at) == (None, None)
    assert found.left_out == {"no_label": 1}


def test_a_missing_label_column_is_refused() -> None:
    with pytest.raises(TrainingRefused, match="ticket_category: tickets have no column 'category'"):
        examples(tables_of(sentiment=["x"]), {})


def test_rare_classes_are_refused_without_a_rest_class() -> None:
    tables = tables_of(category=["硬件"] * 6 + ["软件"] * 4 + ["安装"])
    with pytest.raises(TrainingRefused, match=r"minimum_rows = 5 rows of 安装 \(1\), 软件 \(4\); name a rest"):
        examples(tables, {})
    assert examples(tables, {}, merge=False).labels.tolist() == tables["tickets"]["category"].tolist()


def test_rare_classes_are_merged_into_the_rest_class_and_lose_what_is_below() -> None:
    tables = tables_of(
        category=["硬件"] * 6 + ["其他"] * 2 + ["软件"] * 4 + ["安装"], subcategory=["细"] * 13,
    )
    found = examples(tables, {"rest_class": "其他", "second_level": "subcategory"})
    assert found.labels.tolist() == ["硬件"] * 6 + ["其他"] * 7
    assert found.second.tolist() == ["细"] * 8 + [None] * 5
    assert found.merged == {"安装": "其他", "软件": "其他"}


def test_inactive_labels_are_dropped_before_classes_are_counted() -> None:
    policy = Policy.from_dict({"taxonomy": [
        {"field": "category", "value": "安装", "active": False},
        {"field": "category", "value": "软件", "renamed_from": "程序"},
    ]})
    found = examples(tables_of(category=["硬件"] * 5 + ["安装"] + ["程序"] * 2 + ["软件"] * 3), {}, policy)
    assert found.labels.tolist() == ["硬件"] * 5 + ["软件"] * 5
    assert found.left_out == {"inactive_label": 1}


def test_user_words_and_settings_reach_the_scorer(tmp_path: Path) -> None:
    words = tmp_path / "user_words.txt"
    words.write_text("硒鼓架\n", encoding="utf-8")
    spec = spec_of("ticket_category", {"lead_weight": 2.0, "second_level": "subcategory"})
    scorer = spec.fit(simulated(300, 1), folds_of(300), words, 0, lambda: None)
    assert scorer.segmenter.user_words == ("硒鼓架",)
    assert scorer.linear.lead.weight == 2.0
    assert (scorer.model, scorer.field, scorer.second_field) == ("ticket_category", "category", "subcategory")


def test_the_spec_is_deterministic_by_seed() -> None:
    spec, train, test = spec_of("ticket_category", {}), simulated(300, 1), simulated(100, 5)
    first, second = (
        spec.fit(train, folds_of(300), None, 3, lambda: None).probabilities(test.subjects, test.bodies)[0]
        for _ in range(2)
    )
    np.testing.assert_array_equal(first, second)


def test_what_the_workspace_sets_is_not_tuned() -> None:
    spec = spec_of("ticket_category", {"strength": 0.7, "lead_weight": 1.5})
    assert spec.tuned(simulated(200, 1), folds_of(200, 2), None, 0, lambda: None) == spec


def test_tuning_chooses_what_the_workspace_leaves_open_the_same_each_time() -> None:
    spec = spec_of("ticket_category", {"strength": 0.7})
    first, second = (spec.tuned(simulated(200, 1), folds_of(200, 2), None, 0, lambda: None) for _ in range(2))
    assert first == second
    assert first.settings.strength == 0.7
    assert first.settings.lead_weight > 0
    assert spec.tuned(simulated(200, 1), [], None, 0, lambda: None).settings.strength == 0.7
