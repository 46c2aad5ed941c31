"""One line of ``fenzhen doctor``."""

from dataclasses import dataclass
from typing import Literal

__all__ = ["Finding", "State"]

State = Literal["ok", "absent", "stale", "broken"]
"""``absent``: not there yet. ``stale``: there, but old or not what it should be by now."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the screen."""

    state: State
    what: str
    found: str
