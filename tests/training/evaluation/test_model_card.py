import dataclasses

import pandas as pd
import pytest

from tests.training.made_up import made_up_evaluation, made_up_provenance
from training.champions.gate_rules import GateResult
from training.evaluation.confusion_pairs import confusion_pairs
from training.evaluation.model_card import model_card
from training.evaluation.report import slices


@pytest.fixture(scope="module")
def evaluation():
    return made_up_evaluation()


def card(evaluation, gate=None, **changes) -> str:
    return model_card(evaluation, made_up_provenance(**changes), gate, confusion_pairs(evaluation),
                      slices(evaluation, None, None))


def test_every_chapter_is_there_in_order(evaluation) -> None:
    chapters = [line[3:] for line in card(evaluation).splitlines() if line.startswith("## ")]
    assert chapters == ["用途", "数据", "切分方式", "指标与基线对照", "分类别表", "校准", "弃权", "上线门槛",
                        "已知不足", "公平使用与限制", "版本信息"]


def test_the_facts_are_stated(evaluation) -> None:
    text = card(evaluation)
    for fact in ("ticket_category 版本 3", "ab" * 32, "2025-11-01", "按时间", "2.5 天", "cafe" * 10, "多数类",
                 "没有类别", "「罕见」并入「其他」", "只有 200 行训练数据", "| 参数 C | 4.0 |", "随机种子 | 7"):
        assert fact in text


def test_tables_stay_tables_whatever_a_class_is_called(evaluation) -> None:
    lines = card(evaluation).splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("| 类别"))
    for line in lines[start:start + 6]:
        assert line.replace("\\|", "").count("|") == 7
    assert any("打印\\|纸" in line for line in lines)


def test_the_gate_is_told_in_chinese_with_its_marks(evaluation) -> None:
    verdict = GateResult(False, ["It beats.", "It fails."], ["It fails."], ["优于基线。", "校准误差过大。"], True, {})
    text = card(evaluation, verdict)
    assert "结论:**未通过**;与在用版本相比不更差" in text
    assert "- ✓ 优于基线。\n- ✗ 校准误差过大。" in text


def test_missing_numbers_are_dashes_never_nan() -> None:
    absent = made_up_evaluation(rows=6)
    text = card(dataclasses.replace(absent, top_3_accuracy=float("nan")))
    assert "nan" not in text
    assert "—" in text


def test_few_rows_are_owned_up_to() -> None:
    text = card(made_up_evaluation(rows=20))
    assert "测试数据不足 30 行" in text
    assert "宽于 10 个百分点" in text


def test_a_first_version_without_anything_optional_has_a_card(evaluation) -> None:
    text = card(evaluation, version=None, windows={}, parameters={}, libraries={}, excluded={}, merged_classes={},
                warnings=(), git_commit="", gap="0 days 00:00:00")
    assert text.startswith("# 模型卡:ticket_category\n")
    assert "各部分之间的间隔:无" in text


def test_weak_slices_are_named(evaluation) -> None:
    weak = pd.DataFrame([{"dimension": "channel", "value": "微信", "rows": 40, "accuracy": 0.4}])
    text = model_card(evaluation, made_up_provenance(), None, confusion_pairs(evaluation), weak)
    assert "渠道 微信 40.0%(40 行)" in text
