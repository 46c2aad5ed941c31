"""Which language a page speaks, and its words."""

from dataclasses import dataclass
from typing import Literal, get_args

from starlette.requests import Request

from serving.pages.words import WORDS

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
PARAMETER = "lang"
COOKIE = "fenzhen_lang"


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language."""

    language: Language

    @property
    def tag(self) -> str:
        """The language as HTML names it."""
        return "zh-CN" if self.language == "zh" else "en"

    @property
    def other(self) -> Language:
        """The other language."""
        return "en" if self.language == "zh" else "zh"

    def __call__(self, name: str, **values: object) -> str:
        """Return the words of a name, with values filled in; ``KeyError`` for a name without words.

        >>> Words("zh")("confidence"), Words("en")("confidence")
        ('把握度', 'Confidence')
        """
        return WORDS[name][LANGUAGES.index(self.language)].format(**values)

    def named(self, kind: str, name: str) -> str:
        """Return the words of a member of a kind (``field.category``), the name itself where it has none.

        >>> Words("zh").named("field", "category"), Words("zh").named("field", "colour")
        ('类别', 'colour')
        """
        return self(f"{kind}.{name}") if f"{kind}.{name}" in WORDS else name

    def warning(self, code: str) -> str:
        """Return the words of a warning; the column whose value was new is named, also one of the workspace's own.

        >>> Words("zh").warning("unseen_device_id"), Words("zh").warning("unseen_报单入口")
        ('“设备编号”的值第一次出现，没有历史可参考。', '“报单入口”的值第一次出现，没有历史可参考。')
        """
        if code.startswith("unseen_"):
            return self("warning.unseen", column=self.named("column", code.removeprefix("unseen_")))
        return self.named("warning", code)

    def about(self, status: int) -> str:
        """Return what to do about a problem with this status.

        >>> Words("en").about(404), Words("zh").about(503)
        ('There is no page at this address.', '请稍后再试。若仍然不行，请把下面的编号告诉管理员。')
        """
        own = f"problem.{status}.about"
        return self(own if own in WORDS else "problem.about")


def asked_language(request: Request) -> Language | None:
    """Return what ``?lang=`` asks for, if it is a language of the pages."""
    asked = request.query_params.get(PARAMETER)
    return asked if asked in LANGUAGES else None


def language_of(request: Request) -> Language:
    """Return the language of a page: as asked, as asked before, as the browser prefers, else Chinese."""
    kept = request.cookies.get(COOKIE)
    if (asked := asked_language(request)) is not None:
        return asked
    return kept if kept in LANGUAGES else preferred(request.headers.get("accept-language", ""))


def preferred(header: str) -> Language:
    """Return the language that an ``Accept-Language`` prefers.

    >>> preferred("en-GB,en;q=0.9,zh;q=0.8"), preferred("de, zh-TW;q=0.7, en;q=0.3"), preferred("fr"), preferred("")
    ('en', 'zh', 'zh', 'zh')
    """
    weighted = sorted((_weighted(part) for part in header[:500].split(",")), key=lambda found: -found[1])
    return next((name for name, weight in weighted if name in LANGUAGES and weight > 0), "zh")


def _weighted(part: str) -> tuple[str, float]:
    tag, _, rest = part.strip().lower().partition(";")
    _, _, weight = rest.partition("q=")
    try:
        return tag.partition("-")[0].strip(), float(weight or 1)
    except ValueError:
        return "", 0.0
