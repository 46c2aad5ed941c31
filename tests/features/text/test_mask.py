"""Personal data and numbers become placeholders of their kind; what carries meaning stays."""

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from features.text.mask import KINDS, mask, mask_text, readable
from features.text.normalise import Normalised, normalise, normalise_text
from tests.features.placeholders import PLACEHOLDERS

PERSONAL = ("13800138000", "+86", "010-62781234", "a@b.cn", "www.a.com", "https://x.cn/?a=1", "10.0.0.1", "京a12345")
HARMLESS = ("订单号", "sn:", "hp1020", "12", "3.5", "-", " ", ",", "卡纸", "a", "1", "6222", "0x80070005")
FRAGMENTS = st.sampled_from([*PERSONAL, *HARMLESS, "20240501123456", "ab123456"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("电话13800138000。", "电话«手机号»。"),
        ("138 0013 8000或139-1234-5678", "«手机号»或«手机号»"),
        ("+8613800138000", "«手机号»"),
        ("0086 13800138000", "«手机号»"),
        ("tel13800138000张", "tel«手机号»张"),
        ("座机010-62781234转801", "座机«电话»"),
        ("(0755)26001234", "«电话»"),
        ("400-820-8820和8008208820", "«电话»和«电话»"),
        ("zhang.wei+1@mail.example.com.cn收", "«邮箱»收"),
        ("见http://a.com/x?y=1,谢谢", "见«网址»,谢谢"),
        ("www.example.com打不开", "«网址»打不开"),
        ("ip是192.168.1.254:8080的", "ip是«IP地址»的"),
        ("00-1a-2b-3c-4d-5e", "«MAC地址»"),
        ("身份证11010519491231002x的", "身份证«身份证号»的"),
        ("卡号6222 0202 0001 2345 678", "卡号«银行卡号»"),
        ("6222020200012345678", "«银行卡号»"),
        ("订单号:20240501123456", "订单号:«单号»"),
        ("订单编号是so-2024-00123吧", "订单编号是«单号»吧"),
        ("顺丰sf1390284756612", "顺丰«单号»"),
        ("工单inc0012345", "工单«单号»"),
        ("序列号为5cg1234xyz", "序列号为«序列号»"),
        ("sn: pf2abcde3", "sn: «序列号»"),
        ("sn20230815a0037", "«序列号»"),
        ("imei 860123045678901", "imei «序列号»"),
        ("c02xk0aajg5h", "«序列号»"),
        ("550e8400-e29b-41d4-a716-446655440000", "«序列号»"),
        ("车京a12345和粤b·d12345和沪ad12345挡路", "车«车牌号»和«车牌号»和«车牌号»挡路"),
        ("粤z1234港", "«车牌号»"),
        ("编号1234567", "编号«长数字»"),
        ("订单号" + "1" * 60, "订单号«单号»"),
    ],
)
def test_personal_data_becomes_its_kind(text: str, expected: str) -> None:
    assert readable(mask_text(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        *(
            "p20",
            "hp1020",
            "a3区",
            "换了新hp1020打印机",
            "windows11",
            "office2019",
            "iphone15promax",
            "mi11ultra",
            "i7-12700k",
        ),
        *(
            "0x80070005",
            "0x0000007b",
            "kb5034441",
            "1920x1080",
            "10000mah",
            "2024年5月1日",
            "2024-05-01 12:30",
            "3台",
            "99.5%",
        ),
        *(
            "版本10.0.19045.3",
            "v1.2.3.4",
            "订单里有3个",
            "123456",
            "云服务器",
            "新windows",
            "@张三",
            "快递还没到",
            "l55m5-az",
        ),
    ],
)
def test_what_carries_meaning_stays(text: str) -> None:
    assert mask_text(text) == text
    assert mask(Normalised(text)).text == text


def test_plain_numbers_go_where_asked() -> None:
    assert readable(mask_text("3台hp1020,99.5%,分机8806", numbers=True)) == "«数字»台hp1020,«数字»%,分机«数字»"
    assert mask(Normalised("3台13800138000"), numbers=True).text == mask_text("3台13800138000", numbers=True)


def test_a_placeholder_leads_back_to_the_whole_number() -> None:
    text = "ＴＥＬ：１３８ ００１３ ８０００，急"
    masked = mask(normalise(text))
    start = masked.text.index(KINDS["mobile"])
    begin, end = masked.original_span(start, start + 1)
    assert text[begin:end] == "１３８ ００１３ ８０００"


def test_placeholders_are_distinct_private_use_characters() -> None:
    assert len(set(PLACEHOLDERS)) == len(KINDS)
    assert all("\ue000" <= placeholder < "\uf8ff" for placeholder in PLACEHOLDERS)


def test_a_text_cannot_pretend_to_hold_a_placeholder() -> None:
    assert mask_text(normalise_text(f"我的{KINDS['mobile']}号码")) == "我的 号码"


@settings(deadline=None)
@given(st.lists(st.one_of(FRAGMENTS, st.text(max_size=2)), max_size=12).map("".join), st.booleans())
def test_masking_agrees_with_and_without_offsets(text: str, numbers: bool) -> None:
    normalised = normalise(text)
    masked = mask(normalised, numbers=numbers)
    assert masked.text == mask_text(normalised.text, numbers=numbers)
    for index in range(len(masked.text)):
        begin, end = masked.original_span(index, index + 1)
        assert 0 <= begin < end <= len(text)


@settings(deadline=None)
@given(st.lists(FRAGMENTS, max_size=12).map("".join))
@example("13800138000ab12345613800138000")
def test_no_long_run_of_digits_is_left(text: str) -> None:
    left = mask_text(text)
    assert "13800138000" not in left
    assert "20240501123456" not in left


@pytest.mark.parametrize(
    "unit",
    [
        "1",
        "a",
        "a1",
        "a.",
        "1 ",
        "138-",
        "www.",
        "http://",
        "a@",
        "@",
        "订单",
        "订单号a",
        "京a",
        "1.1.",
        "62 ",
        "0-",
        "sn ",
        "_",
        "-",
    ],
)
def test_hundred_thousand_characters_take_a_moment(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    begun = time.process_time()
    mask_text(text)
    assert time.process_time() - begun < 2  # far above what it takes, far below quadratic time
