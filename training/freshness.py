"""Until when a workspace's tables hold facts: scores that rest on stale tables must say so."""

from collections.abc import Sequence
from datetime import datetime

import pandas as pd

from fenzhen.tables import SCHEMAS
from fenzhen.workspace import Workspace


def newest_fact(workspace: Workspace, names: Sequence[str], as_of: pd.Timestamp) -> datetime | None:
    """Return the time of the newest row that some tables hold before ``as_of``, None where no row has a time."""
    found = []
    for name, frame in workspace.tables(*names).items():
        time = SCHEMAS[name].time
        if time is not None:
            found.append(frame.loc[frame[time] < as_of, time].max())
    known = [pd.Timestamp(moment) for moment in found if not pd.isna(moment)]
    return max(known).to_pydatetime() if known else None
