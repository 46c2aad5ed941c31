import random

import pandas as pd
import pytest

from fenzhen.errors import TableError
from fenzhen.workspace import delimited
from fenzhen.workspace.delimited import parse_csv

PIECES = ("a", "卡", ",", ",", '"', '""', '"a"', "\n", "\r\n", " ", "0")


def _outcome(text, monkeypatch, *, fast):
    with monkeypatch.context() as patch:
        if not fast:
            patch.setattr(delimited, "_fast", lambda *_: None)
        try:
            return parse_csv(text, "a.csv")
        except TableError as error:
            return str(error)


def test_the_fast_reader_agrees_with_the_patient_one(monkeypatch):
    chance = random.Random(7)
    for _ in range(1500):
        text = "x,y\n" + "".join(chance.choice(PIECES) for _ in range(chance.randrange(12)))
        fast, patient = (_outcome(text, monkeypatch, fast=fast) for fast in (True, False))
        if isinstance(patient, str) or isinstance(fast, str):
            assert str(fast) == str(patient)
        else:
            pd.testing.assert_frame_equal(fast, patient)


def test_cells_may_be_longer_than_a_block(monkeypatch):
    monkeypatch.setattr(delimited, "BLOCK_BYTES", 64)
    frame = parse_csv('a,b\n1,"' + "长\n" * 100 + '"\n2,y\n', "a.csv")
    assert frame["b"].str.len().tolist() == [200, 1]


def test_short_lines_are_filled_and_repeated_names_told_apart():
    assert parse_csv("a,b\n1\n", "a.csv")["b"].isna().tolist() == [True]
    assert parse_csv("a,a\n1,2\n", "a.csv").columns.tolist() == ["a", "a.1"]


@pytest.mark.parametrize(("text", "message"), [
    ("", "is empty"), ("a,b\n1,2,3\n", "more values than"), ("a,b\n1,2\n3,4,5\n", "line 3"),
    ('a\n"1\n', "EOF inside string")])
def test_what_is_no_table_is_refused(text, message):
    with pytest.raises(TableError, match=message):
        parse_csv(text, "a.csv")
