"""One JSON object a line, and never a ticket's text: an error is logged by its kind and where it was raised."""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

LOGGERS = ("", "bentoml", "circus", "serving", "uvicorn.error")


class JsonFormatter(logging.Formatter):
    """Formats a record as ``{"at", "level", "logger", "message"}`` and the mapping given as ``extra={"facts": …}``."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line.update(getattr(record, "facts", {}))
        if record.exc_info and record.exc_info[1] is not None:
            line.update(without_text(record.exc_info[1]))
        return json.dumps(line, ensure_ascii=False, default=str)


def without_text(error: BaseException) -> dict[str, Any]:
    """Return an error's kind and the places it passed, without its message, which may quote a ticket.

    >>> without_text(ValueError("打印机卡纸"))
    {'error': 'ValueError', 'at_lines': []}
    """
    return {"error": type(error).__name__, "at_lines": _places(error.__traceback__)}


def configure_logs() -> None:
    """Write the service's, BentoML's and uvicorn's logs as JSON lines to the standard output."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter())
    for name in LOGGERS:
        logger = logging.getLogger(name)
        logger.handlers = [handler] if name == "" else []
        logger.propagate = True
    logging.getLogger("serving").setLevel(logging.INFO)


def _places(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-10:]]
