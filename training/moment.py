"""What ``--as-of`` means."""

import pandas as pd

from fenzhen.workspace import Workspace


def moment_of(workspace: Workspace, text: str | None) -> pd.Timestamp:
    """Return the moment an option names in the workspace's time zone, now if it is left out; always UTC.

    Now is not rounded: what was told a moment ago in the same second is known already.
    """
    return workspace.moment(text) if text else pd.Timestamp.now(tz="UTC")
