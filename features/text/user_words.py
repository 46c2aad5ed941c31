"""A workspace's own words, in the format of jieba's user dictionary."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from features.text.normalise import normalise_text
from fenzhen.errors import WorkspaceError

__all__ = ["UserWord", "read_user_words"]

_LINE = re.compile(r"^(?P<word>.+?)(?: (?P<frequency>[0-9]{1,9}))?(?: (?P<tag>[a-z]{1,8}))?$")


@dataclass(frozen=True, slots=True)
class UserWord:
    """A word that the segmenter keeps whole; without a frequency it gets the lowest that achieves this."""

    word: str
    frequency: int | None = None
    tag: str | None = None

    def __str__(self) -> str:
        parts = (self.word, self.frequency, self.tag)
        return " ".join(str(part) for part in parts if part is not None)


def read_user_words(source: Iterable[str] | Path) -> tuple[UserWord, ...]:
    """Read lines ``word [frequency] [tag]``; words are normalised as texts are, and the last line of a word counts.

    Empty lines and what follows ``#`` at a line's start are ignored. Raises ``WorkspaceError`` for a file that cannot
    be read.

    >>> [str(word) for word in read_user_words(["ＨＰ1020 5 n", "卡紙", "", "# 注"])]
    ['hp1020 5 n', '卡纸']
    """
    words = {}
    for line in _lines(source) if isinstance(source, Path) else source:
        stripped = line.strip().removeprefix("\ufeff")
        if not stripped or stripped.startswith("#"):
            continue
        word = _parsed(stripped)
        if word is not None:
            words[word.word] = word
    return tuple(words.values())


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise WorkspaceError(f"cannot read user words: got {error}, expected a UTF-8 text file at {path}") from error


def _parsed(line: str) -> UserWord | None:
    match = _LINE.match(" ".join(line.split()))
    word = normalise_text(match["word"]) if match else ""
    if not match or not word or word.startswith("#"):  # as a line it would be a comment when it is read again
        return None
    return UserWord(word, int(match["frequency"]) if match["frequency"] else None, match["tag"])
