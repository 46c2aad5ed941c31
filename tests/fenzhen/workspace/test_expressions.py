import pandas as pd
import pytest

from fenzhen.errors import TableError
from fenzhen.workspace.expressions import derived_values, matching_rows


def _text(**columns):
    return pd.DataFrame({name.replace("_", " "): pd.Series(values, dtype="str") for name, values in columns.items()})


ORDERS = _text(Invoice=["1", "C2", None], Quantity=["3", "-1", "2"], Unit_Price=["0.5", "1", None],
               渠道=["电话", "测试", None])


@pytest.mark.parametrize(("expression", "expected"), [
    ("not Invoice.str.startswith('C')", [True, False, True]),
    ("渠道 != '测试'", [True, False, True]),
    ("渠道 == '电话'", [True, False, False]),
    ("Quantity > 0 and `Unit Price` > 0", [True, False, False]),
    ("Quantity in ['3', '2']", [True, False, True]),
    ("Quantity == '3'", [True, False, False]),
    ("Quantity == 3", [True, False, False]),
    ("渠道.isna()", [False, False, True]),
    ("True", [True, True, True]),
    (" Quantity > 0\n", [True, False, True]),
])
def test_where_keeps_the_rows_that_are_meant(expression, expected):
    assert matching_rows(expression, ORDERS).tolist() == expected


def test_codes_with_leading_zeros_stay_text():
    assert matching_rows("code != '7'", _text(code=["07", "7"])).tolist() == [True, False]
    assert derived_values("code", _text(code=["07", "7"])).tolist() == ["07", "7"]


def test_derive_computes_and_joins():
    assert derived_values("Quantity * `Unit Price`", ORDERS).tolist()[:2] == [1.5, -1.0]
    assert derived_values("渠道.str.cat(Quantity.str.strip(), sep='/')", ORDERS).tolist()[0] == "电话/3"
    assert derived_values("'x'", ORDERS).tolist() == ["x", "x", "x"]


@pytest.mark.parametrize("expression", ["a / b", "a // b", "a % b", "-a / b"])
@pytest.mark.parametrize("kind", ["str", "int64", "float64"])
def test_a_division_by_zero_gives_a_missing_value(expression, kind):
    found = derived_values(expression, pd.DataFrame({"a": ["3", "0", "8"], "b": ["0", "0", "4"]}).astype(kind))
    assert found.isna().tolist() == [True, True, False]


def test_a_division_by_the_number_zero_says_so():
    with pytest.raises(TableError, match="cannot evaluate derive = '1 / 0': division by zero"):
        derived_values("1 / 0", ORDERS)


def test_typed_columns_keep_their_types():
    frame = pd.DataFrame({"n": [1, 2], "t": pd.to_datetime(["2026-01-01", "2026-02-01"])})
    assert matching_rows("t >= '2026-02-01'", frame).tolist() == [False, True]
    assert matching_rows("n == 2", frame).tolist() == [False, True]


@pytest.mark.parametrize(("expression", "message"), [
    ("Menge * 2", "'Menge' is not defined; the source has the columns Invoice, Quantity"),
    ("Quantity *", "cannot evaluate derive"),
    ("渠道 * Quantity", "cannot evaluate derive"),
    ("x = Quantity", "cannot evaluate derive"),
])
def test_expressions_that_fail_say_which_and_why(expression, message):
    with pytest.raises(TableError, match=message):
        derived_values(expression, ORDERS)


def test_where_must_answer_yes_or_no():
    with pytest.raises(TableError, match="expected true or false for each row"):
        matching_rows("Quantity * 2", ORDERS)


def test_no_rows_are_no_problem():
    assert matching_rows("Quantity > 0", ORDERS.iloc[:0]).tolist() == []
    assert derived_values("Quantity * 2", ORDERS.iloc[:0]).tolist() == []
