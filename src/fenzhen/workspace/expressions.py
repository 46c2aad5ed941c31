"""``where`` and ``derive``: pandas query and eval over source columns.

CSV cells are text, but arithmetic wants numbers. So a text column that an expression uses counts as numbers when
each of its values is one, unless the expression itself treats it as text: compares it with a text in quotes, or
uses ``.str``. (pandas joins texts with ``a.str.cat(b, sep='/')``; its ``eval`` knows no ``a + '/'``.)
"""

import ast
import re
from typing import Any

import numpy as np
import pandas as pd

from fenzhen.errors import TableError

__all__ = ["derived_values", "matching_rows"]

_QUOTED = re.compile(r"`([^`]+)`")
_LEADING_ZERO = r"^[-+]?0\d"


def matching_rows(expression: str, frame: pd.DataFrame) -> pd.Series:
    """Return a boolean mask of the rows that ``expression`` keeps; a missing answer keeps nothing.

    >>> orders = pd.DataFrame({"Invoice": ["1", "C2"], "Quantity": ["3", "-1"]}, dtype="str")
    >>> matching_rows("not Invoice.str.startswith('C') and Quantity > 0", orders).tolist()
    [True, False]
    """
    mask = _evaluate("where", expression, frame)
    if not isinstance(mask, pd.Series):
        mask = pd.Series(mask, index=frame.index)
    if len(frame) and not pd.api.types.is_bool_dtype(mask.dropna().infer_objects().dtype):
        raise TableError(f"where = {expression!r} gives {mask.dtype} values, expected true or false for each row")
    return mask.astype("boolean").fillna(False).astype(bool)


def derived_values(expression: str, frame: pd.DataFrame) -> pd.Series:
    """Return the values of ``expression``, one a row; a number that is not finite, as of a division by 0, is missing.

    >>> orders = pd.DataFrame({"Amount": ["3", "3"], "Quantity": ["2", "0"]}, dtype="str")
    >>> derived_values("Amount / Quantity", orders).tolist()
    [1.5, nan]
    """
    values = _evaluate("derive", expression, frame)
    if isinstance(values, pd.DataFrame):
        raise TableError(f"derive = {expression!r} gives a table, expected one value for each row")
    found = values if isinstance(values, pd.Series) else pd.Series(values, index=frame.index)
    return found.mask(found.isin([np.inf, -np.inf])) if pd.api.types.is_float_dtype(found.dtype) else found


def _evaluate(what: str, expression: str, frame: pd.DataFrame) -> Any:
    if frame.empty:
        return pd.Series(index=frame.index, dtype=object)
    try:
        return _scope(expression, frame).eval(expression.strip(), engine="python")
    except Exception as error:  # pandas hands on whatever the expression raises
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise TableError(f"cannot evaluate {what} = {expression!r}: {reason}; the source has the columns "
                         f"{', '.join(map(str, frame.columns))}") from error


def _scope(expression: str, frame: pd.DataFrame) -> pd.DataFrame:
    used, as_text = _columns_used(expression, frame)
    columns = {name: _numbers_if_all_are(frame[name]) if name not in as_text else frame[name] for name in used}
    return pd.DataFrame(columns, index=frame.index)


def _numbers_if_all_are(values: pd.Series) -> pd.Series:
    if not isinstance(values.dtype, pd.StringDtype):
        return values
    present = values.dropna()
    if present.str.contains(_LEADING_ZERO, regex=True).any():
        return values
    numbers = pd.to_numeric(values, errors="coerce")
    return numbers if numbers.notna().sum() == len(present) else values


def _columns_used(expression: str, frame: pd.DataFrame) -> tuple[list[str], set[str]]:
    """Return the columns that ``expression`` names, and those of them that it treats as text."""
    columns = [str(column) for column in frame.columns]
    standing_for = {f"column_{position}_": column for position, column in enumerate(columns)}
    names = {column: name for name, column in standing_for.items()}
    plain = _QUOTED.sub(lambda match: names.get(match[1], match[0]), expression.strip())
    tree = ast.parse(plain, mode="eval")

    def column(node: ast.AST) -> str | None:
        return standing_for.get(node.id, node.id) if isinstance(node, ast.Name) else None

    used = {column(node) for node in ast.walk(tree)} & set(columns)
    as_text = {column(name) for node in ast.walk(tree) for name in _treated_as_text(node)} & set(columns)
    return [name for name in columns if name in used], {name for name in as_text if name}


def _treated_as_text(node: ast.AST) -> list[ast.AST]:
    """Return the operands of ``node`` that stand beside a text in quotes or before ``.str``."""
    if isinstance(node, ast.Attribute):
        return [node.value] if node.attr == "str" else []
    if isinstance(node, ast.Compare):
        operands = [node.left, *node.comparators]
    elif isinstance(node, ast.BinOp):
        operands = [node.left, node.right]
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        operands = [node.func.value, *node.args]
    else:
        return []
    return list(operands) if any(_is_text(operand) for operand in operands) else []


def _is_text(node: ast.AST) -> bool:
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return any(_is_text(element) for element in node.elts)
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
