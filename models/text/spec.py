"""Which label does a ticket's text carry? One spec, an instance for each label column.

Cohort: tickets with text and a known label. Features: words and characters of subject and body. Estimator: linear,
see ``models.text.fit_linear``; calibrated and given thresholds on rows it was not fitted on.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.text.segment import Segmenter
from features.text.term_matrix import Lead
from fenzhen.errors import TrainingRefused, WorkspaceError
from fenzhen.tables import Tables
from models.policy import Policy
from models.settings_table import numbers_as_floats, refuse_unknown
from models.text.examples import Examples
from models.text.fit import Advance, Folds, TextLabelFitting
from models.text.fit_linear import LinearSettings
from models.text.labels import LabelColumns, labelled
from models.text.scorer import TextLabelScorer
from models.thresholds import TargetPrecision
from models.ticket_label import TicketLabel

__all__ = ["TextLabelSettings", "TextLabelSpec"]

Objects = NDArray[np.object_]
_SLICES = ("channel", "product", "region", "created_at")


@dataclass(frozen=True, slots=True)
class TextLabelSettings:
    """The ``[models.NAME]`` table of a workspace; every key has a default.

    ``strength`` (LinearSVC's C) and ``lead_weight`` (how many times n-grams of a ticket's opening count) are chosen
    on held-out rows where they are 0.
    """

    label: str = ""
    second_level: str = ""
    minimum_rows: int = 5
    rest_class: str = ""
    target_precision_auto: float = 0.95
    target_precision_suggest: float = 0.70
    maximum_calibration_error: float = 0.05
    strength: float = 0.0
    lead_weight: float = 0.0
    exclude_near_duplicates_of: str = ""

    @classmethod
    def from_dict(cls, name: str, content: Mapping[str, Any]) -> Self:
        """Check a settings table; ``WorkspaceError`` names unknown keys and wrong values."""
        known = {each.name: type(each.default) for each in fields(cls)}
        refuse_unknown(f"[models.{name}]", content, known)
        values = numbers_as_floats(content, known)
        for key, value in values.items():
            if type(value) is not known[key]:
                raise WorkspaceError(f"[models.{name}]: got {key} = {value!r}, expected {_WORDS[known[key]]}")
        settings = cls(**values)
        settings._check(name)
        return settings

    def _check(self, name: str) -> None:
        for key in ("target_precision_auto", "target_precision_suggest", "maximum_calibration_error"):
            if not 0 < (value := getattr(self, key)) < 1:
                raise WorkspaceError(f"[models.{name}]: got {key} = {value}, expected a share between 0 and 1")
        for key, least in (("minimum_rows", 2), ("strength", 0), ("lead_weight", 0)):
            if not least <= (value := getattr(self, key)) < np.inf:
                raise WorkspaceError(f"[models.{name}]: got {key} = {value}, expected at least {least}")
        if self.target_precision_suggest > self.target_precision_auto:
            raise WorkspaceError(
                f"[models.{name}]: got target_precision_suggest = {self.target_precision_suggest}, expected at most "
                f"target_precision_auto = {self.target_precision_auto}"
            )


_WORDS = {str: "text", int: "a whole number", float: "a number"}


@dataclass(frozen=True)
class TextLabelSpec(TicketLabel):
    """The model ``name``, which answers ``field`` from the tickets' label column."""

    name: str
    settings: TextLabelSettings

    family = "text_label"
    table = "tickets"
    entity = "ticket_id"
    tables = ("tickets", "taxonomy")

    @classmethod
    def from_settings(cls, name: str, settings: Mapping[str, Any]) -> Self:
        """Return the spec of ``[models.NAME]``; ``WorkspaceError`` for settings that are none."""
        return cls(name, TextLabelSettings.from_dict(name, settings))

    def examples(self, tables: Tables, policy: Policy, *, segmented: bool, merge: bool = True) -> Examples:
        """Return the tickets to learn from, as known in ``tables``.

        Renamed labels take today's name; inactive ones, empty labels and empty texts are left out and counted; rare
        classes are merged into the workspace's rest class unless ``merge`` is false. Raises ``TrainingRefused`` for
        what cannot be learnt from.
        """
        tickets = tables["tickets"]
        if self.label not in tickets.columns:
            raise TrainingRefused(f"{self.name}: tickets have no column {self.label!r}; map it in workspace.toml")
        rows = labelled(tickets, LabelColumns(self.field, self.label, self.settings.second_level), policy)
        labels, merged = self._merged(rows.labels) if merge else (rows.labels, {})
        second = rows.second.copy()
        second[labels != rows.labels] = None
        frame = tickets.iloc[rows.positions]
        return Examples(
            ids=_texts(frame, "ticket_id"), subjects=_texts(frame, "subject"), bodies=_texts(frame, "body"),
            labels=labels, second=second, created_at=_times(frame, "created_at"),
            resolved_at=_times(frame, "resolved_at"),
            slices=frame[[column for column in _SLICES if column in frame.columns and frame[column].notna().any()]],
            segmented=segmented, left_out=rows.left_out, merged=merged,
        )

    def fit(
        self, examples: Examples, folds: Folds, user_words: Path | None, seed: int, advance: Advance,
    ) -> TextLabelScorer:
        """Return a scorer fitted on all rows; calibrator and thresholds come from the rows that ``folds`` hold out.

        Without folds, for want of rows, they come from the fitted rows themselves and are too hopeful.
        """
        return self._fitting(user_words, seed, advance).scorer(examples, folds)

    def tuned(
        self, examples: Examples, folds: Folds, user_words: Path | None, seed: int, advance: Advance,
    ) -> "TextLabelSpec":
        """Return the spec with the configuration that does best on the rows that ``folds`` hold out.

        What the workspace sets stays; without folds nothing is chosen.
        """
        fitting = self._fitting(user_words, seed, advance)
        chosen = fitting.best_settings(
            examples, folds, leads=not self.settings.lead_weight, strengths=not self.settings.strength
        )
        settings = replace(self.settings, strength=chosen.strength, lead_weight=chosen.lead.weight)
        return replace(self, settings=settings)

    def _fitting(self, user_words: Path | None, seed: int, advance: Advance) -> TextLabelFitting:
        precision = TargetPrecision(self.settings.target_precision_auto, self.settings.target_precision_suggest)
        linear = LinearSettings(
            strength=self.settings.strength or LinearSettings.strength,
            lead=Lead(weight=self.settings.lead_weight or Lead.weight),
        )
        segmenter = Segmenter("auto", user_words or ())
        return TextLabelFitting(
            {"model": self.name, "field": self.field}, segmenter, linear, precision, seed, advance,
            second_field=self.settings.second_level,
        )

    def _merged(self, labels: Objects) -> tuple[Objects, dict[str, str]]:
        """Return labels with the rare ones merged into the rest class, and which those were."""
        least, rest = self.settings.minimum_rows, self.settings.rest_class
        rare = {name: count for name, count in Counter(labels).items() if count < least and name != rest}
        if not rare:
            return labels, {}
        named = ", ".join(f"{name} ({count})" for name, count in sorted(rare.items()))
        if not rest:
            raise TrainingRefused(
                f"{self.name}: fewer than minimum_rows = {least} rows of {named}; name a rest_class under "
                f"[models.{self.name}] to merge them into, lower minimum_rows or make the values inactive"
            )
        merged = labels.copy()
        merged[np.isin(labels, list(rare))] = rest
        return merged, dict.fromkeys(sorted(rare), rest)


def _texts(frame: pd.DataFrame, column: str) -> Objects:
    """Return a column's text as an object array with None for what is missing."""
    values = frame[column] if column in frame.columns else pd.Series(None, index=frame.index, dtype=object)
    return values.astype(object).where(values.notna(), None).to_numpy(dtype=object)


def _times(frame: pd.DataFrame, column: str) -> pd.Series | None:
    return frame[column] if column in frame.columns and frame[column].notna().any() else None
