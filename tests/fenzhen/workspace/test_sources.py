import gzip
import io

import pandas as pd
import pytest

from fenzhen.errors import TableError
from fenzhen.workspace.config import SourceConfig
from fenzhen.workspace.sources import read_file, source_hash

ROWS = "编号,内容,数量\n007,卡纸,3\n008,,NA\n"
PLAIN = SourceConfig()


def _write(folder, name, data):
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def test_csv_cells_stay_text(tmp_path):
    frame = read_file(_write(tmp_path, "a.csv", ROWS), PLAIN)
    assert frame["编号"].tolist() == ["007", "008"]
    assert frame["数量"].tolist() == ["3", "NA"]
    assert frame["内容"].isna().tolist() == [False, True]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
def test_encodings_and_gzip_give_the_same_rows(tmp_path, encoding):
    plain = read_file(_write(tmp_path, "a.csv", ROWS), PLAIN)
    packed = read_file(_write(tmp_path, "b.CSV.GZ", gzip.compress(ROWS.encode(encoding))), PLAIN)
    pd.testing.assert_frame_equal(plain, packed)


def test_line_breaks_and_quotes_inside_cells(tmp_path):
    frame = read_file(_write(tmp_path, "a.csv", '编号, 内容\r\n1,"第一行\n第二行，""引用"""\r\n'), PLAIN)
    assert frame["内容"].tolist() == ['第一行\n第二行，"引用"']


def test_another_delimiter(tmp_path):
    frame = read_file(_write(tmp_path, "a.csv", "a;b\n1;2\n"), SourceConfig(delimiter=";"))
    assert frame.columns.tolist() == ["a", "b"]


def test_parquet_keeps_types_and_named_index(tmp_path):
    frame = pd.DataFrame({"n": [1, 2]}, index=pd.Index(["a", "b"], name="id"))
    frame.to_parquet(tmp_path / "a.parquet")
    assert read_file(tmp_path / "a.parquet", PLAIN).to_dict("list") == {"id": ["a", "b"], "n": [1, 2]}


def test_parquet_keeps_whole_numbers_beside_missing_ones(tmp_path):
    pd.DataFrame({"id": pd.array([9007199254740993, None], dtype="Int64")}).to_parquet(tmp_path / "a.parquet")
    assert read_file(tmp_path / "a.parquet", PLAIN)["id"].tolist()[0] == 9007199254740993


def _xlsx(sheets):
    buffer = io.BytesIO()
    with pd.ExcelWriter(buffer, engine="openpyxl") as writer:
        for name, frame in sheets.items():
            frame.to_excel(writer, sheet_name=name, index=False)
    return buffer.getvalue()


def test_xlsx_keeps_text_numbers_and_times(tmp_path):
    frame = pd.DataFrame({"编号": ["007", 12], "备注": ["NA", None],
                          "时间": pd.to_datetime(["2026-01-01 08:00", "2026-01-02 00:00"])})
    path = _write(tmp_path, "a.xlsx", _xlsx({"说明": pd.DataFrame({"x": [1]}), "工单": frame}))
    result = read_file(path, SourceConfig(sheet="工单"))
    assert result["编号"].tolist() == ["007", 12]
    assert result["时间"].dtype.kind == "M"
    assert result["备注"].tolist()[0] == "NA"
    assert read_file(path, PLAIN).columns.tolist() == ["x"]


def test_a_sheet_that_does_not_exist_is_named(tmp_path):
    path = _write(tmp_path, "a.xlsx", _xlsx({"工单": pd.DataFrame({"x": [1]})}))
    with pytest.raises(TableError, match="Worksheet named '客户' not found"):
        read_file(path, SourceConfig(sheet="客户"))


@pytest.mark.parametrize(("name", "data", "message"), [
    ("a.csv", "", "is empty, expected a line of column names"),
    ("a.csv", "a,b\n1,2,3,4\n", "a line has more values"),
    ("a.csv", "a,b\n1,2\n3,4,5\n", "line 3"),
    ("a.csv", 'a,b\n"1,2\n', "EOF inside string"),
    ("a.csv", b"a\x00b", "zero bytes"),
    ("a.csv.gz", b"not gzip", "not a whole gzip file"),
    ("a.csv.gz", gzip.compress(b"a,b\n" * 1000, mtime=0)[:-20], "not a whole gzip file"),
    ("a.parquet", b"PAR1nothing", "not a Parquet file"),
    ("a.xlsx", b"nothing", "not an XLSX file|not a zip file"),
    ("a.xls", b"", "expected one of .csv, .csv.gz, .parquet, .xlsx"),
])
def test_unreadable_files_are_refused_with_a_reason(tmp_path, name, data, message):
    with pytest.raises(TableError, match=message):
        read_file(_write(tmp_path, name, data), PLAIN)


def test_a_file_or_folder_in_the_wrong_place(tmp_path):
    with pytest.raises(TableError, match=r"the file .*b.csv does not exist"):
        read_file(tmp_path / "b.csv", PLAIN)
    (tmp_path / "c.csv").mkdir()
    with pytest.raises(TableError, match="Is a directory"):
        read_file(tmp_path / "c.csv", PLAIN)


def test_the_hash_of_a_file_follows_its_bytes(tmp_path):
    _write(tmp_path, "a.csv", ROWS)
    before = source_hash(SourceConfig(path="a.csv"), tmp_path)
    _write(tmp_path, "a.csv", ROWS + "9,x,1\n")
    assert len(before) == 64
    assert source_hash(SourceConfig(path="a.csv"), tmp_path) != before
