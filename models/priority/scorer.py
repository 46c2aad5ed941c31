"""The priority model as it is served: a ticket and the history so far to calibrated, ordered probabilities."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.filed_fields import FiledFields
from features.priority.counts import SECOND
from features.priority.state import KeptFacts, PriorityState, moment_of
from features.text.segment import Segmenter
from features.text.ticket_text import text_batch
from fenzhen.tables import conform
from models.answer_frame import answer_frame
from models.artefact import write_artefact
from models.calibration import Calibrator
from models.conditions import REPEAT_DAYS
from models.decision import LabelAnswer
from models.policy import Mode, Policy
from models.priority.decisions import decide_priorities
from models.priority.fit import PriorityFitting
from models.priority.golden import GOLDEN_TICKETS, golden_state
from models.priority.model import PriorityModel
from models.priority.raising import Filed, fired_rules, raising_fields, rules_of
from models.priority.reasons import priority_reasons
from models.priority.rows import PriorityRows, text_of
from models.registered import Registered
from models.text.reasons import text_reasons
from models.thresholds import Thresholds

__all__ = ["PriorityScorer"]

Float64 = NDArray[np.float64]
_SILENCE, _STALE = (days * 86_400 * SECOND for days in (3, 7))
_WINDOW_OF = {days: place for place, days in enumerate(REPEAT_DAYS, start=1)}


@dataclass(frozen=True, eq=False)
class PriorityScorer(Registered):
    """Immutable and shared; all that changes is in the state.

    ``shares`` are the classes' shares among fitted tickets, ``temper`` their power in decisions, see
    ``models.priority.ordinal``; ``kept`` is the history as of training.
    """

    priority: PriorityModel
    calibrator: Calibrator
    shares: Float64
    temper: float
    thresholds: Thresholds
    segmenter: Segmenter
    kept: KeptFacts

    @property
    def classes(self) -> tuple[str, ...]:
        """The values, the most urgent first."""
        return self.priority.space.order

    def new_state(self) -> PriorityState:
        """Return the history as of training, to be fed with what happened since (``file``, ``update``)."""
        return PriorityState(self.priority.space, self.kept)

    def answers(
        self, tickets: Sequence[Mapping[str, Any]], state: PriorityState, policy: Policy, *,
        now: datetime | None = None, top_k: int = 3, explain: bool = False, mode: Mode | None = None,
    ) -> list[LabelAnswer]:
        """Return one answer a ticket, in order; tickets are dicts shaped like ``serving.schemas.Ticket``.

        History counts strictly before a ticket's ``created_at``, or before ``now`` (default: the present) where that is
        missing; where nothing has been filed for longer than three days before it, as it stood three days after the
        last: silence is a feed that has stopped, not a sign of danger. After a week it is a warning, ``stale_history``.
        Rules count to the moment itself. The same ticket gets the same answer alone and among others.
        """
        space, rules = self.priority.space, rules_of(self, policy)
        asked = FiledFields(raising_fields(rules), space.fields.time_zone)
        moment = now or datetime.now(UTC)
        read, fired, stale, logits = [], [], [], np.zeros((len(tickets), len(self.classes) - 1))
        for row, ticket in enumerate(tickets):
            filed_at = ticket.get("created_at") or moment
            values = space.values(ticket, filed_at)
            places, at = state.places(values), moment_of(filed_at)
            heard = state.newest or at
            counts = state.counts(places, min(at, heard + _SILENCE))
            read.append((values, counts))
            stale.append(at > heard + _STALE)
            logits[row] = self.priority.token_logits(values, counts)
            text = text_of(ticket.get("subject"), ticket.get("body"))
            fired.append(fired_rules(rules, text, asked.named(ticket), self._filed(state, places, at)))
        subjects, bodies = ([ticket.get(name) for ticket in tickets] for name in ("subject", "body"))
        logits += self._word_logits(subjects, bodies)
        decided = decide_priorities(self, policy, self.calibrated(logits), fired, mode)
        return [decided.answer(row, policy, top_k, self._reasons(ticket, *read[row], decided.first(row))
                               if explain else (), self._warnings(stale[row])) for row, ticket in enumerate(tickets)]

    def probabilities(self, rows: PriorityRows) -> Float64:
        """Return calibrated probabilities float64 (tickets, classes), each ticket as of its own creation."""
        space = self.priority.space
        fitting = PriorityFitting(space.label, space.order, self.segmenter)
        return self.calibrated(fitting.logits(self.priority, rows))

    def calibrated(self, logits: Float64) -> Float64:
        """Return calibrated probabilities of thresholds' logits."""
        return self.calibrator.probabilities(np.log(self.priority.probabilities(logits)))

    def frame(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return prediction, confidence and decision of canonical rows by the model and its history as of training.

        No taxonomy, no rules. Columns that are lacking count as missing; order and index are kept.
        """
        tickets = conform("tickets", rows.reset_index(drop=True))
        rows_told = tickets.to_dict("records")
        told = [{str(name): value for name, value in row.items() if not pd.isna(value)} for row in rows_told]
        answers = self.answers(told, self.new_state(), Policy(), top_k=1, mode="auto", now=self._trained_until)
        return answer_frame(answers, rows.index)

    @property
    def _trained_until(self) -> datetime:
        newest = int(self.kept.filed_at.max(initial=0))
        return datetime.fromtimestamp(newest / SECOND, UTC)

    @cached_property
    def _class_words(self) -> Any:
        return self.priority.class_words()

    @cached_property
    def _single_keys(self) -> Mapping[str, int]:
        return {key[0]: number for number, key in enumerate(self.priority.space.keys) if len(key) == 1}

    def _filed(self, state: PriorityState, places: tuple[int, ...], at: int) -> Filed:
        single = self._single_keys

        def filed(same: str, days: int) -> int:
            if same not in single:
                return 0
            return int(state.counts((places[single[same]],), at)[0, 0, _WINDOW_OF[days], 0])

        return filed

    def _word_logits(self, subjects: Sequence[str | None], bodies: Sequence[str | None]) -> Float64:
        if self.priority.words is None:
            return np.zeros((len(subjects), len(self.classes) - 1))
        return self.priority.word_logits(text_batch(subjects, bodies, self.segmenter))

    def _reasons(self, ticket: Mapping[str, Any], values: Mapping[str, str], counts: NDArray[np.int64],
                 first: str | None) -> list[Any]:
        if first not in self.classes:
            return []
        level = self.classes.index(first)
        tokens = self.priority.space.tokens.of_ticket(values, counts)
        found: list[Any] = priority_reasons(self.priority, tokens, level)
        if self._class_words is not None:
            found += text_reasons(self._class_words, self.calibrator.scale, level, ticket.get("subject"),
                                  ticket.get("body"), self.segmenter, 5)
        return sorted(found, key=lambda reason: -reason["weight"])[:5]

    def _warnings(self, stale: bool) -> tuple[str, ...]:
        few = ("few_labels",) if self.manifest.get("few_labels") else ()
        return (*few, "stale_history") if stale else few

    def save(self, folder: Path, manifest: Mapping[str, Any]) -> str:
        """Write the artefact with golden outputs; return its manifest's SHA-256."""
        files = {
            **self.priority.files(), "calibration.json": self.calibrator.facts(),
            "golden.json": {"probabilities": self.golden().tolist()},
            "user_words.txt": "".join(f"{word}\n" for word in self.segmenter.user_words),
            "decision.json": {"shares": self.shares.tolist(), "temper": self.temper},
            "history_tickets.npy": self.kept.tickets, "history_filed_at.npy": self.kept.filed_at,
            "history_seen.npy": self.kept.seen,
        }
        words = self.priority.words
        lead = {"characters": words.lead.characters, "weight": words.lead.weight} if words is not None else None
        facts = {"family": "priority", "classes": list(self.classes), "thresholds": self.thresholds, "lead": lead,
                 "segmenter": self.segmenter.describe()}
        return write_artefact(folder, files, {**manifest, **facts})

    def golden(self) -> Float64:
        """Return the probabilities of made-up tickets after a made-up history."""
        state = golden_state(self.priority.space)
        logits = np.zeros((len(GOLDEN_TICKETS), len(self.classes) - 1))
        for row, ticket in enumerate(GOLDEN_TICKETS):
            values = self.priority.space.values(ticket, ticket["created_at"])
            counts = state.counts(state.places(values), moment_of(ticket["created_at"]))
            logits[row] = self.priority.token_logits(values, counts)
        subjects, bodies = ([ticket.get(name) for ticket in GOLDEN_TICKETS] for name in ("subject", "body"))
        return self.calibrated(logits + self._word_logits(subjects, bodies))
