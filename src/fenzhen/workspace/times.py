"""Times of a source as UTC, whatever way they are written."""

import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

__all__ = ["DTYPE", "EARLIEST", "LATEST", "to_utc"]

DTYPE = pd.DatetimeTZDtype("us", "UTC")
NAIVE = np.dtype("datetime64[us]")
_DATES = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日")
_CLOCKS = (" %H:%M:%S", " %H:%M", "", "%H:%M:%S", "%H:%M", " %H:%M:%S.%f", "T%H:%M:%S", " %H时%M分%S秒", " %H时%M分",
           "%H时%M分%S秒", "%H时%M分")
_OTHERS = ("%Y%m%d%H%M%S", "%Y%m%d %H:%M:%S", "%Y%m%d")
FORMATS = (*(date + clock for date in _DATES for clock in _CLOCKS), *_OTHERS)
EARLIEST, LATEST = pd.Timestamp("1900-01-01", tz="UTC"), pd.Timestamp("2201-01-01", tz="UTC")
"""What lies before or from then on means "none" or "never", as many systems write 0001-01-01 and 9999-12-31."""
_OFFSET = r"\d:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(?:Z|z|UTC|GMT|[+-]\d{2}:?(?:\d{2})?)$"
_YEAR_FIRST = r"^\d{4}\D|^\d{8}(?:\d{6})?$|^\d{8}[ T]"


def to_utc(values: pd.Series, time_zone: str, time_format: str | None = None) -> pd.Series:
    """Return ``values`` as ``datetime64[us, UTC]``; missing is what cannot be read, or lies outside 1900 to 2200.

    Times without an offset are in ``time_zone``. When its clocks are set back, an hour comes twice: the earlier one
    is meant; a time that is skipped when they are set forward moves to the first one that exists. Without
    ``time_format`` the year must come first, for 03/04 is read differently in different places.

    >>> to_utc(pd.Series(["2026/1/6 8:00", "2026-01-06T08:00:00+00:00", "03/04/2026"]), "Asia/Shanghai").tolist()
    [Timestamp('2026-01-06 00:00:00+0000', tz='UTC'), Timestamp('2026-01-06 08:00:00+0000', tz='UTC'), NaT]
    >>> to_utc(pd.Series(["2026-11-01 01:30"]), "America/New_York").tolist()
    [Timestamp('2026-11-01 05:30:00+0000', tz='UTC')]
    """
    found = _read(values, time_zone, time_format)
    return found.where((found >= EARLIEST) & (found < LATEST))


def _read(values: pd.Series, time_zone: str, time_format: str | None) -> pd.Series:
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        aware: pd.Series = values.dt.tz_convert("UTC").astype(DTYPE)
        return aware
    if pd.api.types.is_datetime64_dtype(values.dtype):
        return _localised(values, time_zone)
    if pd.api.types.is_numeric_dtype(values.dtype) and time_format is None:
        return pd.Series(pd.NaT, index=values.index, dtype=DTYPE)
    if not isinstance(values.dtype, pd.StringDtype):
        values = values.astype(object).map(_written, na_action="ignore").astype("str")
    return _from_text(values.str.strip(), time_zone, time_format)


def _written(value: object) -> str:
    if isinstance(value, datetime.datetime | datetime.date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _from_text(texts: pd.Series, time_zone: str, time_format: str | None) -> pd.Series:
    if time_format is None:
        aware = texts.str.contains(_OFFSET, regex=True).fillna(False).astype(bool)
    else:
        aware = pd.Series("%z" in time_format or "%Z" in time_format, index=texts.index)
    result = pd.Series(pd.NaT, index=texts.index, dtype=DTYPE)
    if aware.any():
        result[aware] = _parsed(texts[aware], time_format, utc=True)
    if not aware.all():
        result[~aware] = _localised(_parsed(texts[~aware], time_format, utc=False), time_zone)
    return result


def _parsed(texts: pd.Series, time_format: str | None, *, utc: bool) -> pd.Series:
    dtype = DTYPE if utc else NAIVE
    if time_format is not None:
        return _strict(texts, time_format, utc).astype(dtype)
    texts = texts.where(texts.str.contains(_YEAR_FIRST, regex=True).fillna(False).astype(bool))
    result = _strict(texts, "ISO8601", utc).astype(dtype)
    for written_as in FORMATS:
        left = result.isna() & texts.notna()
        if not left.any():
            break
        result[left] = _strict(texts[left], written_as + ("%z" if utc else ""), utc).astype(dtype)
    return result


def _strict(texts: pd.Series, time_format: str, utc: bool) -> pd.Series:
    try:
        return pd.to_datetime(texts, format=time_format, errors="coerce", utc=utc)
    except ValueError:  # the format itself is wrong
        return pd.Series(pd.NaT, index=texts.index, dtype=DTYPE if utc else NAIVE)


def _localised(values: pd.Series, time_zone: str) -> pd.Series:
    earlier = np.ones(len(values), dtype=bool)
    zone = ZoneInfo(time_zone)
    local = values.dt.tz_localize(zone, ambiguous=earlier, nonexistent="shift_forward")
    result: pd.Series = local.dt.tz_convert("UTC").astype(DTYPE)
    return result
