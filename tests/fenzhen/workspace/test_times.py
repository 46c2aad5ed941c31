import datetime

import numpy as np
import pandas as pd
import pytest

from fenzhen.workspace.times import DTYPE, to_utc

SHANGHAI = "Asia/Shanghai"
NEW_YORK = "America/New_York"


def _utc(text):
    return pd.Timestamp(text, tz="UTC")


@pytest.mark.parametrize("written", [
    "2026-01-06 12:09:38", "2026-1-6 12:09:38", "2026/1/6 12:09:38", "2026/01/06 12:09:38", "2026年1月6日 12:09:38",
    "2026年01月06日12:09:38", "2026年1月6日 12时09分38秒", "2026.1.6 12:09:38", "20260106120938", "20260106 12:09:38",
    "2026-01-06T12:09:38", "2026-01-06T04:09:38Z", "2026-01-06T12:09:38+08:00", "2026-01-06 12:09:38 +0800",
    " 2026-01-06 12:09:38.000 ", "2026/1/6 4:09:38Z",
])
def test_ways_of_writing_with_the_year_first_mean_the_same(written):
    assert to_utc(pd.Series([written], dtype="str"), SHANGHAI)[0] == _utc("2026-01-06 04:09:38")


@pytest.mark.parametrize("written", ["2026-01-06", "2026/1/6", "2026年1月6日", "20260106", "2026.1.6"])
def test_dates_are_midnight_in_the_zone(written):
    assert to_utc(pd.Series([written], dtype="str"), SHANGHAI)[0] == _utc("2026-01-05 16:00")


@pytest.mark.parametrize("written", ["03/04/2026", "2026-13-01", "yesterday", "45000", "2026", "", "0000-00-00"])
def test_what_cannot_be_read_for_sure_is_missing(written):
    assert to_utc(pd.Series([written], dtype="str"), SHANGHAI).isna().all()


def test_all_ways_may_stand_in_one_column():
    mixed = pd.Series(["2026/1/6 8:00", None, "2026-01-06T00:00:00Z", "x", "2026年1月6日"], dtype="str")
    assert to_utc(mixed, SHANGHAI).tolist() == [
        _utc("2026-01-06"), pd.NaT, _utc("2026-01-06"), pd.NaT, _utc("2026-01-05 16:00")]


def test_a_format_decides_about_day_and_month():
    assert to_utc(pd.Series(["03/04/2026 08:00"]), SHANGHAI, "%d/%m/%Y %H:%M")[0] == _utc("2026-04-03")
    assert to_utc(pd.Series(["03/04/2026 08:00 +0000"]), SHANGHAI, "%d/%m/%Y %H:%M %z")[0] == _utc("2026-04-03 08:00")
    assert to_utc(pd.Series([20260403, 20260404]), SHANGHAI, "%Y%m%d")[1] == _utc("2026-04-03 16:00")


def test_a_wrong_format_reads_nothing():
    assert to_utc(pd.Series(["2026-01-01"]), SHANGHAI, "%Q").isna().all()
    assert to_utc(pd.Series(["2026-01-01"]), SHANGHAI, "%d.%m.%Y").isna().all()


def test_an_hour_that_comes_twice_is_the_earlier_one():
    assert to_utc(pd.Series(["2026-11-01 01:30:00"]), NEW_YORK)[0] == _utc("2026-11-01 05:30")
    assert to_utc(pd.Series(["1991-09-15 00:30:00"]), SHANGHAI)[0] == _utc("1991-09-14 15:30")


def test_an_hour_that_never_comes_moves_to_the_next_that_does():
    assert to_utc(pd.Series(["2026-03-08 02:30:00"]), NEW_YORK)[0] == _utc("2026-03-08 07:00")


@pytest.mark.parametrize("values", [
    pd.Series(pd.to_datetime(["2026-01-06 08:00", None], format="mixed")),
    pd.Series(pd.to_datetime(["2026-01-06 08:00", None], format="mixed").as_unit("ns")),
    pd.Series(pd.to_datetime(["2026-01-06 01:00", None], format="mixed")).dt.tz_localize("Europe/Berlin"),
    pd.Series([datetime.datetime(2026, 1, 6, 8), None], dtype=object),
    pd.Series([datetime.datetime(2026, 1, 6, 0, tzinfo=datetime.UTC), np.nan], dtype=object),
])
def test_typed_times_are_localised_or_converted(values):
    result = to_utc(values, SHANGHAI)
    assert result.dtype == DTYPE
    assert result.tolist() == [_utc("2026-01-06"), pd.NaT]


def test_dates_and_texts_may_be_mixed():
    values = pd.Series([datetime.date(2026, 1, 6), "2026/1/6", datetime.datetime(2026, 1, 6)], dtype=object)
    assert to_utc(values, SHANGHAI).unique().tolist() == [_utc("2026-01-05 16:00")]


@pytest.mark.parametrize("written", [
    "0001-01-01", "9999-12-31T23:59:59Z", "1899-12-31T23:59:59Z", "2201-01-01T00:00:00Z", "0001-01-01 00:00:00"])
def test_what_stands_for_none_or_never_is_missing(written):
    assert to_utc(pd.Series([written]), "Asia/Shanghai").isna().all()
    typed = pd.Series([written[:10]]).astype("datetime64[us]")
    assert to_utc(typed, "America/New_York").isna().all()


def test_numbers_are_no_times():
    assert to_utc(pd.Series([45000.5, 1]), SHANGHAI).isna().all()


def test_no_rows_and_only_missing_ones_have_the_dtype_too():
    for values in (pd.Series([], dtype="str"), pd.Series([None, None]), pd.Series([np.nan])):
        assert to_utc(values, SHANGHAI).dtype == DTYPE
