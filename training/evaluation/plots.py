"""Pictures of an evaluation as PNG, drawn without a display and with a Chinese font where one is installed."""

import functools
import importlib.util
import logging
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from fenzhen.metrics import coverage_at_precision, reliability_table, risk_coverage, wilson_lower
from training.evaluation.confusion_pairs import confusion_pairs
from training.evaluation.evaluate import PRECISIONS, Evaluation

FONT = "NotoSansCJKsc-Regular.otf"
BLUE, ORANGE, GREY, RED = "#2f6db3", "#e08a2c", "#8a8f98", "#c0453c"
MOST_PAIRS = 15
MOST_CLASSES = 30
NAME_LENGTH = 12

_log = logging.getLogger(__name__)


def write_plots(folder: Path, evaluation: Evaluation) -> list[str]:
    """Write every plot into ``folder`` and return the file names; a missing font costs glyphs, never the report."""
    for name, (size, draw) in _plots(evaluation).items():
        save(folder / name, draw, size)
    return list(_plots(evaluation))


def save(path: Path, draw: Callable[[Axes], None], size: tuple[float, float] = (6.4, 4.8)) -> None:
    """Draw on a fresh figure of ``size`` inches and write it as PNG, without any state shared between figures."""
    settings: dict[Any, Any] = {
        "font.family": [*font_family(), "DejaVu Sans"], "axes.unicode_minus": False, "font.size": 10,
        "axes.spines.top": False, "axes.spines.right": False, "axes.titlelocation": "left", "axes.titlesize": 12,
        "legend.frameon": False,
    }
    with matplotlib.rc_context(settings), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font", category=UserWarning)
        figure = Figure(figsize=size, dpi=120, layout="constrained")
        FigureCanvasAgg(figure)
        draw(figure.add_subplot())
        figure.savefig(path, format="png", metadata={"Software": None})


@functools.lru_cache(maxsize=1)
def font_family() -> tuple[str, ...]:
    """Return the family of the font that comes with ``mplfonts``, registered by its path; () with a warning without."""
    spec = importlib.util.find_spec("mplfonts")
    folders = [] if spec is None else list(spec.submodule_search_locations or [])
    path = next((file for folder in folders if (file := Path(folder) / "fonts" / FONT).is_file()), None)
    if path is None:
        _log.warning("no Chinese font (%s of mplfonts): plots show boxes instead of Chinese", FONT)
        return ()
    font_manager.fontManager.addfont(str(path))
    return (font_manager.FontProperties(fname=str(path)).get_name(),)


def draw_reliability(axes: Axes, evaluation: Evaluation) -> None:
    """Accuracy over confidence in 15 bins of equal width; the size of a point says how many rows it stands for."""
    table = reliability_table(evaluation.confidence, evaluation.correct)
    count = np.array([row.count for row in table])
    confidence, right = [row.confidence for row in table], [row.accuracy for row in table]
    axes.plot([0, 1], [0, 1], color=GREY, linestyle="--", linewidth=1, label="完全校准")
    axes.vlines(confidence, [wilson_lower(share * rows, rows) for share, rows in zip(right, count, strict=True)],
                [1 - wilson_lower((1 - share) * rows, rows) for share, rows in zip(right, count, strict=True)],
                color=BLUE, alpha=0.35, linewidth=2, label="95 % 区间")
    axes.scatter(confidence, right, s=15 + 250 * count / count.max(), color=BLUE, alpha=0.75,
                 label="实际(点越大,行数越多)")
    axes.set(xlim=(0, 1.02), ylim=(0, 1.04), xlabel="把握度", ylabel="正确率",
             title=f"把握度校准:ECE {evaluation.ece:.3f}({evaluation.labels.size:,} 行)")
    axes.grid(alpha=0.25)
    axes.legend(loc="best")


def draw_risk_coverage(axes: Axes, evaluation: Evaluation) -> None:
    """Share wrong among the answered as more gets answered, with the coverage at each target precision marked."""
    curve = risk_coverage(evaluation.confidence, evaluation.correct)
    axes.plot(curve.coverage, curve.risk, color=BLUE, drawstyle="steps-post")
    for precision, colour in zip(PRECISIONS, (RED, ORANGE, GREY), strict=True):
        share = coverage_at_precision(evaluation.confidence, evaluation.correct, precision)
        axes.axhline(1 - precision, color=colour, linestyle="--", linewidth=1,
                     label=f"精确率 {precision:.0%}:可回答 {share:.1%}")
        reached = float(curve.risk[np.isclose(curve.coverage, share)].min(initial=1 - precision))
        axes.plot([share], [reached], "o", color=colour, markersize=5)
    highest = max(float(curve.risk[curve.coverage > 0.02].max(initial=0.0)), 0.12)
    axes.set(xlim=(0, 1.02), ylim=(0, min(1.0, highest * 1.1)), xlabel="回答的比例", ylabel="回答中出错的比例",
             title="少答一些,能准多少")
    axes.grid(alpha=0.25)
    axes.legend(loc="best")


