"""Reading raw sources: files by suffix and SQL queries; CSV cells stay the text they are."""

import gzip
import hashlib
import io
import warnings
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pandas as pd

from fenzhen.errors import TableError
from fenzhen.workspace.config import SourceConfig
from fenzhen.workspace.decoding import decode
from fenzhen.workspace.delimited import parse_csv
from fenzhen.workspace.sql import read_query
from fenzhen.workspace.typed import typed

__all__ = ["SUFFIXES", "read_file", "read_source", "source_hash"]

SUFFIXES = (".csv", ".csv.gz", ".parquet", ".xlsx")


def read_source(source: SourceConfig, folder: Path) -> pd.DataFrame:
    """Return the raw rows of ``source`` with its own column names; paths are relative to ``folder``."""
    if source.path is not None:
        return read_file(folder / source.path, source)
    return read_query(str(source.url_env), str(source.query))


def read_file(path: Path, source: SourceConfig) -> pd.DataFrame:
    """Return the raw rows of the file at ``path``, read as ``source`` says; empty cells are missing.

    CSV cells are text, so that leading zeros stay. Raises ``TableError`` for a file that does not exist, cannot be
    read, or has a suffix other than ``SUFFIXES``.
    """
    data, name = _bytes(path), path.name.lower()
    if name.endswith((".csv", ".csv.gz")):
        text = decode(_unpacked(data, path), str(path), source.encoding)
        frame = parse_csv(text, str(path), source.delimiter or ",")
    elif name.endswith(".parquet"):
        frame = _parquet(data, path)
    elif name.endswith(".xlsx"):
        frame = _xlsx(data, path, source)
    else:
        raise TableError(f"got the file {path}, expected one of {', '.join(SUFFIXES)}")
    frame.columns = pd.Index([str(column).strip().lstrip("\ufeff") for column in frame.columns])
    return frame


def source_hash(source: SourceConfig, folder: Path) -> str:
    """Return the sha256 of the file, or of the rows that the query returns now."""
    if source.path is not None:
        return hashlib.sha256(_bytes(folder / source.path)).hexdigest()
    frame = read_source(source, folder)
    rows = pd.util.hash_pandas_object(frame.astype("str"), index=False).to_numpy()
    return hashlib.sha256("\x1f".join(frame.columns).encode() + rows.tobytes()).hexdigest()


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise TableError(f"the file {path} does not exist") from None
    except OSError as error:
        raise TableError(f"cannot read {path}: {error.strerror or error}") from error


def _unpacked(data: bytes, path: Path) -> bytes:
    if not path.name.lower().endswith(".gz"):
        return data
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise TableError(f"{path} is not a whole gzip file: {error}") from error


def _parquet(data: bytes, path: Path) -> pd.DataFrame:
    import pyarrow
    import pyarrow.parquet

    try:
        table = pyarrow.parquet.read_table(pyarrow.BufferReader(data))
        frame = typed(table.to_pandas(integer_object_nulls=True))
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise TableError(f"{path} is not a Parquet file that can be read: {_first_line(error)}") from error
    named = [level for level in frame.index.names if level is not None]
    return frame.reset_index(level=named) if named else frame.reset_index(drop=True)


def _xlsx(data: bytes, path: Path, source: SourceConfig) -> pd.DataFrame:
    sheet: Any = source.sheet if source.sheet is not None else 0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            frame: pd.DataFrame = pd.read_excel(io.BytesIO(data), sheet_name=sheet, dtype=object, keep_default_na=False,
                                  na_values=[""], engine="openpyxl")
    except ValueError as error:
        raise TableError(f"{path}: {_first_line(error)}") from error
    except (OSError, KeyError, zipfile.BadZipFile, SyntaxError) as error:
        raise TableError(f"{path} is not an XLSX file that can be read: {_first_line(error)}") from error
    return typed(frame)


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
