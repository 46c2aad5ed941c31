"""Snapshots to learn from: the cohort at rolling dates, each with the outcome of its own window after the date.

A date's rows know only what was known before it; a window ends before the moment of training and before the newest
fact, since what comes later has not been recorded yet. Where nothing has a time there is one row a customer.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fenzhen.errors import TrainingRefused
from fenzhen.known import as_known
from models.churn.encoder import CustomerRows
from models.churn.outcomes import TIMES, churn_outcomes, has_time, observed_until
from models.churn.spec import ChurnSpec, customer_index

Float64 = NDArray[np.float64]
Tables = Mapping[str, pd.DataFrame]
LEAST_ROWS = 100
MOST_ROWS = 30_000
LEAST_DATES = 4
"""At least so many dates are learnt from, however many customers there are; beyond them ``MOST_ROWS`` is enough."""
STEPS_A_HORIZON = 15
HALF = 0.5
"""Where the past holds fewer than three horizons, rows are also learnt from by half a horizon: newer dates come in,
with a longer history than the few old ones have. On shorter horizons before the tests' dates it ranked better."""


@dataclass(frozen=True, eq=False)
class Snapshots:
    """Rows with their entity, date and outcome; ``place`` is the position in ``dates`` (ascending) of each row.

    ``share`` is the part of the horizon that the outcome covers: 1, or a half for rows that are only learnt from.
    """

    rows: CustomerRows
    entity: NDArray[np.object_]
    place: NDArray[np.int64]
    dates: tuple[pd.Timestamp, ...]
    outcome: Float64
    share: Float64
    horizon: pd.Timedelta
    timeless: bool = False

    def __len__(self) -> int:
        return self.outcome.size

    @property
    def newest(self) -> NDArray[np.bool_]:
        """Which rows are of the latest date."""
        found: NDArray[np.bool_] = self.place == self.place.max()
        return found

    def take(self, rows: NDArray[Any]) -> "Snapshots":
        """Return the rows at these positions (or where a mask is true)."""
        at = np.flatnonzero(rows) if rows.dtype == bool else rows
        return Snapshots(self.rows.take(at), self.entity[at], self.place[at], self.dates, self.outcome[at],
                         self.share[at], self.horizon, self.timeless)

    @property
    def whole(self) -> NDArray[np.bool_]:
        """Which rows' outcomes cover the whole horizon."""
        found: NDArray[np.bool_] = self.share == 1
        return found

    @property
    def judged_place(self) -> int:
        """The position of the last date whose whole window has ended."""
        return int(self.place[self.whole].max())

    def ended_by(self, moment: pd.Timestamp) -> NDArray[np.bool_]:
        """Which rows' windows had ended by a moment."""
        start = np.array([(moment - date) / self.horizon for date in self.dates])
        found: NDArray[np.bool_] = np.round(start[self.place], 9) >= self.share
        return found

    def weights(self) -> Float64:
        """Return how much a row says about now: half for every horizon that its date lies back."""
        back = np.array([(self.dates[-1] - date) / self.horizon for date in self.dates])
        found: Float64 = 0.5 ** back[self.place]
        return found


def timeless_snapshots(spec: ChurnSpec, tables: Tables, as_of: pd.Timestamp) -> Snapshots:
    """Return one row a customer with the outcome that the table states."""
    customers = customer_index(tables)
    rows = spec.rows(as_known(tables, as_of), as_of, customers)
    outcome = churn_outcomes(tables, customers, as_of, spec.settings)
    return _checked(spec, Snapshots(rows, customers.to_numpy(dtype=object), np.zeros(len(rows), dtype=np.int64),
                                    (as_of,), outcome, np.ones(len(rows)),
                                    pd.Timedelta(days=spec.settings.horizon_days), True))


