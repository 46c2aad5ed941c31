"""Has what a model sees changed: each column of a reference window beside a recent one, and what to do about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fenzhen.metrics import psi_by_bin, psi_by_chance, psi_chance_limit
from training.drift.bins import MISSING, OTHER, Bins, bins_of

__all__ = ["COLUMNS", "LEAST_ROWS", "Compared", "Drift", "Kind", "Shift", "Span", "drift_of", "level_of", "some_of"]

Kind = Literal["answer", "label", "input"]
Level = Literal["steady", "moved", "shifted"]
LEAST_ROWS = 30
"""Rows that either window needs, and known labels for these to be compared."""
MOVED, SHIFTED = 0.1, 0.25
FALSE_ALARMS = 0.05
"""How often a whole table of columns that did not change says that one did."""
COLUMNS = ("name", "kind", "psi", "expected_by_chance", "level", "reference", "recent", "note")
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Span:
    """A window of ``rows``: facts in [start, until), or a cohort as of ``until`` where ``start`` is None."""

    rows: int
    until: pd.Timestamp
    start: pd.Timestamp | None = None


@dataclass(frozen=True, eq=False)
class Compared:
    """Columns by name in both windows; ``kinds`` says what is no input.

    Texts are categories, numbers numbers. ``by_itself`` names the columns that differ without any drift, and why: they
    are shown and decide nothing.
    """

    spans: tuple[Span, Span]
    reference: Mapping[str, pd.Series]
    recent: Mapping[str, pd.Series]
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    by_itself: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shift:
    """How far a column moved; ``reference`` and ``recent`` are means of numbers, or shares of the value that
    added most to the index, which the note names."""

    name: str
    kind: Kind
    psi: float
    expected_by_chance: float
    level: Level
    reference: float
    recent: float
    note: str
    is_share: bool
    decides: bool


@dataclass(frozen=True)
class Drift:
    """What was found about a model: ``shifts``, the largest first, and why other columns were not compared."""

    model: str
    spans: tuple[Span, Span]
    shifts: tuple[Shift, ...]
    left_out: Mapping[str, str]

    def frame(self) -> pd.DataFrame:
        """Return ``COLUMNS``, a row a column that was compared, the largest index first."""
        rows = [[getattr(shift, name) for name in COLUMNS] for shift in self.shifts]
        return pd.DataFrame(rows, columns=list(COLUMNS)).round({"psi": 6, "expected_by_chance": 6, "reference": 6,
                                                                "recent": 6})

    def advice(self) -> str:
        """Return one sentence on what to do: retrain once a column that decides has shifted."""
        deciding = [shift for shift in self.shifts if shift.decides]
        shifted, moved = ([shift.name for shift in deciding if shift.level == level] for level in ("shifted", "moved"))
        if shifted:
            return (f"Retrain 建议重新训练: {_counted(shifted, len(deciding))} shifted ({some_of(shifted)}); "
                    f"`fenzhen retrain {self.model}`.")
        if moved:
            return (f"No need to retrain yet 暂不需要重新训练: nothing shifted, {_counted(moved, len(deciding))} moved "
                    f"({some_of(moved)}); look again soon.")
        return f"No need to retrain 不需要重新训练: none of {len(deciding)} columns moved."


def drift_of(model: str, compared: Compared) -> Drift:
    """Return the shift of every column that can be compared, the largest first.

    Labels are compared where they are known; elsewhere a missing value is a value. A column that says one thing
    everywhere, or values too rare to be compared, is left out.
    """
    binned, left_out = {}, {}
    for name in compared.reference:
        bins = bins_of(*_told(compared, name))
        if min(bins.rows) < LEAST_ROWS:
            left_out[name] = f"{' and '.join(map(str, bins.rows))} known, {LEAST_ROWS} needed"
        elif len(bins.names) < 2:
            left_out[name] = "every value is rare" if bins.names == (OTHER,) else "one value"
        else:
            binned[name] = bins
    shifts = [_shift(compared, name, bins, FALSE_ALARMS / len(binned)) for name, bins in binned.items()]
    ordered = sorted(shifts, key=lambda shift: (-shift.psi, shift.name))
    return Drift(model, compared.spans, tuple(ordered), left_out)


def level_of(psi: float, chance_limit: float) -> Level:
    """Return the level of an index: the field's rule of thumb, or chance.

    Below 0.1 "little change", above 0.25 "significant change, action required" (Yurdakul and Naranjo, Statistical
    properties of the population stability index, Journal of Risk Model Validation); they note that the bands know
    nothing of the samples' sizes, so what does not go beyond the ``chance_limit`` is steady too.

    >>> level_of(0.0999, 0.02), level_of(0.1, 0.02), level_of(0.25, 0.02), level_of(0.2501, 0.02), level_of(0.3, 0.31)
    ('steady', 'moved', 'moved', 'shifted', 'steady')
    """
    if psi < MOVED or psi <= chance_limit:
        return "steady"
    return "shifted" if psi > SHIFTED else "moved"


def some_of(names: Sequence[str]) -> str:
    """Return the first names as one text.

    >>> some_of(["a", "b", "c"]), some_of(["a", "b", "c", "d"])
    ('a, b, c', 'a, b, c, …')
    """
    return ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")


def _told(compared: Compared, name: str) -> tuple[pd.Series, pd.Series]:
    """Return a column of both windows; of labels those that are known."""
    first, second = compared.reference[name], compared.recent[name]
    if compared.kinds.get(name) != "label":
        return first, second
    return first[first.notna() & (first != "")], second[second.notna() & (second != "")]


def _shift(compared: Compared, name: str, bins: Bins, exceeded: float) -> Shift:
    first, second = _told(compared, name)
    parts, count = psi_by_bin(*bins.counts), len(bins.names)
    psi, place = float(parts.sum()), int(parts.argmax())
    limit = psi_chance_limit(count, *bins.rows, exceeded)
    shares = bins.counts / bins.counts.sum(axis=1, keepdims=True)
    is_share = not pd.api.types.is_numeric_dtype(first)
    before, now = shares[:, place].tolist() if is_share else (float(first.mean()), float(second.mean()))
    notes = [_values(bins, place) if is_share else _missing(bins.names, shares),
             compared.by_itself.get(name, ""), f"within chance (up to {limit:.2f})" if MOVED <= psi <= limit else ""]
    return Shift(name, compared.kinds.get(name, "input"), psi, psi_by_chance(count, *bins.rows), level_of(psi, limit),
                 before, now, "; ".join(note for note in notes if note), is_share, name not in compared.by_itself)


def _values(bins: Bins, most: int) -> str:
    """Name the value that moved ``most``, and those that are new."""
    pairs = zip(bins.names, bins.counts.T.tolist(), strict=True)
    new = [name for name, (before, _) in pairs if not before and name not in (MISSING, OTHER)]
    new.sort(key=lambda name: name != bins.names[most])
    told = f"new: {some_of(new)}" if new else ""
    return told if bins.names[most] in new else "; ".join(filter(None, (bins.names[most], told)))


def _missing(names: Sequence[str], shares: NDArray[np.float64]) -> str:
    if MISSING not in names:
        return ""
    before, now = shares[:, names.index(MISSING)]
    return f"{MISSING} {before:.1%} → {now:.1%}"


def _counted(names: Sequence[str], total: int) -> str:
    return f"{len(names)} of {total} columns"
