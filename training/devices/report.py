"""The report of a device model: that of any risk, and beside it alerts against failures, and each component."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.axes import Axes

from models.devices.spec import DeviceFailureSpec
from training.devices.events_evaluation import FALSE_ALARM_RATE, EventEvaluation
from training.devices.judge import DeviceJudgement
from training.evaluation.plots import BLUE, GREY, RED, save
from training.provenance import Provenance
from training.risk.plots import BASELINE_NAMES
from training.risk.report import RiskCard, write_risk_report

if TYPE_CHECKING:
    from rich.table import Table

EXCLUDED = {"restarting": "故障后的维修或重启期间", "gap": "预测期跨入下一部分"}
FEW_FAILURES = 30
_PURPOSE = ("根据遥测、报错、日志、维护与故障记录,判断哪些设备、哪个部件将在预测期内发生故障,供备件与上门计划使用。"
            "每日评分;概率达到门槛时发出预警。")


def write_device_report(folder: Path, judgement: DeviceJudgement, provenance: Provenance,
                        spec: DeviceFailureSpec) -> None:
    """Write the risk report, ``events.csv`` (a row a threshold), ``components.csv`` and ``alerts.png``."""
    events, horizon = judgement.events, spec.settings.horizons_days[0]
    card = RiskCard(_PURPOSE, "设备(任一部件)发生故障", "设备", horizon, tuple(_notes(judgement, horizon)))
    tables = {"events.csv": events.curve, "components.csv": pd.DataFrame([asdict(row) for row in judgement.components])}
    written = write_risk_report(folder, judgement.evaluation, provenance, card, gate=judgement.gate, tables=tables)
    save(folder / "alerts.png", lambda axes: draw_alerts(axes, events), (6.4, 4.8))
    with written["model_card.md"].open("a", encoding="utf-8") as file:
        file.write(_section(judgement))


def draw_alerts(axes: Axes, events: EventEvaluation) -> None:
    """Recall of failures over false alarms, a point a threshold; the chosen one is marked."""
    curve = events.curve.sort_values("false_alarms")
    axes.step(curve["false_alarms"], curve["recall"], where="post", color=BLUE, label="各门槛")
    axes.scatter([events.false_alarms.estimate], [events.recall.estimate], color=RED, zorder=3,
                 label=f"所选门槛 {events.threshold:.3f}")
    axes.axvline(FALSE_ALARM_RATE, color=GREY, linestyle="--", linewidth=1,
                 label=f"每百台月 {FALSE_ALARM_RATE:g} 次误报")
    axes.set(ylim=(0, 1.02), xlim=(0, max(10.0, 2 * FALSE_ALARM_RATE)), xlabel="每百台月误报次数",
             ylabel="提前发现的故障比例", title=f"预警:{events.failures} 次故障")
    axes.grid(alpha=0.25)
    axes.legend(loc="lower right")


def device_table(name: str, judgement: DeviceJudgement) -> Iterator["Table"]:
    """Yield what the screen shows: measures beside the baselines', components, and alerts against failures."""
    from rich.table import Table

    found = judgement.evaluation
    rows = Table(title=f"{name}: {found.outcome.size} device-days, {found.base_rate:.1%} before a failure")
    for column in ("", "AUC", "AP", "recall at 2 false alarms"):
        rows.add_column(column, justify="left" if not column else "right")
    ours, best = found.roc_auc, found.average_precision
    rows.add_row(name, f"{ours.estimate:.3f} ({ours.low:.3f}–{ours.high:.3f})",
                 f"{best.estimate:.3f} ({best.low:.3f}–{best.high:.3f})", f"{judgement.events.recall_at_rate:.0%}")
    for row in found.baselines:
        rows.add_row(row.name, f"{row.roc_auc:.3f}", f"{row.average_precision:.3f}",
                     f"{judgement.baseline_events[row.name]:.0%}")
    yield rows
    parts = Table(title="by component: average precision")
    for column in ("", "rows", "failed", "AUC", "AP", "age and rate", "errors"):
        parts.add_column(column, justify="left" if not column else "right")
    for part in judgement.components:
        parts.add_row(part.component, str(part.rows), str(part.failures), f"{part.roc_auc:.3f}",
                      f"{part.average_precision:.3f}", f"{part.lifetimes_average_precision:.3f}",
                      f"{part.errors_average_precision:.3f}")
    yield parts
    yield _events_table(judgement.events)


