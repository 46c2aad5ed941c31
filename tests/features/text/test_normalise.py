"""One spelling for what reads the same, and the way back."""

import time
import unicodedata

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from features.text.normalise import normalise, normalise_text

LETTERS = "Ａａ１，！（）　ｶﾞﾊﾟ㎏㈱ﬁ…Ⅳ½℃①ŉİẞςÅ開後裏乾著㑮e\u0301\u0327\u0338が\u3099각ᄀ\u1161\u11a8´ͺﷺ‘”—〇한\U0002f800"
INVISIBLE = "\t\n \xa0\u2003\x85\u200b\u200d\ufeff\xad\x00\x1b\ud800\udfff\ue000\uf8ff\U0010fffd\ufe0f\U000e0100"
EMOJI = ("😀", "👍🏽", "👨‍👩‍👧", "1\ufe0f\u20e3", "🇨🇳")
TAGS = ("<br>", "<b>", "</P>", "<p class='x'>", "<图片>", "a<b", "<style>x</style>", "<script>", "<!--c-->", "-->")
ENTITIES = ("&nbsp;", "&amp;nbsp;", "&lt;", "&#20013;", "&#x4E2D;", "&#0;", "&#9999999;", "&unknown;", "&", "&nbsp")
AWKWARD = st.sampled_from([*LETTERS, *INVISIBLE, *EMOJI, *TAGS, *ENTITIES])
TEXTS = st.lists(st.one_of(AWKWARD, st.text(max_size=3), st.characters()), max_size=30).map("".join)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        (None, ""),
        ("   \u3000\n", ""),
        ("ＨＰ１０２０，卡纸！", "hp1020,卡纸!"),
        ("打印機開機後沒有聲音", "打印机开机后没有声音"),
        ("乾淨麼", "干净么"),
        ("效果显著", "效果显著"),
        ("a \t\r\n\u3000 b", "a b"),
        ("零\u200b宽\ufeff字\u00ad符\x00", "零宽字符"),
        ("㎏ ㈱ ﬁ ① ℃ Ⅳ ½ …", "kg (株) fi 1 °c iv 1/2 ..."),
        ("ﾃﾚﾋﾞ ﾊﾟｿｺﾝ", "テレビ パソコン"),
        ("cafe\u0301 CAFÉ", "café café"),
        ("\u1112\u1161\u11ab", "한"),
        ("好👍🏽 ❤️ 1️⃣ 👨‍👩‍👧", "好👍 ❤ 1 👨👩👧"),
        ("坏\ud800字", "坏字"),
        ("图标\ue000\uf8ff字", "图标 字"),
        ("“引”‘号’——", "\"引\"'号'--"),
        ("İSTANBUL ẞ Σίσυφος", "i̇stanbul ß σίσυφος"),
        ("´", "'"),
    ],
)
def test_what_reads_the_same_is_spelt_the_same(text: str | None, expected: str) -> None:
    assert normalise(text).text == expected
    assert normalise_text(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<p>您好</p><p>电视<b>黑</b>屏<br/>了</p>", "您好 电视黑屏 了"),
        ("<style>p{color:red}</style>好<script>x()</script><!-- 注 -->的", "好 的"),
        ("<style>没有结尾", "没有结尾"),
        ("a&nbsp;b&amp;nbsp;c&NBSP;d&nbsp", "a b c d"),
        ("3&lt;5&#20013;&#x4e2d;&unknown;", "3<5中中&unknown;"),
        ("&#0;&#1114112;&#55357;", ""),
        ("温度<5度且>3度,a<b,<图片>", "温度<5度且>3度,a<b,<图片>"),
        ("r&d部门", "r&d部门"),
    ],
)
def test_markup_is_resolved(text: str, expected: str) -> None:
    assert normalise_text(text) == expected


def test_traditional_characters_stay_where_asked() -> None:
    assert normalise_text("打印機", simplify=False) == normalise("打印機", simplify=False).text == "打印機"


@pytest.mark.parametrize(
    ("text", "word", "original"),
    [
        ("ＨＰ  打印機，卡紙", "卡纸", "卡紙"),
        ("<p>电视&nbsp;黑屏</p>", "黑屏", "黑屏"),
        ("<p>电视&nbsp;黑屏</p>", "视 黑", "视&nbsp;黑"),
        ("重10㎏左右", "kg", "㎏"),
        ("重10㎏左右", "g", "㎏"),
        ("ﾃﾚﾋﾞ坏", "ビ", "ﾋﾞ"),
        ("卡\u200b纸", "卡纸", "卡\u200b纸"),
        ("😀卡纸👍🏽", "👍", "👍"),
        ("好　　的", " ", "　　"),
    ],
)
def test_a_span_leads_back_to_what_was_written(text: str, word: str, original: str) -> None:
    result = normalise(text)
    start = result.text.index(word)
    begin, end = result.original_span(start, start + len(word))
    assert text[begin:end] == original


def test_plain_text_needs_no_offsets() -> None:
    assert normalise("打印机卡纸,请维修").offsets is None


def test_an_empty_span_leads_back_to_an_empty_span() -> None:
    assert normalise("㎏好").original_span(2, 2) == (1, 1)
    assert normalise("　好").original_span(1, 1) == (2, 2)
    assert normalise("　").original_span(0, 0) == (0, 0)


@pytest.mark.parametrize("span", [(-1, 0), (1, 0), (0, 3)])
def test_a_span_outside_the_text_is_refused(span: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="expected one inside 0:2"):
        normalise("卡纸").original_span(*span)


@settings(deadline=None)
@given(TEXTS)
@example("<style>" * 3 + "</style>")
@example(" \u0301")
def test_offsets_cover_the_original_in_order(text: str) -> None:
    result = normalise(text)
    assert result.text == normalise_text(text)
    spans = np.array([result.original_span(index, index + 1) for index in range(len(result.text))]).reshape(-1, 2)
    assert (np.diff(spans, axis=0) >= 0).all()
    assert (spans[:, 0] < spans[:, 1]).all()
    assert ((spans >= 0) & (spans <= len(text))).all()


@settings(deadline=None)
@given(TEXTS)
def test_a_result_is_trimmed_visible_and_free_of_placeholders(text: str) -> None:
    result = normalise_text(text)
    assert result == " ".join(result.split())
    assert not any(unicodedata.category(part) in ("Cc", "Cf", "Cs", "Co") for part in result)


@settings(deadline=None)
@given(TEXTS.filter(lambda text: not set(text) & set("<>&＜＞＆﹤﹥﹠")))
def test_normalising_again_changes_nothing(text: str) -> None:
    assert normalise_text(normalise_text(text)) == normalise_text(text)


@settings(deadline=None)
@given(st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="<>&`")))
def test_full_width_text_reads_as_half_width(text: str) -> None:
    wide = "".join(chr(ord(part) + 0xFEE0) for part in text)
    assert normalise_text(wide) == text.lower()


@pytest.mark.parametrize(
    "text",
    [
        "打印機卡紙，請派人來維修！" * 8000,
        "Ｐ２０ ㎏ … " * 10000,
        "<p>a&nbsp;</p>" * 7000,
        "<style>" * 14000,
        "<style></script>" * 6000,
        "<!--" * 25000,
        "&amp;" * 20000,
        "e" + "\u0301\u0327" * 50000,
        " \n" * 50000,
        "<p " + "x" * 100000,
        "<p " * 33000,
    ],
)
def test_hundred_thousand_characters_take_a_moment(text: str) -> None:
    begun = time.process_time()
    result = normalise_text(text)
    assert time.process_time() - begun < 1  # far above what it takes, far below quadratic time
    assert normalise(text).text == result
