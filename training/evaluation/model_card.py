"""The model card: what a person must know before letting a model answer, in Chinese, as Markdown."""

from pathlib import Path
from typing import Any

import jinja2
import numpy as np
import pandas as pd

from training.champions.gate_rules import GateResult
from training.evaluation.evaluate import Evaluation
from training.provenance import Provenance

TEMPLATES = Path(__file__).resolve().parent / "templates"
REGIMES = {
    "time": "按时间:训练、校准、最新时段测试",
    "time_and_entity": "按时间与实体:最新时段测试,较早时段按实体划出校准部分",
    "entity": "按实体:同一实体只在一侧(时间跨度不足)",
    "text_group": "按近似重复文本分组:几乎相同的文本只在一侧(没有可用的时间)",
    "out_of_fold": "折外:每一行由未见过其近似重复文本的模型判断",
}
WINDOWS = {"train": "训练", "validation": "校准", "test": "测试", "refit": "最终拟合"}
BASELINES = {"majority": "多数类", "keywords": "关键词规则", "linear": "普通线性模型"}
DECISIONS = {"auto": "自动应用", "suggest": "建议", "abstain": "转人工"}
DIMENSIONS = {"channel": "渠道", "product": "产品", "region": "地区", "month": "月份", "length": "文本长度"}
FEW_ROWS = 30
WEAK_F1 = 0.7
MOST_CLASSES = 60


def model_card(evaluation: Evaluation, provenance: Provenance, gate: GateResult | None, pairs: pd.DataFrame,
               slices: pd.DataFrame) -> str:
    """Return the card; ``pairs`` and ``slices`` are the tables of ``training.evaluation.report``."""
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), undefined=jinja2.StrictUndefined,
                                     trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True, autoescape=False)
    environment.filters.update(percent=percent, number=number, cell=safe_cell, signed=signed)
    return environment.get_template("model_card.md.jinja").render(
        evaluation=evaluation, provenance=provenance, gate=gate,
        gap=gap_in_words(provenance.gap), regime=REGIMES.get(provenance.regime, provenance.regime), windows=WINDOWS,
        baseline_names=BASELINES, decision_names=DECISIONS, dimension_names=DIMENSIONS,
        classes=sorted(evaluation.per_class, key=lambda row: -row.support)[:MOST_CLASSES],
        hidden=max(len(evaluation.per_class) - MOST_CLASSES, 0), pairs=pairs.head(8).to_dict("records"),
        worst_slices=slices.sort_values("accuracy").head(5).to_dict("records"), shortcomings=_shortcomings(evaluation),
    )


def _shortcomings(evaluation: Evaluation) -> list[str]:
    rows = evaluation.per_class
    few = [row.value for row in rows if 0 < row.support < FEW_ROWS]
    weak = [f"{row.value}(F1 {row.f1:.2f})" for row in rows if row.support >= FEW_ROWS and row.f1 < WEAK_F1]
    found = []
    if evaluation.unknown_labels:
        found.append(f"测试数据中有 {evaluation.unknown_labels} 行的类别不在模型的类别之内,一律算错。")
    if evaluation.absent_classes:
        found.append(f"以下类别没有测试数据:{_listed(list(evaluation.absent_classes))}。")
    if few:
        found.append(f"以下类别的测试数据不足 {FEW_ROWS} 行,其指标不可靠:{_listed(few)}。")
    if weak:
        found.append(f"以下类别的 F1 低于 {WEAK_F1}:{_listed(weak)}。")
    if evaluation.accuracy.high - evaluation.accuracy.low > 0.1:
        found.append("测试数据少,总体正确率的 95 % 区间宽于 10 个百分点。")
    if evaluation.groups is None:
        found.append("置信区间按行重抽样(没有实体或文本分组),可能偏窄。")
    return found


def gap_in_words(gap: str) -> str:
    """A pandas duration in days; any other text as it is.

    >>> gap_in_words("0 days 00:00:00"), gap_in_words("3 days 12:00:00")
    ('无', '3.5 天')
    """
    try:
        days = pd.Timedelta(gap) / pd.Timedelta(days=1)
    except ValueError:
        return gap
    return f"{days:.3g} 天" if days else "无"


def _listed(values: list[str], most: int = 12) -> str:
    return "、".join(values[:most]) + (f" 等 {len(values)} 类" if len(values) > most else "")


def percent(share: float, digits: int = 1) -> str:
    return "—" if share is None or not np.isfinite(share) else f"{share:.{digits}%}"


def number(value: float, digits: int = 3) -> str:
    return "—" if value is None or not np.isfinite(value) else f"{value:.{digits}f}"


def signed(value: float, digits: int = 3) -> str:
    return "—" if value is None or not np.isfinite(value) else f"{value:+.{digits}f}"


def safe_cell(value: Any) -> str:
    """Make a value safe inside a Markdown table."""
    return str(value).replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")