def draw_confidence(axes: Axes, evaluation: Evaluation) -> None:
    """How many right and wrong rows there are at each confidence."""
    confidence, correct = evaluation.confidence, evaluation.correct
    axes.hist([confidence[correct], confidence[~correct]], bins=np.linspace(0, 1, 21).tolist(), stacked=True,
              color=[BLUE, RED], label=["判对", "判错"], edgecolor="white", linewidth=0.5)
    axes.set(xlim=(0, 1), xlabel="把握度", ylabel="行数", title="把握度分布")
    axes.legend(loc="best")


def draw_per_class(axes: Axes, evaluation: Evaluation) -> None:
    """F1 of each of the most frequent classes as a bar, its precision and recall as marks, its rows in the name."""
    shown = sorted(evaluation.per_class, key=lambda row: -row.support)[:MOST_CLASSES]
    height = np.arange(len(shown))
    axes.barh(height, [row.f1 for row in shown], color=BLUE, alpha=0.45, height=0.7, label="F1")
    axes.plot([row.precision for row in shown], height, "D", color=ORANGE, markersize=5, label="精确率")
    axes.plot([row.recall for row in shown], height, "o", color=RED, markersize=5, label="召回率")
    axes.set_yticks(height, [f"{_short(row.value)}({row.support:,})" for row in shown])
    axes.set(xlim=(0, 1.02), ylim=(len(shown) - 0.4, -0.6), title=f"分类别表现(前 {len(shown)} 类,括号内为行数)")
    axes.grid(axis="x", alpha=0.25)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.06), ncols=3)


def draw_confusion_pairs(axes: Axes, evaluation: Evaluation) -> None:
    """The pairs of classes that are most often confused, true → predicted."""
    pairs = confusion_pairs(evaluation, MOST_PAIRS)
    names = [f"{_short(true)} → {_short(said)}" for true, said in zip(pairs["true"], pairs["predicted"], strict=True)]
    bars = axes.barh(np.arange(len(pairs)), pairs["rows"].tolist(), color=BLUE, height=0.7)
    axes.bar_label(bars, [f" {rows}({share:.0%})" for rows, share in
                          zip(pairs["rows"], pairs["share_of_true"], strict=True)], color="#333333", fontsize=9)
    axes.set_yticks(np.arange(len(pairs)), names)
    axes.set(ylim=(max(len(pairs), 1) - 0.4, -0.6), xlabel="行数(括号内:占该真实类别的比例)",
             title="最常混淆的类别:真实 → 判为" if len(pairs) else "没有混淆")
    axes.margins(x=0.12)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))


def draw_confusion_matrix(axes: Axes, evaluation: Evaluation) -> None:
    """Row-normalised confusion of the most frequent classes; colour and number are shares of the true class."""
    support = evaluation.confusion.sum(axis=1)
    shown = np.argsort(-support, kind="stable")[:MOST_CLASSES]
    share = evaluation.confusion[np.ix_(shown, shown)] / np.maximum(support[shown], 1)[:, None]
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
    names = [_short(evaluation.classes[index]) for index in shown]
    axes.set_xticks(range(len(shown)), names, rotation=45, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(shown)), names)
    for row, column in np.argwhere(share >= 0.005).tolist():
        axes.text(column, row, f"{share[row, column]:.0%}", ha="center", va="center", fontsize=8,
                  color="white" if share[row, column] > 0.6 else "#333333")
    axes.set(xlabel="判为", ylabel="真实", title="混淆矩阵(按真实类别归一)")


def _plots(evaluation: Evaluation) -> dict[str, tuple[tuple[float, float], Callable[[Axes], None]]]:
    rows = min(len(evaluation.classes), MOST_CLASSES)
    side = max(4.5, 0.42 * rows + 2.2)
    drawn = {
        "reliability.png": ((5.6, 5.2), draw_reliability),
        "risk_coverage.png": ((6.4, 4.6), draw_risk_coverage),
        "confidence.png": ((6.4, 4.2), draw_confidence),
        "per_class.png": ((7.0, max(3.0, 0.34 * rows + 1.4)), draw_per_class),
        "confusion_pairs.png": ((7.6, 5.4), draw_confusion_pairs),
        "confusion_matrix.png": ((side, side), draw_confusion_matrix),
    }
    return {name: (size, functools.partial(draw, evaluation=evaluation)) for name, (size, draw) in drawn.items()}


def _short(name: str) -> str:
    """Keep both ends: long names often differ only in the last."""
    return name if len(name) <= NAME_LENGTH else f"{name[: NAME_LENGTH - 5]}…{name[-4:]}"
