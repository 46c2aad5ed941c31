"""Files of rows, written whole or not at all and with the same bytes for the same rows."""

import csv
import gzip
import io
import os
import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

__all__ = ["write_csv", "write_parquet", "write_text", "write_xlsx"]

_EPOCH = (2020, 1, 1, 0, 0, 0)
_STAMP = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")

Rows = Sequence[Mapping[str, str]]


def write_text(path: Path, text: str) -> Path:
    """Write ``text`` as UTF-8."""
    return _replace(path, text.encode())


def write_csv(path: Path, columns: Mapping[str, str], rows: Rows, encoding: str) -> Path:
    """Write ``rows`` under the headers that ``columns`` maps canonical names to; absent cells are empty.

    A path that ends in ``.gz`` is packed.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(columns.values())
    writer.writerows([row.get(name, "") for name in columns] for row in rows)
    contents = buffer.getvalue().encode(encoding)
    return _replace(path, gzip.compress(contents, 6, mtime=0) if path.suffix == ".gz" else contents)


def write_parquet(path: Path, columns: Mapping[str, str], values: Mapping[str, object]) -> Path:
    """Write ``values`` (canonical name to a column) under the headers that ``columns`` maps the names to."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    buffer = io.BytesIO()
    table = pa.table({header: pa.array(values[name], from_pandas=True) for name, header in columns.items()})
    pq.write_table(table, buffer, compression="zstd", write_statistics=False)
    return _replace(path, buffer.getvalue())


def write_xlsx(path: Path, columns: Mapping[str, str], rows: Rows) -> Path:
    """Write ``rows`` as the only sheet of a workbook; times stay text, as many systems export them."""
    from openpyxl import Workbook  # type: ignore[import-untyped]

    book = Workbook(write_only=True)
    sheet = book.create_sheet("导出")
    sheet.append(list(columns.values()))
    for row in rows:
        sheet.append([_UNFIT.sub("", row.get(name, "")) or None for name in columns])
    buffer = io.BytesIO()
    book.save(buffer)
    return _replace(path, _timeless(buffer.getvalue()))


def _timeless(workbook: bytes) -> bytes:
    """Return the same workbook without the time of its writing."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as source, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            contents = source.read(name)
            if name == "docProps/core.xml":
                contents = _STAMP.sub(b"2020-01-01T00:00:00Z", contents)
            target.writestr(zipfile.ZipInfo(name, _EPOCH), contents, zipfile.ZIP_DEFLATED)
    return result.getvalue()


def _replace(path: Path, contents: bytes) -> Path:
    staging = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        staging.write_bytes(contents)
        staging.replace(path)
    finally:
        staging.unlink(missing_ok=True)
    return path
