"""Looking again and again: no error ends it, and what nobody foresaw is logged."""

import logging
import threading

import pytest

from fenzhen.errors import StoreBusy
from serving.repeated_look import RepeatedLook

SECONDS = 10.0


class Looking(RepeatedLook):
    """Raises what it is given, one look after another, then tells that it is through."""

    def __init__(self, *errors: Exception) -> None:
        super().__init__("news", 0.001, logging.getLogger("news"))
        self.errors = list(errors)
        self.through = threading.Event()

    def look(self) -> None:
        """Raise the next error."""
        if self.errors:
            raise self.errors.pop(0)
        self.through.set()


def test_no_error_ends_it_and_only_unforeseen_ones_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    looking = Looking(StoreBusy("locked"), ZeroDivisionError("by zero"))
    looking.start()
    assert looking.through.wait(SECONDS)
    looking.stop()
    assert [record.getMessage() for record in caplog.records] == ["looking for news failed"]


def test_a_stopped_one_looks_no_more_and_one_that_never_began_may_be_stopped() -> None:
    looking = Looking()
    looking.start()
    looking.stop()
    assert looking.stopped
    assert "news" not in {each.name for each in threading.enumerate()}
    Looking().stop()
