import pytest

from fenzhen.workspace.masking import masked


@pytest.mark.parametrize(("text", "expected"), [
    ("13800138000", "***"), ("+86 138 0013 8000", "***"), ("010-62345678", "***"), ("11010519491231002X", "***"),
    ("zhang.san@example.com.cn", "***"), ("SN1234567", "SN***"), ("C-123456", "C-123456"),
    ("2026/13/01 8:00", "2026/13/01 8:00"), ("硬件故障", "硬件故障"), ("a\n b", "a b"),
])
def test_personal_data_is_masked_and_the_rest_stays(text, expected):
    assert masked(text) == expected


@pytest.mark.parametrize(("name", "expected"), [
    ("王小明", "王**"), ("John Smith", "J** S**"), ("u12", "u12"), ("张伟(华东)", "张**")])
def test_names_are_masked_in_columns_of_people(name, expected):
    assert masked(name, "owner") == expected


def test_long_examples_are_cut():
    assert len(masked("长" * 100)) == 40
