"""Examples for people to look at, with personal data masked."""

import re

__all__ = ["masked"]

PERSON_COLUMNS = frozenset({"name", "owner", "customer_id", "assignee_id", "survey_comment"})
LONGEST = 40
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"\+?\d[\d \-()]{5,}\d[xX]?")
_DIGITS = re.compile(r"\d{7,}[xX]?")
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_WORD = re.compile(r"[^\W\d_]{2,}")


def masked(value: object, column: str = "") -> str:
    """Return ``value`` as a short text without mails, phone numbers, runs of over six digits and people's names.

    Names are masked in the columns that hold people (``name``, ``owner`` and the like), not in free text. Times and
    dates stay readable.

    >>> masked("请拨 138-0013-8000 或 a.b@example.com")
    '请拨 *** 或 ***'
    >>> masked("王小明", "owner"), masked("C-12345678"), masked("2026-13-45 09:00:00")
    ('王**', 'C-***', '2026-13-45 09:00:00')
    """
    text = " ".join(str(value).split())
    text = _MAIL.sub("***", text)
    text = _PHONE.sub(_phone, text)
    text = _DIGITS.sub("***", text)
    if column in PERSON_COLUMNS:
        text = _name(text)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _phone(match: re.Match[str]) -> str:
    """Mask what has more than six digits, but leave a date as it is."""
    text = match[0]
    if re.match(r"(?:19|20)\d\d([-/.])\d{1,2}\1\d{1,2}(?!\d)", text) and len(re.sub(r"\D", "", text)) <= 14:
        return text
    return "***" if sum(character.isdigit() for character in text) > 6 else text


def _name(text: str) -> str:
    if _CHINESE.search(text):
        return text[0] + "**"
    return _WORD.sub(lambda word: word[0][0] + "**", text) if " " in text else text
