"""What a page shows of one field of an answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from fenzhen.store import StoredFeedback
from serving.answers import Prediction, RoutedPrediction, Unavailable
from serving.pages.highlight import Piece, pieces
from serving.pages.language import Words
from serving.questions import Question


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field: its answer, the ticket's texts cut at the words that spoke for it, and what was said about it.

    ``title`` and ``others`` are the value and the alternatives as people know them; ``likeliest`` is what an abstaining
    model leans to; ``spoken`` are reasons in words; ``excluded`` says who was left out and why; ``choices`` are the
    values that a correction may name; ``corrected`` is the value that was said, as people know it.
    """

    field: str
    found: Prediction | Unavailable
    title: str
    others: Sequence[tuple[str, float]]
    likeliest: str | None
    subject: Sequence[Piece]
    body: Sequence[Piece]
    spoken: Sequence[str]
    excluded: Sequence[tuple[str, str]]
    choices: Sequence[tuple[str, str]]
    said: StoredFeedback | None
    corrected: str | None

    @property
    def available(self) -> bool:
        """Whether there is an answer."""
        return isinstance(self.found, Prediction)

    @property
    def routed(self) -> bool:
        """Whether a group or a person is recommended: texts did not decide then."""
        return isinstance(self.found, RoutedPrediction)

    @property
    def nobody(self) -> bool:
        """Whether there is nobody left who may take the ticket, however sure a model were."""
        return isinstance(self.found, RoutedPrediction) and self.found.confidence is None

    @property
    def highlighted(self) -> bool:
        """Whether any word of the ticket stands out."""
        return any(piece.strength for piece in (*self.subject, *self.body))


def nameless(_: str) -> None:
    """Return the name of what has none beside its value."""


def field_view(
    field: str, found: Prediction | Unavailable, question: Question, choices: Sequence[str],
    said: StoredFeedback | None, words: Words, name: Callable[[str], str | None] = nameless,
) -> FieldView:
    """Return the view of a field's answer to a ticket.

    ``name`` gives the name of a person, which stands before the id unless the id says it already.
    """
    def known(value: str) -> str:
        given = name(value) if isinstance(found, RoutedPrediction) else None
        return f"{given} ({value})" if given and given not in value else value

    reasons = found.reasons if isinstance(found, Prediction) else []
    return FieldView(
        field=field, found=found, title=_title(found, known),
        others=[(known(each.value), each.confidence) for each in getattr(found, "alternatives", ())],
        likeliest=_likeliest(found, known),
        subject=pieces(question.subject or "", "subject", reasons),
        body=pieces(question.body or "", "body", reasons),
        spoken=[_in_words(each, words) for each in (*_rule(found), *reasons) if each.get("code") != "text"],
        excluded=[(known(each.value), str(getattr(each, f"text_{words.language}")))
                  for each in getattr(found, "excluded", ())],
        choices=[(value, known(value)) for value in choices], said=said,
        corrected=None if said is None or said.value is None else known(said.value),
    )


def _title(found: Prediction | Unavailable, known: Callable[[str], str]) -> str:
    if not isinstance(found, Prediction) or found.value is None:
        return "—"
    return known(found.value) if isinstance(found, RoutedPrediction) else " › ".join(found.path) or found.value


def _likeliest(found: Prediction | Unavailable, known: Callable[[str], str]) -> str | None:
    if not isinstance(found, Prediction) or found.value is not None or found.model_value is None:
        return None
    return known(found.model_value)


def _rule(found: Prediction | Unavailable) -> list[dict[str, Any]]:
    """Return the rule that was met as a reason, where the reasons do not tell it: for people, and when abstaining."""
    if not isinstance(found, Prediction) or found.rule is None:
        return []
    told = not isinstance(found, RoutedPrediction) and found.value is not None
    return [] if told else [{"code": "rule", "rule": found.rule.get("id")}]


def _in_words(reason: dict[str, Any], words: Words) -> str:
    if reason.get("code") == "rule":
        return words("reasons.rule", rule=words.named("rule", str(reason.get("rule"))))
    return str(reason.get(f"text_{words.language}") or reason.get("code"))
