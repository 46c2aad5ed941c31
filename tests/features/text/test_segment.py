"""Words whose concatenation is the text, the same from both engines but for a few."""

import csv
import gzip
import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from pathlib import Path
from subprocess import PIPE

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.text.normalise_many import normalise_many
from features.text.segment import Segmenter
from fenzhen.errors import SettingsError, WorkspaceError
from tests.features.placeholders import PLACEHOLDERS

ENGINES = ("rjieba", "jieba")
USER_WORDS = ("硒鼓架", "HP-1020", "打不着火", "充电桩 3 n", "３·15", "wi/fi", "进纸辊组件", "p20pro")
TEXTS = st.text(
    st.one_of(st.characters(), st.sampled_from(f"打印机卡纸不行了的一a1.%-+ \n\r,。😀\uf8ff{PLACEHOLDERS}\ud800"))
)


@pytest.fixture(scope="module")
def titles(shared_data: Path) -> list[str]:
    with gzip.open(shared_data / "titles" / "dev.csv.gz", "rt", encoding="utf-8") as lines:
        rows = [row["title"] for row in csv.DictReader(lines)]
    return normalise_many(random.Random(2).sample(rows, 3000))


@cache
def segmenter(engine: str) -> Segmenter:
    """The engine with ``USER_WORDS``, made once, as jieba takes a second."""
    return Segmenter(engine, USER_WORDS)


@pytest.mark.parametrize("engine", ENGINES)
@settings(deadline=None)
@given(TEXTS)
def test_words_make_up_the_text(engine: str, text: str) -> None:
    words = segmenter(engine).cut(text)
    assert "".join(words) == text
    assert all(words)


@pytest.mark.parametrize("engine", ENGINES)
@settings(deadline=None)
@given(st.lists(TEXTS, max_size=5))
def test_boundaries_are_those_of_cut(engine: str, texts: list[str]) -> None:
    assert_boundaries(segmenter(engine), texts)


@pytest.mark.parametrize("count", [0, 1, 2, 1600, 3000])
def test_boundaries_are_those_of_cut_for_any_number_of_texts(titles: list[str], count: int) -> None:
    assert_boundaries(Segmenter("rjieba"), [*titles[:count]])


def test_boundaries_of_long_and_empty_texts_are_those_of_cut() -> None:
    assert_boundaries(Segmenter("rjieba"), ["", "打印机卡纸," * 10_000, "", "好", "换硒鼓" * 10_000, "", ""])


def assert_boundaries(segmenter: Segmenter, texts: list[str]) -> None:
    cuts = segmenter.cut_many(texts)
    lengths, counts = segmenter.boundaries(texts)
    assert counts.tolist() == [len(words) for words in cuts]
    assert lengths.tolist() == [len(word) for words in cuts for word in words]
    assert lengths.dtype == counts.dtype == "int64"


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("word", ["硒鼓架", "hp-1020", "打不着火", "充电桩", "3·15", "wi/fi", "进纸辊组件", "p20pro"])
def test_a_user_word_is_kept_whole(engine: str, word: str) -> None:
    assert segmenter(engine).cut(word) == [word]
    assert word in segmenter(engine).cut(f"请问,{word},坏了")


@pytest.mark.parametrize("engine", ENGINES)
def test_a_placeholder_is_a_word(engine: str) -> None:
    for placeholder in PLACEHOLDERS:
        assert placeholder in segmenter(engine).cut(f"电话{placeholder}号a{placeholder}1{placeholder}")
    assert segmenter(engine).cut(PLACEHOLDERS) == list(PLACEHOLDERS)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("text", ["", "打印机卡纸," * 16667, "a" * 100_000, "卡" * 20_000, " " * 100_000])
def test_empty_and_long_texts_are_cut(engine: str, text: str) -> None:
    assert "".join(segmenter(engine).cut(text)) == text


def test_both_engines_agree_on_nearly_all_titles(titles: list[str]) -> None:
    rust, reference = Segmenter("rjieba").cut_many(titles), Segmenter("jieba").cut_many(titles)
    assert sum(map(list.__eq__, rust, reference)) / len(titles) >= 0.97


def test_threads_share_a_segmenter(titles: list[str]) -> None:
    for engine in ENGINES:
        shared = segmenter(engine)
        alone = shared.cut_many(titles[:200])
        with ThreadPoolExecutor(4) as threads:
            assert list(threads.map(shared.cut_many, [titles[:200]] * 4)) == [alone] * 4


def test_user_words_of_one_segmenter_are_unknown_to_another() -> None:
    assert Segmenter("rjieba", ["不间断电"]).cut("不间断电") == ["不间断电"]
    assert Segmenter("rjieba").cut("不间断电") != ["不间断电"]


def test_user_words_come_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "user_words.txt"
    path.write_text("\ufeff# 词\n\n硒鼓架 5 n\nＨＰ-1020\n硒鼓架 7\n", encoding="utf-8")
    assert Segmenter(user_words=path).user_words == ("硒鼓架 7", "hp-1020")


def test_an_unreadable_file_of_user_words_is_refused(tmp_path: Path) -> None:
    (tmp_path / "gbk.txt").write_bytes("硒鼓架".encode("gbk"))
    for name in ("absent.txt", "gbk.txt"):
        with pytest.raises(WorkspaceError, match=name):
            Segmenter(user_words=tmp_path / name)


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(SettingsError, match="got the segmentation engine 'thulac', expected"):
        Segmenter("thulac")


def test_the_description_makes_the_same_segmenter_again() -> None:
    first = segmenter("rjieba")
    again = Segmenter(first.describe()["engine"], first.describe()["user_words"])
    assert again.describe() == first.describe()
    assert again.dictionary_sha256 == first.dictionary_sha256


def test_the_dictionary_hash_tells_engine_and_user_words_apart() -> None:
    makers = [("rjieba", ()), ("rjieba", ["硒鼓架"]), ("rjieba", ["硒鼓架 5"]), ("jieba", ())]
    assert len({Segmenter(engine, words).dictionary_sha256 for engine, words in makers}) == 4


def test_jieba_says_nothing_and_leaves_no_cache_file(tmp_path: Path, project: Path) -> None:
    program = "from features.text.segment import Segmenter; print(Segmenter('jieba').cut('打印机卡纸'))"
    environ = {"TMPDIR": str(tmp_path), "PYTHONPATH": str(project), "PYTHONIOENCODING": "utf-8"}
    start = partial(subprocess.Popen, [sys.executable, "-c", program], env=environ, stdout=PIPE, stderr=PIPE)
    processes = [start(), start()]
    for process in processes:
        out, err = process.communicate(timeout=60)
        assert (out.decode().strip(), err.decode()) == ("['打印机', '卡纸']", "")
    assert not list(tmp_path.iterdir())


def test_rjieba_is_ready_at_once() -> None:
    Segmenter("rjieba")
    begun = time.process_time()
    Segmenter("rjieba", ["硒鼓架"]).cut("硒鼓架")
    assert time.process_time() - begun < 1  # 0.1 to 0.2 s where nothing else runs
