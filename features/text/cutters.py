"""The two engines that cut text into words."""

import hashlib
import re
import threading
import warnings
from collections.abc import Callable, Iterable
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable
from importlib.util import find_spec
from itertools import accumulate, pairwise
from typing import Literal, cast, get_args

from features.text.user_words import UserWord
from fenzhen.errors import SettingsError

__all__ = ["Cut", "Engine", "engine_cut", "engine_dictionary", "engine_named"]

Engine = Literal["rjieba", "jieba"]
Cut = Callable[[str], list[str]]
_SURROGATES = re.compile("[\ud800-\udfff]")
_importing = threading.Lock()


def engine_named(name: str) -> Engine:
    """Return the engine that ``name`` asks for; ``auto`` is rjieba where it is installed, else jieba.

    Raises ``SettingsError`` for another name and for an engine that is not installed.
    """
    if name not in ("auto", *get_args(Engine)):
        raise SettingsError(f"got the segmentation engine {name!r}, expected 'rjieba', 'jieba' or 'auto'")
    wanted: tuple[Engine, ...] = tuple(engine for engine in get_args(Engine) if name in ("auto", engine))
    for engine in wanted:
        if find_spec(engine) is not None:
            return engine
    raise SettingsError(f"got the segmentation engine {name!r}, which is not installed: pip install {wanted[0]}")


@cache
def engine_dictionary(engine: Engine) -> str:
    """Return what names the engine's dictionary: rjieba's version, jieba's file by its hash."""
    if engine == "rjieba":
        return f"rjieba {version('rjieba')}"
    return f"jieba {version('jieba')} sha256:{hashlib.sha256(_jieba_dictionary().read_bytes()).hexdigest()}"


def engine_cut(engine: Engine, words: Iterable[UserWord]) -> Cut:
    """Return a function that cuts a text in precise mode with HMM, knowing ``words``; threads may share it."""
    return {"rjieba": _rjieba_cut, "jieba": _jieba_cut}[engine](tuple(words))


def _rjieba_cut(words: tuple[UserWord, ...]) -> Cut:
    import rjieba

    if not words:  # the package's own instance is ready; another one takes as long again
        return _surviving_surrogates(rjieba.cut)
    tokenizer = rjieba.Jieba()
    for word in words:
        tokenizer.add_word(word.word, max(word.frequency or 0, tokenizer.suggest_freq(word.word)), word.tag)
    return _surviving_surrogates(tokenizer.cut)


def _surviving_surrogates(cut: Cut) -> Cut:
    def surviving(text: str) -> list[str]:
        try:
            return cut(text)
        except UnicodeEncodeError:  # an unpaired surrogate, which Rust cannot hold
            return _like(text, cut(_SURROGATES.sub("\ufffd", text)))

    return surviving


def _like(text: str, tokens: list[str]) -> list[str]:
    ends = [0, *accumulate(map(len, tokens))]
    return [text[start:end] for start, end in pairwise(ends)]


def _jieba_cut(words: tuple[UserWord, ...]) -> Cut:
    with _importing, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package asks pkg_resources and has old escapes
        import jieba

    tokenizer = jieba.Tokenizer()
    # Not tokenizer.initialize(): that logs, and shares a cache file in the temporary folder with everybody.
    tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(_jieba_dictionary().open("rb"))
    tokenizer.initialized = True
    for word in words:
        tokenizer.add_word(word.word, max(word.frequency or 0, tokenizer.suggest_freq(word.word)), word.tag)
    return cast(Cut, tokenizer.lcut)


def _jieba_dictionary() -> Traversable:
    return files("jieba").joinpath("dict.txt")
