"""What a person sees of drift: both windows, the columns that moved most, and one sentence on what to do."""

from typing import TYPE_CHECKING

from training.drift.comparison import Drift, Shift, Span, some_of

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

MOST_ROWS = 20
LEVELS = {"steady": "steady 稳定", "moved": "moved 有变化", "shifted": "shifted 明显变化"}
NAMES_ZH = {
    "label": "标签", "prediction": "预测取值", "abstentions": "转人工", "confidence": "把握度",
    "known_text": "已知文字", "text_length": "文字长度", "channel": "渠道", "product": "产品",
    "product_version": "产品版本", "region": "地区", "site": "网点", "customer_tier": "客户等级", "customer_id": "客户",
    "device_id": "设备", "probability": "风险概率",
}


def show_drift(drift: Drift, console: "Console", time_zone: str = "UTC") -> None:
    """Print the windows, the table, what was not compared and the advice."""
    for name, span in zip(("reference 参照", "recent 近期"), drift.spans, strict=True):
        console.print(f"{name}: {in_words(span, time_zone)}", highlight=False)
    console.print(drift_table(drift))
    if len(drift.shifts) > MOST_ROWS:
        console.print(f"  {len(drift.shifts) - MOST_ROWS} more columns, none of which moved further; --output has all",
                      highlight=False)
    if drift.left_out:
        console.print(f"  Not compared: {_reasons(drift)}", highlight=False, markup=False)
    console.print(drift.advice(), highlight=False, markup=False, soft_wrap=True)


def in_words(span: Span, time_zone: str) -> str:
    """Return a window in words, its times in a zone.

    >>> import pandas as pd
    >>> in_words(Span(30, pd.Timestamp("2026-02-01", tz="UTC")), "Asia/Shanghai")
    '30 rows as of 2026-02-01 08:00'
    """
    start, until = (None if moment is None else f"{moment.tz_convert(time_zone):%Y-%m-%d %H:%M}"
                    for moment in (span.start, span.until))
    return f"{span.rows} rows " + (f"as of {until}" if start is None else f"from {start} to {until}")


def drift_table(drift: Drift) -> "Table":
    """Return the columns that moved most, the first one most."""
    from rich.box import SIMPLE
    from rich.markup import escape
    from rich.table import Table

    caption = "PSI: population stability index; chance: what two random samples of these sizes have on average"
    table = Table(title=f"{drift.model}: drift 数据变化", caption=caption, box=SIMPLE, padding=(0, 1, 0, 0))
    for name in ("", "PSI", "chance", "level", "reference", "recent", "note"):
        number = name in ("PSI", "chance", "reference", "recent")
        table.add_column(name, justify="right" if number else "left", no_wrap=number,
                         overflow="fold", min_width=16 if name in ("", "note") else None)
    for shift in drift.shifts[:MOST_ROWS]:
        table.add_row(escape(f"{shift.name} {NAMES_ZH.get(shift.name, '')}".strip()), f"{shift.psi:.3f}",
                      f"{shift.expected_by_chance:.3f}", LEVELS[shift.level], _cell(shift, shift.reference),
                      _cell(shift, shift.recent), escape(shift.note))
    return table


def _reasons(drift: Drift) -> str:
    by_reason: dict[str, list[str]] = {}
    for name, why in drift.left_out.items():
        by_reason.setdefault(why, []).append(name)
    return "; ".join(f"{some_of(names)} ({why})" for why, names in by_reason.items())


def _cell(shift: Shift, value: float) -> str:
    return f"{value:.1%}" if shift.is_share else f"{value:.3g}"
