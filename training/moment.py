"""What ``--as-of`` means."""

import pandas as pd

from fenzhen.errors import TrainingRefused
from fenzhen.known import FUTURE
from fenzhen.workspace import Workspace

__all__ = ["moment_of", "refuse_moment_to_come"]


def moment_of(workspace: Workspace, text: str | None) -> pd.Timestamp:
    """Return the moment an option names in the workspace's time zone, now if it is left out; always UTC.

    Now is not rounded: what was told a moment ago in the same second is known already.
    """
    return workspace.moment(text) if text else pd.Timestamp.now(tz="UTC")


def refuse_moment_to_come(as_of: pd.Timestamp, why: str) -> None:
    """Raise ``TrainingRefused`` for a moment more than ``FUTURE`` ahead; ``why`` says what would come of it.

    >>> refuse_moment_to_come(pd.Timestamp("2199-01-01", tz="UTC"), "its scores would stay the newest until then")
    Traceback (most recent call last):
        ...
    fenzhen.errors.TrainingRefused: got as_of 2199-01-01T00:00:00+00:00, expected no moment to come: nothing is ...
    """
    if as_of > pd.Timestamp.now(tz="UTC") + FUTURE:
        raise TrainingRefused(f"got as_of {as_of.isoformat()}, expected no moment to come: nothing is known of it, and "
                              f"{why}")
