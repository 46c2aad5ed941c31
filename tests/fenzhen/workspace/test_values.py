import decimal
import uuid

import numpy as np
import pandas as pd
import pytest

from fenzhen.workspace.values import convert, without_missing


def _ids(values):
    return convert(values, "id", "UTC").values.tolist()


@pytest.mark.parametrize(("values", "expected"), [
    (pd.Series([1.0, 20.0]), ["1", "20"]),
    (pd.Series([1, 20]), ["1", "20"]),
    (pd.Series([9007199254740993], dtype="Int64"), ["9007199254740993"]),
    (pd.Series(["1.0", "20.00", "0071", " A1 ", "-3.0", "1.10"], dtype="str"), ["1", "20", "0071", "A1", "-3", "1.10"]),
    (pd.Series([1, 2.0, "003", decimal.Decimal("4.0"), uuid.UUID(int=1)], dtype=object),
     ["1", "2", "003", "4", "00000000-0000-0000-0000-000000000001"]),
    (pd.Series(["a", "b"], dtype="category"), ["a", "b"]),
])
def test_ids_are_text_without_a_useless_fraction(values, expected):
    assert _ids(values) == expected


def test_missing_ids_stay_missing():
    for values in (pd.Series([1.0, None]), pd.Series(["1", " "], dtype="str"), pd.Series([1, None], dtype=object),
                   pd.Series([1, None], dtype="Int64")):
        result = convert(values, "id", "UTC").values
        assert result.tolist()[0] == "1"
        assert result.isna().tolist() == [False, True]
        assert str(result.dtype) == "str"


def test_a_category_written_with_a_fraction_keeps_it():
    assert convert(pd.Series(["2.0", " x "], dtype="str"), "category", "UTC").values.tolist() == ["2.0", "x"]
    assert convert(pd.Series([1.0, 0.0]), "category", "UTC").values.tolist() == ["1", "0"]


def test_text_is_kept_to_the_last_space():
    assert convert(pd.Series([" 卡纸\n"], dtype="str"), "text", "UTC").values.tolist() == [" 卡纸\n"]


@pytest.mark.parametrize(("written", "number"), [
    ("1", 1.0), ("-2.5", -2.5), ("1,234", 1234.0), ("12,345,678.90", 12345678.9), ("￥1,200", 1200.0), ("¥3", 3.0),
    ("1e3", 1000.0)])
def test_numbers_are_read_as_people_write_them(written, number):
    assert convert(pd.Series([written], dtype="str"), "number", "UTC").values.tolist() == [number]


@pytest.mark.parametrize("written", ["面议", "1,23", "inf", "12 kg"])
def test_what_is_no_number_is_missing_and_reported(written):
    result = convert(pd.Series([written, "1", None], dtype="str"), "number", "UTC")
    assert result.values.isna().tolist() == [True, False, True]
    assert result.unreadable.tolist() == [True, False, False]


def test_flags_are_read_in_both_languages():
    written = pd.Series(["是", "否", "TRUE", "0", "启用", None, "也许"], dtype="str")
    result = convert(written, "flag", "UTC")
    assert result.values[:5].tolist() == [True, False, True, False, True]
    assert result.values[5:].isna().all()
    assert result.unreadable.tolist() == [False] * 6 + [True]
    assert convert(pd.Series([True, False]), "flag", "UTC").values.tolist() == [True, False]
    assert convert(pd.Series([1.0, 0.0]), "flag", "UTC").values.tolist() == [True, False]


def test_missing_tokens_apply_to_every_type():
    assert without_missing(pd.Series(["?", " - ", "a"], dtype="str"), ("?", "-")).isna().tolist() == [True, True, False]
    assert without_missing(pd.Series(["?", 3, None], dtype=object), ("?", "3")).isna().all()
    assert without_missing(pd.Series([-1, 5]), ("-1", "?")).isna().tolist() == [True, False]
    assert without_missing(pd.Series([1, None], dtype="Int64"), ("-1",)).isna().tolist() == [False, True]


def test_missing_tokens_are_whole_values():
    assert without_missing(pd.Series(["为什么?"], dtype="str"), ("?",)).tolist() == ["为什么?"]


@pytest.mark.parametrize(("kind", "dtype"), [("id", "str"), ("text", "str"), ("category", "str"), ("number", "float64"),
                                             ("flag", "boolean"), ("time", "datetime64[us, UTC]")])
@pytest.mark.parametrize("values", [pd.Series([], dtype="str"), pd.Series([None, None]), pd.Series([np.nan, np.nan])])
def test_empty_columns_have_the_canonical_dtype(kind, dtype, values):
    result = convert(values, kind, "UTC")
    assert str(result.values.dtype) == dtype
    assert not result.unreadable.any()
