"""What a database's failures mean for people, and which of them may pass by themselves."""

import re
from dataclasses import dataclass

from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, StatementError

from fenzhen.errors import StoreBusy, StoreError

__all__ = ["failure", "shown"]


@dataclass(frozen=True, slots=True)
class _Meaning:
    """Texts that match ``pattern`` mean ``advice``; ``retry_after`` seconds, None if waiting does not help."""

    pattern: str
    advice: str
    retry_after: float | None = None


_MEANINGS = (
    _Meaning(r"database is locked|database table is locked|lock timeout|is locked",
             "is locked by another process; close what holds it and try again", 1),
    _Meaning(r"append-only", "keeps its ledger append-only: entries are neither changed nor deleted"),
    _Meaning(r"readonly database|read-only", "cannot be written; give this user the right to write the file and its "
                                             "folder"),
    _Meaning(r"file is not a database|malformed",
             "is not a sound SQLite database; put a backup in its place or move it away"),
    _Meaning(r"unable to open database file", "cannot be opened; check that the folder exists and may be written"),
    _Meaning(r"password authentication|no password supplied|role .* does not exist|permission denied",
             "refuses the user or password; correct FENZHEN_STORE_URL"),
    _Meaning(r"No space left|disk is full|disk I/O error|could not extend file|File too large",
             "has no space left on its disk, or the disk fails; free some space", 30),
    _Meaning(r"deadlock detected|could not serialize", "was asked for the same rows from two sides; try again", 1),
    _Meaning(r"QueuePool limit|too many clients|remaining connection slots",
             "has no connection free; try again, or allow more of them", 2),
    _Meaning(r"starting up|shutting down|recovery mode|administrator command|crash of another server process",
             "is being restarted; try again", 2),
    _Meaning(r"connection refused|could not connect|connection failed|timeout expired|wait timeout|failed to resolve|"
             r"closed the connection|connection is (closed|lost|bad)|connection (reset|timed out)|no connection",
             "does not answer; start the database server or correct FENZHEN_STORE_URL", 2),
)


def shown(url: URL) -> str:
    """Return the address without its password."""
    return url.render_as_string(hide_password=True)


def failure(url: URL, error: Exception) -> StoreError:
    """Return the error to raise: what failed and what to do about it."""
    cause = error.orig if isinstance(error, StatementError) and error.orig is not None else error
    text = str(cause).strip()
    for meaning in _MEANINGS:
        if re.search(meaning.pattern, text, re.IGNORECASE):
            message = f"the store {shown(url)} {meaning.advice}"
            return StoreError(message) if meaning.retry_after is None else StoreBusy(message, meaning.retry_after)
    first = text.splitlines()[0] if text else type(error).__name__
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return StoreBusy(f"the store {shown(url)} lost its connection: {first}", 2)
    return StoreError(f"the store {shown(url)} refused: {first}")
