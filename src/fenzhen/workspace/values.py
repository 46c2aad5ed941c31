"""Raw values of one source column as canonical ones, with a mask of what could not be read."""

import decimal
from typing import NamedTuple

import numpy as np
import pandas as pd

from fenzhen.tables import Kind
from fenzhen.workspace.times import to_utc

__all__ = ["Converted", "convert", "without_missing"]

_FLAGS = {
    **dict.fromkeys(("true", "t", "yes", "y", "1", "on", "是", "有", "启用", "有效", "在职", "真"), True),
    **dict.fromkeys(("false", "f", "no", "n", "0", "off", "否", "无", "停用", "无效", "离职", "假"), False),
}
_GROUPED = r"^[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$"


class Converted(NamedTuple):
    """Canonical values, and where a raw value was there but could not be read."""

    values: pd.Series
    unreadable: pd.Series


def without_missing(values: pd.Series, tokens: tuple[str, ...]) -> pd.Series:
    """Return ``values`` with each of ``tokens``, and text that is only whitespace, as missing.

    >>> without_missing(pd.Series(["?", " ", "卡纸 "], dtype="str"), ("?",)).tolist()
    [nan, nan, '卡纸 ']
    """
    if isinstance(values.dtype, pd.StringDtype):
        stripped = values.str.strip()
        return values.mask(stripped.isin(["", *tokens]))
    if values.dtype == object:
        return values.mask(values.map(lambda value: _is_missing(value, tokens)).astype(bool))
    if tokens and pd.api.types.is_numeric_dtype(values.dtype):
        numbers = pd.to_numeric(pd.Series(tokens, dtype="str"), errors="coerce").dropna()
        return values.mask(values.isin(numbers.tolist()))
    return values


def _is_missing(value: object, tokens: tuple[str, ...]) -> bool:
    text = value.strip() if isinstance(value, str) else _text(value)
    return text == "" or text in tokens


def convert(values: pd.Series, kind: Kind, time_zone: str, time_format: str | None = None) -> Converted:
    """Return ``values`` as the canonical dtype of ``kind``.

    >>> convert(pd.Series([1.0, None]), "id", "UTC").values.tolist()
    ['1', nan]
    >>> convert(pd.Series(["0071", "1.0"], dtype="str"), "id", "UTC").values.tolist()
    ['0071', '1']
    >>> convert(pd.Series(["￥1,200.50", "面议"], dtype="str"), "number", "UTC").unreadable.tolist()
    [False, True]
    """
    if kind == "time":
        result = to_utc(values, time_zone, time_format)
    elif kind == "number":
        result = _numbers(values)
    elif kind == "flag":
        result = _texts(values).str.strip().str.lower().map(_FLAGS).astype("boolean")
    else:
        result = _texts(values)
        if kind != "text":
            result = _identifiers(result) if kind == "id" else result.str.strip()
            result = result.mask(result == "")
    return Converted(result, result.isna() & values.notna())


def _texts(values: pd.Series) -> pd.Series:
    if isinstance(values.dtype, pd.StringDtype):
        return values.astype("str")
    if pd.api.types.is_bool_dtype(values.dtype):
        return values.map({True: "true", False: "false"}).astype("str")
    if pd.api.types.is_integer_dtype(values.dtype):
        return values.astype("str")
    return values.astype(object).map(_text, na_action="ignore").astype("str")


def _text(value: object) -> str | float:
    """Return ``value`` as people write it: whole numbers without ``.0``."""
    if isinstance(value, str):
        return value
    if isinstance(value, float | np.floating):
        return str(int(value)) if value.is_integer() else (str(value) if np.isfinite(value) else np.nan)
    if isinstance(value, decimal.Decimal) and value.is_finite() and value == value.to_integral_value():
        return str(int(value))
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    return str(value)


def _identifiers(texts: pd.Series) -> pd.Series:
    stripped = texts.str.strip()
    if not stripped.str.endswith("0").any():
        return stripped
    return stripped.str.replace(r"^(-?\d+)\.0+$", r"\1", regex=True)


def _numbers(values: pd.Series) -> pd.Series:
    if pd.api.types.is_bool_dtype(values.dtype) or pd.api.types.is_numeric_dtype(values.dtype):
        numbers = values.astype("float64")
    else:
        texts = _texts(values).str.strip().str.lstrip("¥￥$")
        grouped = texts.str.contains(_GROUPED, regex=True).fillna(False).astype(bool)
        plain = texts.where(~grouped, texts.str.replace(",", "", regex=False))
        numbers = pd.to_numeric(plain, errors="coerce").astype("float64")
    return numbers.where(np.isfinite(numbers))
