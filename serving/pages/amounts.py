"""Numbers, amounts and days as people read them."""

from datetime import datetime
from zoneinfo import ZoneInfo

from serving.pages.language import Language

__all__ = ["amount", "day", "plain_number"]

_YUAN = ("CNY", "RMB", "人民币", "元")


def amount(value: float, currency: str | None, language: Language) -> str:
    """Return an amount; in Chinese large ones count in ten thousands (万) or hundred millions (亿).

    Where the currency is unknown none is made up.

    >>> amount(1_284_000, "CNY", "zh"), amount(8000, "CNY", "zh"), amount(1_284_000, "CNY", "en")
    ('128.4 万元', '8,000 元', 'CNY 1,284,000')
    >>> amount(20_000, None, "zh"), amount(21.35, None, "zh"), amount(20_000, None, "en")
    ('2 万', '21.4', '20,000')
    >>> amount(350_000_000, "CNY", "zh"), amount(20_000, "USD", "zh"), amount(12.5, "USD", "en")
    ('3.5 亿元', '2 万 USD', 'USD 12.5')
    """
    if language == "en":
        return f"{currency or ''} {plain_number(value)}".strip()
    for unit, size in (("亿", 1e8), ("万", 1e4)):
        if abs(value) >= size:
            return _with_unit(f"{value / size:,.1f}".removesuffix(".0"), unit, currency)
    return _with_unit(plain_number(value), "", currency)


def _with_unit(number: str, unit: str, currency: str | None) -> str:
    if (currency or "") in _YUAN:
        return f"{number} {unit}元"
    return " ".join(filter(None, (number, unit, currency)))


def plain_number(value: float | str | None) -> str:
    """Return a number with as many digits as it needs to be understood, and a name as it is.

    >>> plain_number(3.0), plain_number(0.4321), plain_number(12.345), plain_number(1234.5), plain_number(None)
    ('3', '0.43', '12.3', '1,234', '—')
    """
    if value is None:
        return "—"
    if isinstance(value, str):
        return value
    digits = 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if digits else text


def day(moment: datetime, zone: ZoneInfo) -> str:
    """Return the day of a moment where the workspace is."""
    return moment.astimezone(zone).date().isoformat()
