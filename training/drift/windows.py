"""The two windows that drift compares: what came before a version was trained, and what came since."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from fenzhen.errors import TrainingRefused
from training.drift.comparison import LEAST_ROWS, Compared, Span
from training.family import DriftAsk

__all__ = ["TicketWindows", "compared_cohorts", "ticket_windows", "trained_until"]

Mask = np.ndarray[Any, np.dtype[np.bool_]]
INSTANT = pd.Timedelta(1, unit="us")


def trained_until(scorer: Any) -> pd.Timestamp:
    """Return the last moment that a version was fitted on; ``TrainingRefused`` if it was fitted without times."""
    told = scorer.manifest.get("trained_until")
    if told is None or scorer.manifest.get("timeless"):
        raise TrainingRefused(f"{scorer.model}: the version was fitted on rows without times, expected some: drift "
                              "compares what came before it was trained with what came since")
    return pd.Timestamp(told).tz_convert("UTC")


@dataclass(frozen=True, eq=False)
class TicketWindows:
    """Which tickets stand in either window, and which are ``unseen``: after the fit and before the recent window."""

    spans: tuple[Span, Span]
    reference: Mask
    recent: Mask
    unseen: Mask


def ticket_windows(ask: DriftAsk, created_at: pd.Series) -> TicketWindows:
    """Return the windows over tickets' times of creation.

    The recent one is [since, until). The reference ends where it begins, or with the last ticket of the fit if that is
    earlier, and is as long; it reaches back to the first ticket where that would be fewer than ``LEAST_ROWS``. Raises
    ``TrainingRefused`` for windows with fewer rows or in the wrong order.
    """
    if created_at.isna().all():
        raise TrainingRefused(f"{ask.spec.name}: drift needs created_at, and no ticket has one")
    fitted = trained_until(ask.scorer) + INSTANT
    since, until = _in_order(ask, fitted, created_at.max() + INSTANT)
    end, times = min(since, fitted), created_at
    recent = _between(times, since, until)
    begins = [end - (until - since), times.min()]
    start = next((each for each in begins if _between(times, each, end).sum() >= LEAST_ROWS), begins[-1])
    reference = _between(times, start, end)
    spans = Span(int(reference.sum()), end, start), Span(int(recent.sum()), until, since)
    for name, span in zip(("before the version was trained", "in the recent window"), spans, strict=True):
        _refuse_few(ask, span, f"tickets {name}, from {span.start} to {span.until}")
    return TicketWindows(spans, reference, recent, _between(times, fitted, since))


def compared_cohorts(ask: DriftAsk, last: pd.Timestamp, at: Callable[[pd.Timestamp], pd.DataFrame]) -> Compared:
    """Return what ``at`` gives of the whole cohort as of ``since`` and as of ``until``, without kinds.

    Raises ``TrainingRefused`` for cohorts of fewer than ``LEAST_ROWS`` and for moments in the wrong order.
    """
    moments = _in_order(ask, trained_until(ask.scorer), last)
    before, now = (at(moment) for moment in moments)
    spans = Span(len(before), moments[0]), Span(len(now), moments[1])
    for span in spans:
        _refuse_few(ask, span, f"{ask.spec.table} as of {span.until}")
    return Compared(spans, _columns(before), _columns(now))


def _in_order(ask: DriftAsk, since: pd.Timestamp, until: pd.Timestamp) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return what was asked for, else what is given; refused unless the first lies before the second."""
    first, second = ask.since or since, ask.until or until
    if not first < second:
        told = "the last fact" if ask.until is None else "--until"
        raise TrainingRefused(f"{ask.spec.name}: got a recent window from {first} to {second} ({told}), expected a "
                              "later end; nothing may have come since the version was trained")
    return first, second


def _columns(frame: pd.DataFrame) -> dict[str, pd.Series]:
    return {str(name): frame[name] for name in frame.columns}


def _between(times: pd.Series, start: pd.Timestamp, end: pd.Timestamp) -> Mask:
    found: Mask = ((times >= start) & (times < end)).to_numpy(dtype=bool)
    return found


def _refuse_few(ask: DriftAsk, span: Span, what: str) -> None:
    if span.rows < LEAST_ROWS:
        raise TrainingRefused(f"{ask.spec.name}: got {span.rows} {what}, expected at least {LEAST_ROWS}; see --since "
                              "and --until")
