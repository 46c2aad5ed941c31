"""Collects what is wrong, so that all of it is told at once instead of one thing a run."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from fenzhen.errors import WorkspaceError

__all__ = ["Faults"]

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class Faults:
    """The sentences of every ``WorkspaceError`` that was noted, a line each.

    >>> def check(name):
    ...     raise WorkspaceError(f"got {name!r}")
    >>> faults = Faults()
    >>> faults.note(check, "x"), faults.note(check, "y"), faults.note(len, "abc")
    (None, None, 3)
    >>> faults.found
    ["got 'x'", "got 'y'"]
    """

    def __init__(self) -> None:
        self.found: list[str] = []

    def note(
        self, work: Callable[Arguments, Result], *arguments: Arguments.args, **named: Arguments.kwargs,
    ) -> Result | None:
        """Return what ``work`` returns; None, with its sentences noted, if it raises ``WorkspaceError``."""
        try:
            return work(*arguments, **named)
        except WorkspaceError as error:
            self.found += str(error).splitlines()
            return None

    def raise_any(self) -> None:
        """Raise one ``WorkspaceError`` with everything that was noted, if anything was."""
        if self.found:
            raise WorkspaceError("\n".join(self.found))
