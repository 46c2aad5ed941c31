import random
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.text import near_duplicates
from features.text.near_duplicates import near_duplicate_groups, near_duplicates_of

LONG = "我司三楼的打印机从上周五开始一直卡纸,重启之后仍然无法打印,墨盒也已经换过,请尽快派工程师上门维修,谢谢"


def made_up(count: int, length: int, seed: int = 0) -> list[str]:
    draw = random.Random(seed)
    letters = [chr(0x4E00 + i) for i in range(800)]
    return ["".join(draw.choices(letters, k=length)) for _ in range(count)]


def test_spaces_punctuation_digits_case_and_width_do_not_tell_texts_apart() -> None:
    assert near_duplicate_groups(["HP 打印机,卡纸 3 次", "ｈｐ打印机卡纸12次!", "HP打印机不卡纸"]).tolist() == [0, 0, 1]


def test_a_long_text_with_a_changed_word_is_near_identical() -> None:
    assert near_duplicate_groups([LONG, LONG.replace("上周五", "上周一"), LONG[:20]]).tolist() == [0, 0, 1]


def test_the_threshold_is_reached_at_equality() -> None:
    # Shingles of abcdef: abc bcd cde def; of abcde: three of these four.
    assert near_duplicate_groups(["abcdef", "abcde"], threshold=0.75).tolist() == [0, 0]
    assert near_duplicate_groups(["abcdef", "abcde"], threshold=0.76).tolist() == [0, 1]


def test_links_are_followed() -> None:
    first = made_up(1, 100)[0]
    second, third = first[8:] + "甲乙丙丁戊己庚辛", first[14:] + "甲乙丙丁戊己庚辛子丑寅卯辰巳"
    assert near_duplicate_groups([first, third]).tolist() == [0, 1]
    assert near_duplicate_groups([first, second, third]).tolist() == [0, 0, 0]


def test_empty_texts_and_texts_without_letters_are_equal_only_to_themselves() -> None:
    assert near_duplicate_groups(["", " ", "10086", "12345", "???", "100 86"]).tolist() == [0, 0, 1, 2, 3, 1]


def test_none_at_all() -> None:
    assert near_duplicate_groups([]).tolist() == []
    assert near_duplicates_of([], ["纸"]).tolist() == []
    assert near_duplicates_of(["纸"], []).tolist() == [False]


def test_groups_equal_comparing_every_pair() -> None:
    texts = [variant for text in made_up(60, 40) for variant in (text, text[:-2], text[:20], "新" + text[1:])]
    sets = [{text[i:i + 3] for i in range(len(text) - 2)} for text in texts]
    groups = np.arange(len(texts))
    for i in range(len(texts)):
        for j in range(i):
            if len(sets[i] & sets[j]) / len(sets[i] | sets[j]) >= 0.8:
                groups[groups == groups[i]] = groups[j]
    expected = pd.factorize(groups)[0]
    assert near_duplicate_groups(texts).tolist() == expected.tolist()


def test_copies_are_one_group_without_comparing_every_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    compared, shared = [], near_duplicates._shared

    def counted(first: Any, second: Any, pairs: Any) -> Any:
        compared.append(len(pairs))
        return shared(first, second, pairs)

    monkeypatch.setattr(near_duplicates, "_shared", counted)
    texts = [f"{LONG}{suffix}" for suffix in made_up(3000, 3)]
    assert near_duplicate_groups(texts).max() == 0
    assert 0 < sum(compared) < len(texts) ** 2 / 20


def test_a_segmented_copy_without_stop_words_and_digits_is_a_twin() -> None:
    segmented = "司 三楼 打印机 上 周五 卡纸 重启 无法 打印 墨盒 换过 请 尽快 派 工程师 上门 维修"
    others = [segmented, "打印机", LONG[:20]]
    assert near_duplicates_of(others, [LONG]).tolist() == [True, False, False]


def test_short_texts_need_to_be_equal_apart_from_punctuation() -> None:
    assert near_duplicates_of(["卡纸了!", "又卡纸了", "123"], ["卡纸 了", "456"]).tolist() == [True, False, False]


@pytest.mark.parametrize("threshold", [0.0, 1.1])
def test_impossible_thresholds_are_refused(threshold: float) -> None:
    with pytest.raises(ValueError, match="threshold"):
        near_duplicate_groups(["纸"], threshold)
    with pytest.raises(ValueError, match="threshold"):
        near_duplicates_of(["纸"], ["纸"], threshold)


@pytest.mark.slow
def test_hotline_twins_of_the_raw_file_are_found_and_little_else(shared_data) -> None:
    raw = pd.read_csv(shared_data / "hotline" / "labelled_raw.csv.gz")
    segmented = pd.read_csv(shared_data / "hotline" / "labelled_segmented.csv.gz")["text"].fillna("").tolist()
    whole = (raw["留言主题"] + " " + raw["留言详情"]).fillna("").tolist()
    assert near_duplicates_of(whole, segmented).mean() >= 0.99
    removed = near_duplicates_of(segmented, whole)
    assert removed.sum() <= 560  # 457 rows, some of which are repeated in the segmented file
    kept = [text for text, twin in zip(segmented, removed, strict=True) if not twin]
    assert not near_duplicates_of(whole, kept).any()
