"""Columns of Python objects as pandas types, with whole numbers kept whole."""

import pandas as pd

__all__ = ["typed"]


def typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Return ``frame`` with each object column in the type of its values; mixed ones stay objects.

    Whole numbers beside missing values become ``Int64``, for as floats large ids would lose digits.

    >>> typed(pd.DataFrame({"id": pd.Series([9007199254740993, None], dtype=object)}))["id"].tolist()
    [9007199254740993, <NA>]
    """
    return pd.DataFrame({name: _typed(frame.iloc[:, position]) for position, name in enumerate(frame.columns)},
                        index=frame.index) if frame.columns.is_unique else frame


def _typed(values: pd.Series) -> pd.Series:
    if values.dtype != object:
        return values
    if pd.api.types.infer_dtype(values, skipna=True) == "integer":
        try:
            return values.astype("Int64")
        except (TypeError, ValueError, OverflowError):
            return values
    return values.infer_objects()
