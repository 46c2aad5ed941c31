"""One finding of ``fenzhen validate``."""

from dataclasses import dataclass
from typing import Literal

__all__ = ["Problem", "Severity"]

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a column (or, with an empty ``column``, with a table).

    ``rows`` counts the rows affected (0: not a matter of rows); ``examples`` holds up to three values with personal
    data masked. An error blocks training, a warning does not.
    """

    table: str
    column: str
    problem: str
    rows: int = 0
    examples: tuple[str, ...] = ()
    severity: Severity = "error"
