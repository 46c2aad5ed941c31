"""Pictures of a risk evaluation as PNG: calibration, what lists of each length catch, precision over recall."""

import functools
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from fenzhen.metrics import Ranking, wilson_lower
from training.evaluation.plots import BLUE, GREY, ORANGE, RED, save
from training.risk.evaluation import RiskEvaluation

BASELINE_NAMES = {"recency": "仅看最近一次", "buy_till_you_die": "BG/NBD", "logistic": "逻辑回归",
                  "base_rate": "总体比例", "champion": "在用版本", "age_and_failure_rate": "年龄与故障率",
                  "errors_last_week": "近一周报错", "always_no": "从不预警"}
OTHERS = (GREY, ORANGE, RED, "#5b8c5a", "#8d6cab")


def write_risk_plots(folder: Path, evaluation: RiskEvaluation) -> list[str]:
    """Write every plot into ``folder`` and return the file names."""
    drawn = {name: functools.partial(draw, evaluation=evaluation) for name, draw in PLOTS.items()}
    for name, draw in drawn.items():
        save(folder / name, draw, (6.4, 4.8))
    return list(drawn)


def draw_reliability(axes: Axes, evaluation: RiskEvaluation) -> None:
    """The share that happened over the mean probability, about equally many rows a point, with 95 % intervals."""
    table = evaluation.calibration
    chance = [row.probability for row in table]
    low = [wilson_lower(row.happened * row.count, row.count) for row in table]
    high = [1 - wilson_lower((1 - row.happened) * row.count, row.count) for row in table]
    limit = min(1.0, 1.1 * max(*chance, *high))
    axes.plot([0, limit], [0, limit], color=GREY, linestyle="--", linewidth=1, label="完全校准")
    axes.vlines(chance, low, high, color=BLUE, alpha=0.35, linewidth=2, label="95 % 区间")
    axes.scatter(chance, [row.happened for row in table], s=40, color=BLUE, label="实际(每点行数大致相等)")
    axes.set(xlim=(0, limit), ylim=(0, limit), xlabel="预测概率", ylabel="实际发生的比例",
             title=f"概率校准:ECE {evaluation.ece:.3f}({evaluation.outcome.size:,} 行)")
    axes.grid(alpha=0.25)
    axes.legend(loc="upper left")


def draw_lift(axes: Axes, evaluation: RiskEvaluation) -> None:
    """What share of all that happened is caught by a list of each length, beside the baselines and chance."""
    rows = evaluation.outcome.size
    for name, score, colour in _curves(evaluation):
        listed, hits = Ranking.of(evaluation.outcome, score).steps()
        caught = np.r_[0, hits] / max(float(hits[-1]), 1.0)
        axes.plot(np.r_[0, listed] / rows, caught, color=colour, label=name, linewidth=2 if colour == BLUE else 1)
    axes.plot([0, 1], [0, 1], color=GREY, linestyle=":", linewidth=1, label="随机")
    axes.axvline(min(evaluation.capacity / rows, 1), color=GREY, linestyle="--", linewidth=1,
                 label=f"处理能力 {evaluation.capacity:,}")
    axes.set(xlim=(0, 1), ylim=(0, 1.02), xlabel="名单占全部的比例", ylabel="覆盖到的实际发生",
             title=f"名单能覆盖多少:前 10 % 提升 {evaluation.lift_at_10.estimate:.2f} 倍")
    axes.grid(alpha=0.25)
    axes.legend(loc="lower right")


def draw_precision_recall(axes: Axes, evaluation: RiskEvaluation) -> None:
    """Precision over recall of the model and its baselines; the dashed line is the base rate."""
    for name, score, colour in _curves(evaluation):
        listed, hits = Ranking.of(evaluation.outcome, score).steps()
        axes.plot(hits / max(float(hits[-1]), 1.0), hits / listed, color=colour, label=name,
                  linewidth=2 if colour == BLUE else 1)
    axes.axhline(evaluation.base_rate, color=GREY, linestyle="--", linewidth=1,
                 label=f"总体比例 {evaluation.base_rate:.1%}")
    axes.set(xlim=(0, 1), ylim=(0, 1.02), xlabel="召回率", ylabel="精确率",
             title=f"平均精确率 {evaluation.average_precision.estimate:.3f}")
    axes.grid(alpha=0.25)
    axes.legend(loc="best")


def _curves(evaluation: RiskEvaluation) -> list[tuple[str, np.ndarray, str]]:
    others = [(BASELINE_NAMES.get(name, name), score, OTHERS[place % len(OTHERS)])
              for place, (name, score) in enumerate(evaluation.scores.items())]
    return [*others, ("本模型", evaluation.probability, BLUE)]


PLOTS = {"reliability.png": draw_reliability, "lift.png": draw_lift, "precision_recall.png": draw_precision_recall}
