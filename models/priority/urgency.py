"""Which of two priorities is more urgent: as a workspace says, else as their names do."""

import re
from collections.abc import Iterable, Sequence

__all__ = ["says_urgency", "urgency_order", "urgency_ranks"]

_WORDS = (
    ("特急", "危急", "critical", "blocker", "urgent", "紧急"), ("高", "high", "major", "重要"),
    ("中", "medium", "moderate", "normal", "普通", "一般"), ("低", "low", "minor"),
    ("不急", "planning", "planned", "trivial"),
)
_UNKNOWN = len(_WORDS)
_SHOUTED = re.compile(r"^(?:p|s|sev|priority|prio)?[\s_-]*(\d+)", re.IGNORECASE)


def urgency_order(names: Iterable[str]) -> list[str]:
    """Return the distinct priorities, the most urgent first.

    Names that begin with a number (``1``, ``P1``, ``1 - Critical``) go by it, the lowest first; others by the words
    that people use. Names that say nothing come last, in the order of their letters.

    >>> urgency_order(["低", "紧急", "中", "高"])
    ['紧急', '高', '中', '低']
    >>> urgency_order(["3 - Moderate", "10", "P1", "2 - High"])
    ['P1', '2 - High', '3 - Moderate', '10']
    >>> urgency_order(["low", "Urgent", "purple"])
    ['Urgent', 'low', 'purple']
    """
    return sorted(set(names), key=lambda name: (*_urgency(name), name))


def says_urgency(name: str) -> bool:
    """Return whether a priority's name says how urgent it is.

    >>> says_urgency("P2"), says_urgency("高"), says_urgency("purple")
    (True, True, False)
    """
    return _urgency(name) != (1, _UNKNOWN)


def urgency_ranks(priorities: Sequence[str | None], order: Sequence[str]) -> list[int]:
    """Return a rank a ticket, 0 for the most urgent; a priority that ``order`` lacks and a missing one come last.

    >>> urgency_ranks(["低", None, "紧急", "?"], ["紧急", "高", "中", "低"])
    [3, 4, 0, 4]
    """
    ranks = {name: rank for rank, name in reversed(list(enumerate(order)))}
    return [len(order) if name is None else ranks.get(name, len(order)) for name in priorities]


def _urgency(name: str) -> tuple[int, int]:
    numbered = _SHOUTED.match(name.strip())
    if numbered:
        return 0, int(numbered[1][:9])
    lower = name.strip().lower()
    exact = next((rank for rank, words in enumerate(_WORDS) if lower in words), None)
    within = next((rank for rank, words in enumerate(_WORDS) if any(word in lower for word in words)), _UNKNOWN)
    return 1, within if exact is None else exact
