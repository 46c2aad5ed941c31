"""Which rows fit a model, which calibrate it and which judge it: by time, by entity, by group of near-identical text.

The regimes, in the order they are tried (a *unit* is the longer of horizon and label delay):

``time``             the span holds three units or more, or labels are known at once: train < validation < newest test,
                     with one unit left out between them, so that no label of an older part lies in a newer one
``time_and_entity``  the span holds two units: the newest window is the test, the older one is split by entity
``entity``           less: by entity only, whole entities on one side, classes spread evenly
``text_group``       no times at all: by group of near-identical text, likewise
``out_of_fold``      never found here: so few rows that all are judged, each by a fit that has not seen it
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from fenzhen.errors import TrainingRefused
from training.folds import Ints, class_codes, strata, unit_codes

Regime = Literal["time", "time_and_entity", "entity", "text_group", "out_of_fold"]
NO_TIME: Final = pd.Timedelta(0)
NOTHING: Ints = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Split:
    """Positions of rows, ascending and disjoint, none of the three empty.

    ``left_out``: rows in a gap, or without a time where time decides. ``boundaries``: the first moment of the
    validation and of the test window (``validation`` is missing where entities decide it); a row at a boundary is in
    the newer part. ``gap``: how long before a boundary the older part ends.
    """

    train: Ints
    validation: Ints
    test: Ints
    regime: Regime
    gap: pd.Timedelta = NO_TIME
    boundaries: dict[str, pd.Timestamp] = field(default_factory=dict)
    left_out: Ints = field(default_factory=lambda: NOTHING)

    @property
    def sizes(self) -> dict[str, int]:
        """Rows of each part, for logs."""
        return {"train": self.train.size, "validation": self.validation.size, "test": self.test.size,
                "left_out": self.left_out.size}


def split(times: ArrayLike | pd.Series | None, entities: ArrayLike | None, groups: ArrayLike | None, *,
          horizon: pd.Timedelta = NO_TIME, label_delay: pd.Timedelta = NO_TIME, seed: int = 0,
          fractions: tuple[float, float, float] = (0.7, 0.15, 0.15), labels: ArrayLike | None = None) -> Split:
    """Return the :class:`Split` of the first regime that gives three non-empty parts; see the module.

    ``times`` is a time per row (NaT: unknown, the row is left out where time decides; None: no times at all),
    ``entities`` and ``groups`` a label per row that must not be torn apart; without entities the groups stand for
    them, without both every row is its own. ``fractions`` are the shares of train, validation and test. ``labels``
    only spread the classes evenly where entities or groups decide.

    Raises ``TrainingRefused`` for fewer than three rows or entities, or one class.

    >>> days = pd.to_datetime(["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04", "2026-01-05"])
    >>> parts = split(days, None, None, fractions=(0.6, 0.2, 0.2))
    >>> parts.regime, parts.train.tolist(), parts.validation.tolist(), parts.test.tolist()
    ('time', [0, 1, 2], [3], [4])
    >>> parts = split(days, None, None, label_delay=pd.Timedelta(days=1), fractions=(0.6, 0.2, 0.2))
    >>> parts.train.tolist(), parts.validation.tolist(), parts.test.tolist(), parts.left_out.tolist()
    ([0], [2], [4], [1, 3])

    Equal times say nothing about order, so the groups decide:

    >>> split(days[[0, 0, 0, 0]], None, ["a", "a", "b", "c"]).regime
    'text_group'
    """
    rows = _rows(times, entities, groups, labels)
    classes = class_codes(labels, rows)
    units = unit_codes(entities if entities is not None else groups, rows)
    by_entity: Regime = "entity" if entities is not None else "text_group"
    moments = None if times is None else moments_of(times)
    if moments is not None:
        found = _by_time(moments, units, classes, max(horizon, label_delay), fractions, seed)
        if found is not None:
            return found
    parts = _parts_by_unit(units, classes, fractions, seed)
    return Split(np.flatnonzero(parts == 0), np.flatnonzero(parts == 1), np.flatnonzero(parts == 2), by_entity)


def moments_of(times: ArrayLike | pd.Series) -> NDArray[Any]:
    """Return times as datetime64[us] in UTC; times without a zone are taken as UTC."""
    return np.asarray(pd.to_datetime(pd.Series(times), utc=True).dt.tz_localize(None), dtype="datetime64[us]")


def median_label_delay(created_at: pd.Series, resolved_at: pd.Series,
                       cap: pd.Timedelta = pd.Timedelta(days=14)) -> pd.Timedelta:  # noqa: B008
    """Return the median time from creation to resolution, from 0 to ``cap``; 0 where no ticket has both.

    >>> created = pd.Series(pd.to_datetime(["2026-01-01", "2026-01-01", "2026-01-01"]))
    >>> median_label_delay(created, created + pd.to_timedelta([1, 2, 90], unit="D"))
    Timedelta('2 days 00:00:00')
    """
    delay = (resolved_at - created_at).median()
    return NO_TIME if pd.isna(delay) else min(max(pd.Timedelta(delay), NO_TIME), cap)


def _by_time(moments: NDArray[Any], units: Ints, classes: Ints, unit: pd.Timedelta,
             fractions: tuple[float, float, float], seed: int) -> Split | None:
    known = np.sort(moments[~np.isnat(moments)])
    if known.size < 3 or known[0] == known[-1]:
        return None
    span, gap = pd.Timedelta(known[-1] - known[0]), unit.to_timedelta64()
    if unit == NO_TIME or span >= 3 * unit:
        found = _three_windows(moments, known, gap, fractions, 1 - 2 * unit / span)
    elif span >= 2 * unit:
        found = _two_windows(moments, known, gap, units, classes, fractions, seed, 1 - unit / span)
    else:
        found = None
    usable = found is not None and min(found.train.size, found.validation.size, found.test.size) > 0
    return found if found is not None and usable and _learnable(classes, found.train) else None


def _learnable(classes: Ints, train: Ints) -> bool:
    return np.unique(classes[train]).size >= min(np.unique(classes).size, 2)


def _three_windows(moments: NDArray[Any], known: NDArray[Any], gap: np.timedelta64,
                   fractions: tuple[float, float, float], usable: float) -> Split | None:
    """The shares are of the rows that the two gaps leave (``usable``)."""
    test_from = _start_of_newest(known, fractions[2] * usable)
    older = known[known < test_from - gap]
    if not older.size:
        return None
    validation_from = _start_of_newest(older, fractions[1] * usable * known.size / older.size)
    train = moments < validation_from - gap
    validation = (moments >= validation_from) & (moments < test_from - gap)
    return _windows(train, validation, moments >= test_from, "time", gap,
                    {"validation": pd.Timestamp(validation_from), "test": pd.Timestamp(test_from)})


def _two_windows(moments: NDArray[Any], known: NDArray[Any], gap: np.timedelta64, units: Ints, classes: Ints,
                 fractions: tuple[float, float, float], seed: int, usable: float) -> Split | None:
    test_from = _start_of_newest(known, fractions[2] * usable)
    older = np.flatnonzero(moments < test_from - gap)
    if np.unique(units[older]).size < 2:
        return None
    share = fractions[0] / (fractions[0] + fractions[1])
    parts = np.full(moments.size, -1)
    parts[older] = _parts_by_unit(units[older], classes[older], (share, 1 - share), seed)
    return _windows(parts == 0, parts == 1, moments >= test_from, "time_and_entity", gap,
                    {"test": pd.Timestamp(test_from)})


def _windows(train: NDArray[np.bool_], validation: NDArray[np.bool_], test: NDArray[np.bool_], regime: Regime,
             gap: np.timedelta64, boundaries: dict[str, pd.Timestamp]) -> Split:
    left_out = np.flatnonzero(~(train | validation | test))
    aware = {name: moment.tz_localize("UTC") for name, moment in boundaries.items()}
    return Split(np.flatnonzero(train), np.flatnonzero(validation), np.flatnonzero(test), regime, pd.Timedelta(gap),
                 aware, left_out)


def _start_of_newest(ranked: NDArray[Any], share: float) -> Any:
    """The moment from which on about ``share`` of the rows lie, at least the newest."""
    newest = min(max(round(ranked.size * share), 1), ranked.size)
    return ranked[ranked.size - newest]


def _parts_by_unit(units: Ints, classes: Ints, fractions: Sequence[float], seed: int) -> Ints:
    """Return the part of each row: whole units, each class's units dealt by their share of the class's rows."""
    units = np.unique(units, return_inverse=True)[1]
    stratum, size = strata(units, classes)
    if stratum.size < len(fractions):
        raise TrainingRefused(f"got {units.size} row(s) in {stratum.size} group(s) of entity or near-identical text, "
                              f"expected at least {len(fractions)} groups")
    random = np.random.default_rng(seed)
    part = np.empty(stratum.size, dtype=np.int64)
    for label in np.unique(stratum):
        members = random.permutation(np.flatnonzero(stratum == label))
        middle = (np.cumsum(size[members]) - size[members] / 2) / size[members].sum()
        part[members] = np.searchsorted(np.cumsum(fractions)[:-1] / sum(fractions), middle, side="right")
        _fill_empty(part, members, len(fractions))
    _fill_empty(part, np.argsort(size, kind="stable"), len(fractions))
    return part[units]


def _fill_empty(part: Ints, members: Ints, parts: int) -> None:
    """Give each part one of the members if there are enough; the first part, which learns, comes first."""
    for wanted in [0, *range(parts - 1, 0, -1)]:
        held = np.bincount(part[members], minlength=parts)
        if not held[wanted] and held.max() > 1:
            part[members[np.flatnonzero(part[members] == held.argmax())[0]]] = wanted
    if members.size == 1:
        part[members] = 0


def _rows(times: ArrayLike | pd.Series | None, *columns: ArrayLike | None) -> int:
    lengths = {len(np.asarray(column)) for column in (times, *columns) if column is not None}
    if len(lengths) != 1:
        raise ValueError(f"got columns of lengths {sorted(lengths)}, expected one length")
    rows = lengths.pop()
    if rows < 3:
        raise TrainingRefused(f"got {rows} labelled row(s), expected at least 3: to learn, to calibrate and to judge")
    return rows
