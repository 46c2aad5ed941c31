"""The report of a priority model: that of any label, with what the order of the values adds."""

from pathlib import Path

from models.priority.rows import PriorityRows
from training.champions.gate_rules import GateResult
from training.evaluation.report import write_report
from training.priority.evaluation import PriorityEvaluation
from training.provenance import Provenance

__all__ = ["NAMES_ZH", "write_priority_report"]

NAMES_ZH = {"model": "本模型", "model_and_rules": "本模型加规则", "majority": "多数类", "back_off": "回退表",
            "linear": "线性模型(字段与交叉)"}
TABLE = "priority.csv"


def write_priority_report(
    folder: Path, evaluation: PriorityEvaluation, provenance: Provenance, rows: PriorityRows, gate: GateResult,
) -> None:
    """Write tables, plots and the Chinese model card into ``folder`` (made if absent)."""
    written = write_report(folder, evaluation.whole, provenance, texts=rows.texts, rows=rows.slices, gate=gate,
                           ids=[str(name) for name in rows.ids])
    evaluation.table().to_csv(folder / TABLE, index=False, encoding="utf-8-sig")
    card = written["model_card.md"]
    card.write_text(card.read_text("utf-8") + section(evaluation), encoding="utf-8")


def section(evaluation: PriorityEvaluation) -> str:
    """Return the card's section about the order, as Markdown."""
    urgent, load = "、".join(evaluation.urgent), evaluation.review_load
    lines = [
        "", "## 优先级的次序", "",
        f"紧急指比最常见的优先级更紧急的取值({urgent}),测试数据中有 {evaluation.urgent_rows} 张。"
        "回答不是最可能的一类,而是按各类占比折算后的最高分,否则少见的紧急工单永远不会被提示;"
        "把握度仍是校准后的概率。", "",
        f"| | 二次加权 kappa | 平均代价 | 复核 {load:.0%} 的工单能找到的紧急工单 |", "|---|---|---|---|",
    ]
    lines += [f"| {NAMES_ZH.get(each.name, each.name)} | {each.kappa:.3f} | {each.cost:.3f} "
              f"| {each.urgent_recall:.1%} |"
              for each in evaluation.ordered]
    lines += ["", "代价:每差一级计 1,报得不够紧急加倍(可用 costs 设定)。规则只会提高优先级,不会降低。", ""]
    return "\n".join(lines)