def _events_table(events: EventEvaluation) -> "Table":
    from rich.table import Table

    table = Table(title=f"alerts from {events.threshold:.3f}: {events.alerts} for {events.failures} failures in "
                        f"{events.device_months:.0f} device-months")
    for column in ("", "found", "95 % interval"):
        table.add_column(column, justify="left" if not column else "right")
    for label, name, shape in (("failures caught", "recall", ".1%"), ("alerts that were right", "precision", ".1%"),
                               ("false alarms in 100 device-months", "false_alarms", ".2f"),
                               ("median lead, days", "median_lead", ".2f"), ("cost", "cost", ".0f")):
        interval = getattr(events, name)
        table.add_row(label, f"{interval.estimate:{shape}}", f"{interval.low:{shape}}–{interval.high:{shape}}")
    table.add_row("cost without alerts", f"{events.cost_without:.0f}", "")
    table.add_row("at 2 false alarms: caught, median lead",
                  f"{events.recall_at_rate:.1%}, {events.lead_at_rate:.2f} d", "")
    return table


def _notes(judgement: DeviceJudgement, horizon: int) -> Iterator[str]:
    failures = judgement.events.failures
    if failures < FEW_FAILURES:
        yield f"测试期只有 {failures} 次故障,召回率与误报率的区间很宽,不足以比较版本。"
    yield "计划更换视为删失:该部件此后的结果不可知,不算故障,也不参加部件评估。"
    if horizon > 1:
        yield "故障前一两天的信号最强;更长的提前量主要来自部件年龄与维护周期,把握度低得多。"


def _section(judgement: DeviceJudgement) -> str:
    events = judgement.events
    lines = [
        "\n## 预警与故障\n",
        f"门槛 {events.threshold:.4f} 由验证期的费用与处理能力选定。测试期 {events.failures} 次故障,"
        f"{events.device_months:.0f} 台月,发出预警 {events.alerts} 次。\n",
        "| 指标 | 结果 | 95 % 区间 |", "|---|---:|---|",
        _line("提前发现的故障", events.recall, ".1%"), _line("预警中判对的", events.precision, ".1%"),
        _line("每百台月误报", events.false_alarms, ".2f"), _line("提前量中位数(天)", events.median_lead, ".2f"),
        _line("费用", events.cost, ".0f"), f"| 不设预警的费用 | {events.cost_without:.0f} | |",
        f"\n每百台月至多 {FALSE_ALARM_RATE:g} 次误报时,可提前发现 {events.recall_at_rate:.1%} 的故障,"
        f"提前量中位数 {events.lead_at_rate:.2f} 天;",
        "、".join(f"{BASELINE_NAMES.get(name, name)} {value:.1%}" for name, value in judgement.baseline_events.items())
        + "。\n", "![召回率与误报](alerts.png)\n",
        "| 部件 | 行数 | 故障行 | AUC | 平均精确率 | 年龄与故障率 | 近一周报错 |",
        "|---|---:|---:|---:|---:|---:|---:|",
        *(f"| {row.component} | {row.rows:,} | {row.failures:,} | {row.roc_auc:.3f} | {row.average_precision:.3f} | "
          f"{row.lifetimes_average_precision:.3f} | {row.errors_average_precision:.3f} |"
          for row in judgement.components)]
    return "\n".join(lines) + "\n"


def _line(name: str, interval: object, shape: str) -> str:
    estimate, low, high = (getattr(interval, each) for each in ("estimate", "low", "high"))
    return f"| {name} | {estimate:{shape}} | {low:{shape}}–{high:{shape}} |"
