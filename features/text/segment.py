"""Words of a text, cut by jieba's algorithm and dictionary, and a workspace's own words on top.

``rjieba`` (Rust, the default) and ``jieba`` (the reference) hold the same dictionary and differ in about one title in
forty. Both keep private-use characters, and so the placeholders of ``features.text.mask``, as single words.
"""

import hashlib
import os
import re
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from re import Pattern
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.text.chunks import chunks
from features.text.cutters import Cut, Engine, engine_cut, engine_dictionary, engine_named
from features.text.user_words import UserWord, read_user_words

__all__ = ["Segmenter"]

Int64 = NDArray[np.int64]
_SEPARATOR = "\uf8ff"
_CUTTABLE = re.compile(r"[\u4e00-\u9fd5a-zA-Z0-9+#&._%\-]+")


class Segmenter:
    """Cuts texts into words whose concatenation is the text; ready when made, safe to use from many threads.

    ``engine`` is ``rjieba``, ``jieba`` or ``auto`` (rjieba where it is installed). ``user_words`` are lines
    ``word [frequency] [tag]`` or a file of them; each is kept whole wherever nothing longer or likelier overlaps it.
    Those that cut alike are equal.
    Raises ``SettingsError`` for an unknown engine and ``WorkspaceError`` for an unreadable file.

    >>> Segmenter(user_words=["硒鼓架"]).cut("打印机卡纸,换硒鼓架")
    ['打印机', '卡纸', ',', '换', '硒鼓架']
    """

    def __init__(self, engine: str = "auto", user_words: Iterable[str] | Path = ()) -> None:
        self.engine: Engine = engine_named(engine)
        words = read_user_words(user_words)
        self.user_words: tuple[str, ...] = tuple(map(str, words))
        self._hash = hash(self._words())
        self._pieces = _pieces_pattern(words)
        self._cut: Cut = engine_cut(self.engine, [word for word in words if _CUTTABLE.fullmatch(word.word)])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Segmenter) and self._words() == other._words()

    def __hash__(self) -> int:
        return self._hash

    def _words(self) -> tuple[str, tuple[str, ...]]:
        """Return what decides a cut within this process."""
        return self.engine, self.user_words

    @property
    def dictionary_sha256(self) -> str:
        """Identify what decides a cut: engine, its version or dictionary file, and the user words in order."""
        parts = [self.engine, engine_dictionary(self.engine), *self.user_words]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def describe(self) -> dict[str, Any]:
        """Return what the manifest of an artefact says about segmentation, ready for JSON."""
        return {
            "engine": self.engine,
            "dictionary": engine_dictionary(self.engine),
            "dictionary_sha256": self.dictionary_sha256,
            "user_words": list(self.user_words),
        }

    def cut(self, text: str) -> list[str]:
        """Return the words of the text in order, spaces and punctuation included.

        >>> Segmenter().cut("")
        []
        """
        if self._pieces is None:
            return self._cut(text)
        pieces = self._pieces.split(text)
        return [word for index, piece in enumerate(pieces) for word in ([piece] if index % 2 else self._cut(piece))]

    def cut_many(self, texts: Iterable[str]) -> list[list[str]]:
        """Return ``cut`` of each text."""
        return [self.cut(text) for text in texts]

    def boundaries(self, texts: Sequence[str]) -> tuple[Int64, Int64]:
        """Return the lengths of all words of all texts in order, and the number of words of each text, as int64.

        The same words as ``cut``, about three times as fast on two cores: texts are cut many at a time, in threads.

        >>> lengths, counts = Segmenter().boundaries(["打印机卡纸", "", "好"])
        >>> lengths.tolist(), counts.tolist()
        ([3, 2, 1], [2, 0, 1])
        """
        portions = list(chunks(texts))
        if len(portions) < 2:
            parts = [self._chunk_boundaries(portion) for portion in portions]
        else:  # rjieba lets other threads run while it cuts
            with ThreadPoolExecutor(min(len(portions), os.cpu_count() or 1)) as threads:
                parts = list(threads.map(self._chunk_boundaries, portions))
        return _concatenated([lengths for lengths, _ in parts]), _concatenated([counts for _, counts in parts])

    def _chunk_boundaries(self, texts: Sequence[str]) -> tuple[Int64, Int64]:
        joined = _SEPARATOR.join(texts)
        if joined.count(_SEPARATOR) != len(texts) - 1:  # a text holds the separator itself
            cuts = self.cut_many(texts)
            return _lengths([word for words in cuts for word in words]), _lengths(cuts)
        lengths = _lengths(self.cut(joined))
        stops = np.cumsum(_lengths(texts) + 1)[:-1]  # where each separator ends
        separators = np.searchsorted(np.cumsum(lengths), stops)
        counts = np.diff(separators, prepend=-1, append=len(lengths)) - 1
        return np.delete(lengths, separators), counts


def _lengths(parts: Sequence[str] | Sequence[list[str]]) -> Int64:
    return np.fromiter(map(len, parts), dtype=np.int64, count=len(parts))


def _concatenated(parts: Sequence[Int64]) -> Int64:
    return np.concatenate([np.zeros(0, dtype=np.int64), *parts])


def _pieces_pattern(words: Iterable[UserWord]) -> Pattern[str] | None:
    # The engines only join characters of _CUTTABLE: words with others (wi/fi, 3·15) are found before they see the text.
    others = sorted((word.word for word in words if not _CUTTABLE.fullmatch(word.word)), key=len, reverse=True)
    return re.compile(f"({'|'.join(map(re.escape, others))})") if others else None
