"""A scorer whose probabilities are written into the ticket, for what only decisions can show."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

CLASSES = ("甲", "乙", "丙")


class StubScorer:
    """Reads the body ``0.7 0.2 0.1`` as probabilities; ``deaf`` in the subject is a warning of that name."""

    model = "ticket_category"
    field = "category"
    second_field = "subcategory"

    def __init__(
        self, classes: Sequence[str] = CLASSES, limits: Mapping[str, tuple[float | None, float | None]] | None = None,
        second: Mapping[str, tuple[str, float]] | None = None,
    ) -> None:
        self.manifest: dict[str, Any] = {}
        self.classes = tuple(classes)
        given = limits or dict.fromkeys(classes, (0.5, 0.9))
        self.thresholds = {name: {"suggest": suggest, "auto": auto} for name, (suggest, auto) in given.items()}
        self.second = second or {}

    def probabilities(self, subjects: Any, bodies: Any) -> tuple[np.ndarray, list[tuple[str, ...]]]:
        found = np.array([[float(part) for part in body.split()] for body in bodies]).reshape(-1, len(self.classes))
        return found, [(subject,) if subject in ("empty_text", "unknown_language") else () for subject in subjects]

    def second_level(self, _subject: str | None, _body: str | None, value: str) -> tuple[str, float] | None:
        return self.second.get(value)

    def explain(self, _subject: str | None, _body: str | None, value: str, limit: int = 5) -> list[dict[str, Any]]:
        reason = {"code": "text", "field": "body", "start": 0, "end": 1, "weight": 1.0, "class": value}
        return [reason][:limit] if value in self.classes else []
