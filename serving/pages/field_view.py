"""What a page shows of one field of an answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fenzhen.store import StoredFeedback
from serving.answers import Prediction, Unavailable
from serving.pages.highlight import Piece, pieces
from serving.pages.language import Words
from serving.questions import Question


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field: its answer, the ticket's texts cut at the words that spoke for it, and what was said about it.

    ``likeliest`` is what an abstaining model leans to; ``spoken`` are reasons in words; ``choices`` are the values
    that a correction may name.
    """

    field: str
    found: Prediction | Unavailable
    likeliest: str | None
    subject: Sequence[Piece]
    body: Sequence[Piece]
    spoken: Sequence[str]
    choices: Sequence[str]
    said: StoredFeedback | None

    @property
    def available(self) -> bool:
        """Whether there is an answer."""
        return isinstance(self.found, Prediction)

    @property
    def highlighted(self) -> bool:
        """Whether any word of the ticket stands out."""
        return any(piece.strength for piece in (*self.subject, *self.body))


def field_view(
    field: str, found: Prediction | Unavailable, question: Question, choices: Sequence[str],
    said: StoredFeedback | None, words: Words,
) -> FieldView:
    """Return the view of a field's answer to a ticket."""
    reasons = found.reasons if isinstance(found, Prediction) else []
    return FieldView(
        field=field, found=found, likeliest=_likeliest(found),
        subject=pieces(question.subject or "", "subject", reasons),
        body=pieces(question.body or "", "body", reasons),
        spoken=[_in_words(each, words) for each in reasons if each.get("code") != "text"],
        choices=choices, said=said,
    )


def _likeliest(found: Prediction | Unavailable) -> str | None:
    return found.model_value if isinstance(found, Prediction) and found.value is None else None


def _in_words(reason: dict[str, Any], words: Words) -> str:
    if reason.get("code") == "rule":
        return words("reasons.rule", rule=reason.get("rule"))
    return str(reason.get(f"text_{words.language}") or reason.get("code"))