def snapshots(spec: ChurnSpec, tables: Tables, as_of: pd.Timestamp,
              advance: Callable[[], None] = lambda: None) -> Snapshots:
    """Return what can be learnt at ``as_of``; ``tables`` may reach beyond it, which is not looked at.

    Raises ``TrainingRefused`` where no window has ended yet, for too few rows or only one outcome.
    """
    if not has_time(tables):
        return timeless_snapshots(spec, tables, as_of)
    known, horizon = as_known(tables, as_of), pd.Timedelta(days=spec.settings.horizon_days)
    dates = rolling_dates(spec, known, as_of)
    until = dates[-1] + horizon
    shares = (1.0, HALF) if dates[-1] - dates[0] < 2 * horizon else (1.0,)
    if HALF in shares:
        dates = (*dates, *_later(dates, until - HALF * horizon))
    parts: list[_Part] = []
    for place, date in enumerate(dates):
        rows = spec.cohort(as_known(known, date), date)
        parts += [_Part(place, share, rows.asked(share),
                        churn_outcomes(known, rows.history.index, date, spec.settings, share))
                  for share in shares if date + share * horizon <= until]
        advance()
    return _checked(spec, _joined(parts, dates, horizon))


@dataclass(frozen=True, eq=False)
class _Part:
    """The cohort at one date with the outcomes of one window."""

    place: int
    share: float
    rows: CustomerRows
    outcome: Float64


def _joined(parts: Sequence[_Part], dates: tuple[pd.Timestamp, ...], horizon: pd.Timedelta) -> Snapshots:
    sizes = [len(part.rows) for part in parts]
    return Snapshots(
        CustomerRows.joined([part.rows for part in parts]),
        np.concatenate([part.rows.history.index.to_numpy(dtype=object) for part in parts]),
        np.repeat([part.place for part in parts], sizes), dates, np.concatenate([part.outcome for part in parts]),
        np.repeat([part.share for part in parts], sizes), horizon)


def _later(dates: tuple[pd.Timestamp, ...], last: pd.Timestamp) -> list[pd.Timestamp]:
    """Return further dates up to ``last``, as far apart as the given ones."""
    step = dates[-1] - dates[-2] if len(dates) > 1 else last - dates[-1]
    count = int((last - dates[-1]) / step) if step > pd.Timedelta(0) else 0
    return [dates[-1] + step * place for place in range(1, count + 1)]


def rolling_dates(spec: ChurnSpec, known: Tables, as_of: pd.Timestamp) -> tuple[pd.Timestamp, ...]:
    """Return the dates to learn at, ascending: from the last whose window has ended, backwards at even steps.

    The first is not before customers can have enough history; there are at most as many as the settings allow.
    """
    horizon = pd.Timedelta(days=spec.settings.horizon_days)
    newest = min(as_of, observed_until(known)) - horizon
    oldest = _first_fact(known) + pd.Timedelta(days=spec.settings.history_days)
    if newest < oldest:
        raise TrainingRefused(
            f"{spec.name}: facts from {_first_fact(known).date()} until {observed_until(known).date()}, expected at "
            f"least {spec.settings.history_days + spec.settings.horizon_days:.0f} days: some history and one horizon "
            f"of {spec.settings.horizon_days} days"
        )
    size = len(spec.cohort(as_known(known, newest), newest))
    most = min(spec.settings.snapshots, max(MOST_ROWS // max(size, 1), LEAST_DATES))
    step = max(horizon / STEPS_A_HORIZON, (newest - oldest) / max(most - 1, 1), pd.Timedelta(days=1))
    count = min(int((newest - oldest) / step) + 1, most)
    return tuple(newest - step * back for back in range(count - 1, -1, -1))


def _first_fact(known: Tables) -> pd.Timestamp:
    times = [known[name][column].min() for name, column in {**TIMES, "customers": "since"}.items()]
    facts = [time for name, time in zip(TIMES, times, strict=False) if not pd.isna(time)]
    known_times = facts or [time for time in times if not pd.isna(time)]
    if not known_times:
        raise TrainingRefused("no fact of any customer is known before that moment")
    return pd.Timestamp(min(known_times))


def _checked(spec: ChurnSpec, found: Snapshots) -> Snapshots:
    happened = int(found.outcome.sum())
    if len(found) < LEAST_ROWS or not 10 <= happened <= len(found) - 10:
        raise TrainingRefused(
            f"{spec.name}: got {len(found)} rows of the cohort {spec.settings.cohort!r} with the outcome "
            f"{spec.settings.label!r}, {happened} of which happened; expected at least {LEAST_ROWS} rows and 10 of each"
        )
    return found
