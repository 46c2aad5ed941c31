"""Comma-separated values as text cells: Arrow's fast reader, and pandas' patient one where Arrow gives up."""

import io
import warnings

import pandas as pd

from fenzhen.errors import TableError

__all__ = ["parse_csv"]

BLOCK_BYTES = 16 << 20
END = "end of the table"


def parse_csv(text: str, name: str, delimiter: str = ",") -> pd.DataFrame:
    """Return the rows of ``text`` with each cell as the text it is; empty cells are missing.

    Short lines are filled up with missing cells. Raises ``TableError`` for a file without column names, a line with
    more values than there are names, or a quote that is never closed.

    >>> parse_csv("a,b\\n007,NA\\n8\\n", "a.csv").to_dict("list")
    {'a': ['007', '8'], 'b': ['NA', nan]}
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            names = list(_patient(io.StringIO(text), delimiter, rows=0).columns)
            frame = _fast(text, delimiter, names) if _is_regular(text) else None
            return _patient(io.StringIO(text), delimiter) if frame is None else frame
    except pd.errors.EmptyDataError:
        raise TableError(f"{name} is empty, expected a line of column names") from None
    except pd.errors.ParserWarning as error:
        raise TableError(f"{name}: a line has more values than there are column names") from error
    except (pd.errors.ParserError, ValueError) as error:
        reason = str(error).replace("Error tokenizing data. C error: ", "").strip()
        raise TableError(f"{name} is not a table of comma-separated values: {reason}") from error


def _is_regular(text: str) -> bool:
    """Whether quotes come in pairs and lines end alike; only then do both readers agree."""
    return text.count('"') % 2 == 0 and text.count("\r") == text.count("\r\n")


def _patient(text: io.StringIO, delimiter: str, rows: int | None = None) -> pd.DataFrame:
    return pd.read_csv(text, dtype="str", keep_default_na=False, na_values=[""], index_col=False, sep=delimiter,
                       nrows=rows)


def _fast(text: str, delimiter: str, names: list[str]) -> pd.DataFrame | None:
    """Return the rows as Arrow reads them, None where it refuses: lines of unequal length, repeated names.

    Arrow accepts a quote that is never closed; a last row of marks then disappears in it.
    """
    import pyarrow as pa
    import pyarrow.csv

    if len(delimiter) != 1:
        return None
    marks = delimiter.join([END] * len(names))
    try:
        table = pyarrow.csv.read_csv(
            pa.BufferReader(f"{text}\n{marks}\n".encode()),
            pyarrow.csv.ReadOptions(block_size=BLOCK_BYTES),
            pyarrow.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.large_string()), null_values=[""],
                                       strings_can_be_null=True, quoted_strings_can_be_null=True))
    except pa.ArrowException:
        return None
    rows = table.num_rows - 1
    if table.column_names != names or [column[rows].as_py() for column in table.columns] != [END] * len(names):
        return None
    text_type = pd.StringDtype(na_value=float("nan"))
    frame: pd.DataFrame = table.slice(0, rows).to_pandas(types_mapper={pa.large_string(): text_type}.get)
    return frame
