"""A made-up evaluation that report, plots and model card are tested on."""

import numpy as np

from training.evaluation.evaluate import Evaluation, evaluate
from training.provenance import Provenance, Window

CLASSES = ("墨盒", "屏幕", "打印|纸", "网络故障")
THRESHOLDS = {value: {"auto": 0.9, "suggest": 0.5} for value in CLASSES}


def made_up_evaluation(rows: int = 200, seed: int = 0) -> Evaluation:
    """Right in about four of five rows, over-confident, in groups of two."""
    random = np.random.default_rng(seed)
    truth = random.integers(0, 4, rows)
    scores = random.dirichlet([0.4] * 4, rows) + np.eye(4)[truth] * 0.6
    probabilities = scores / scores.sum(axis=1, keepdims=True)
    labels = np.array(CLASSES, dtype=object)[truth]
    majority = np.tile(np.eye(4)[1], (rows, 1))
    return evaluate(labels, probabilities, CLASSES, np.arange(rows) // 2, thresholds=THRESHOLDS,
                    baselines={"majority": majority}, rounds=50, seed=seed)


def made_up_provenance(**changes: object) -> Provenance:
    """Facts of the kind that training fills in."""
    facts: dict[str, object] = {
        "model": "ticket_category", "field": "category", "label": "一级分类", "as_of": "2026-01-01T00:00:00+08:00",
        "regime": "time", "gap": "2 days 12:00:00", "seed": 7, "dataset_sha256": "ab" * 32, "version": 3,
        "windows": {"train": Window(1000, "2025-01-01", "2025-09-01"), "test": Window(200, "2025-11-01", "2025-12-31")},
        "git_commit": "cafe" * 10, "parameters": {"C": 4.0}, "libraries": {"numpy": "2.4.6"},
        "excluded": {"没有类别": 12}, "merged_classes": {"罕见": "其他"}, "warnings": ("只有 200 行训练数据",),
    }
    return Provenance(**(facts | changes))  # type: ignore[arg-type]
