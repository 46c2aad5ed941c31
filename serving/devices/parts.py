"""Parts that will probably be needed: expected failures by part, region and week."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from fenzhen.store import Store
from models.devices.outcomes import ANY
from serving.devices.reading import MODEL
from serving.spreadsheet import guarded

__all__ = ["ExpectedPart", "PartsAnswer", "as_csv", "expected_parts"]

COLUMNS = ("week", "region", "component", "part", "devices", "expected")
DAYS_OF_A_WEEK = 7


@dataclass(frozen=True, slots=True)
class ExpectedPart:
    """Failures of a component to expect in a region and ISO week: the sum of its devices' probabilities. 预计备件。"""

    week: str
    region: str | None
    component: str
    part: str | None
    devices: int
    expected: float


class PartsAnswer(BaseModel):
    """Parts that will probably be needed, most first. 预计备件。"""

    items: list[ExpectedPart]


def expected_parts(store: Store, zone: ZoneInfo) -> list[ExpectedPart]:
    """Return what is expected in the week after the newest scoring, most first; none before anything was scored.

    Of a horizon longer than a week its share of seven days is counted.
    """
    run = store.newest_scores(MODEL)
    if run is None:
        return []
    share, week = min(1.0, DAYS_OF_A_WEEK / run.run.horizon_days), week_of(run.run.as_of, zone)
    found = [ExpectedPart(week, region, component, part, devices, round(total * share, 2))
             for component, region, part, devices, total in store.expected_failures(run.id) if component != ANY]
    return sorted(found, key=lambda each: (-each.expected, each.region or "", each.component))


def week_of(moment: datetime, zone: ZoneInfo) -> str:
    """Return the ISO week of a moment in a zone.

    >>> from datetime import UTC
    >>> week_of(datetime(2026, 1, 1, tzinfo=UTC), ZoneInfo("Asia/Shanghai"))
    '2026-W01'
    """
    year, week, _ = moment.astimezone(zone).isocalendar()
    return f"{year}-W{week:02d}"


def as_csv(parts: Iterable[ExpectedPart]) -> bytes:
    """Return parts as CSV in UTF-8 with a byte order mark, cells that look like formulas guarded."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(_cells(each) for each in parts)
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8", "replace")


def _cells(part: ExpectedPart) -> Sequence[str | float | None]:
    return [guarded(getattr(part, name)) for name in COLUMNS]
