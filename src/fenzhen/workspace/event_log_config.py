"""What workspace.toml says about an event log: a table each row of which is an update of one ticket."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from fenzhen.errors import WorkspaceError
from fenzhen.tables import SCHEMAS

__all__ = ["EVENT_LOG_KEYS", "TAKES", "EventLogConfig", "LabelRule", "event_log_extras", "parse_event_log"]

EVENT_LOG_KEYS = ("kind", "order", "at", "filed", "labels", "events")
TAKES = ("last_known", "last", "first_known")
MAPPED_EVENTS = ("assigned", "responded", "waiting_customer", "resolved", "reopened", "closed")
ALWAYS_FILED = ("ticket_id", "created_at")
_NO_LABELS = frozenset({*ALWAYS_FILED, "subject", "body", "first_response_at", "resolved_at"})


@dataclass(frozen=True, slots=True)
class LabelRule:
    """Where a label's final value stands: in ``column``, in the rows that ``where`` keeps.

    ``take`` picks the last value that is not missing (``last_known``), the last one even if it is missing
    (``last``), or the first that is not missing (``first_known``).
    """

    column: str
    where: str | None = None
    take: str = "last_known"


@dataclass(frozen=True)
class EventLogConfig:
    """How updates become tickets and their events.

    ``order`` and ``at`` are source columns: what a ticket's rows are sorted by, and when a row was written.
    ``filed`` are the columns whose value in a ticket's first row was there when it was filed. ``events`` are pandas
    queries over source columns, by kind of event.
    """

    order: str
    at: str
    filed: tuple[str, ...]
    labels: Mapping[str, LabelRule] = field(default_factory=lambda: MappingProxyType({}))
    events: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def event_log_extras(tables: Iterable[Any]) -> dict[str, str]:
    """Return the columns beyond the contract that the event logs among some tables bring along.

    >>> event_log_extras([{"kind": "event_log", "filed": ["symptom", "product"], "labels": {"closed_code": {}}}])
    {'closed_code': 'resolved_at', 'symptom': 'created_at'}
    """
    extras: dict[str, str] = {}
    for entry in (entry for table in tables for entry in (table if isinstance(table, list) else [table])):
        if isinstance(entry, Mapping) and entry.get("kind") == "event_log":
            labels, filed = entry.get("labels"), entry.get("filed")
            extras |= dict.fromkeys(labels if isinstance(labels, Mapping) else (), "resolved_at")
            names = [name for name in filed if isinstance(name, str)] if isinstance(filed, list) else []
            extras |= dict.fromkeys(names, "created_at")
    return {name: at for name, at in extras.items() if name not in SCHEMAS["tickets"].names}


def parse_event_log(entries: Sequence[Mapping[str, Any]], schema: str, where: str) -> EventLogConfig | None:
    """Return what a table's source says about its event log, None for a table with one row an entity.

    >>> parse_event_log([{"kind": "log"}], "tickets", "tables.tickets")
    Traceback (most recent call last):
    ...
    fenzhen.errors.WorkspaceError: got tables.tickets.kind = 'log', expected "event_log", or no kind at all
    """
    entry = entries[0]
    if len(entries) > 1 and any("kind" in each for each in entries):
        raise WorkspaceError(f"{where}: got several sources, expected one for an event log, whose tickets span rows")
    if "kind" not in entry:
        stray = [key for key in EVENT_LOG_KEYS if key in entry]
        if stray:
            raise WorkspaceError(f"{where}: got {', '.join(stray)}, expected kind = \"event_log\" beside")
        return None
    if entry["kind"] != "event_log":
        raise WorkspaceError(f"got {where}.kind = {entry['kind']!r}, expected \"event_log\", or no kind at all")
    if schema != "tickets":
        raise WorkspaceError(f"{where}: got an event log, expected one only for tickets or a table like them")
    order = _text(entry, "order", where)
    log = EventLogConfig(order, _text(entry, "at", where) if "at" in entry else order, _filed(entry, where),
                         _labels(entry, where), _events(entry, where))
    _check(log, entry, where)
    return log


def _text(entry: Mapping[str, Any], key: str, where: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value:
        raise WorkspaceError(f"got {where}.{key} = {value!r}, expected the name of a source column")
    return value


def _filed(entry: Mapping[str, Any], where: str) -> tuple[str, ...]:
    filed = entry.get("filed", [])
    if not isinstance(filed, list) or not all(isinstance(name, str) and name for name in filed):
        raise WorkspaceError(f"got {where}.filed = {filed!r}, expected a list of columns such as [\"product\"]")
    return tuple(dict.fromkeys((*ALWAYS_FILED, *filed)))


def _labels(entry: Mapping[str, Any], where: str) -> Mapping[str, LabelRule]:
    return MappingProxyType({name: _label(rule, f"{where}.labels.{name}")
                             for name, rule in _table(entry, "labels", where).items()})


def _label(rule: Any, where: str) -> LabelRule:
    if not isinstance(rule, Mapping) or "column" not in rule or not set(rule) <= {"column", "where", "take"}:
        raise WorkspaceError(f"got {where} = {rule!r}, expected "
                             "{ column = \"…\", where = \"…\", take = \"last_known\" }")
    if not all(isinstance(value, str) and value for value in rule.values()):
        raise WorkspaceError(f"got {where} = {dict(rule)!r}, expected texts")
    if rule.get("take", TAKES[0]) not in TAKES:
        raise WorkspaceError(f"got {where}.take = {rule['take']!r}, expected one of {', '.join(TAKES)}")
    return LabelRule(**rule)


def _events(entry: Mapping[str, Any], where: str) -> Mapping[str, str]:
    events = _table(entry, "events", where)
    for name, query in events.items():
        if name not in MAPPED_EVENTS:
            raise WorkspaceError(f"{where}.events: got {name!r}, expected some of {', '.join(MAPPED_EVENTS)}")
        if not isinstance(query, str) or not query:
            raise WorkspaceError(f"got {where}.events.{name} = {query!r}, expected a query over source columns")
    if not {"resolved", "closed"} & set(events):
        raise WorkspaceError(f"{where}.events: expected resolved or closed, for labels are known once a ticket is done")
    return MappingProxyType(dict(events))


def _check(log: EventLogConfig, entry: Mapping[str, Any], where: str) -> None:
    """Refuse columns of which it is unclear when they became known."""
    both = [name for name in log.labels if name in log.filed]
    if both:
        raise WorkspaceError(f"{where}: got {', '.join(both)} in filed and in labels, expected each in one of them")
    if wrong := [name for name in log.labels if name in _NO_LABELS]:
        raise WorkspaceError(f"{where}.labels: got {', '.join(wrong)}, which follow from the first row and from events")
    for part in ("columns", "constants", "derive"):
        for name in _table(entry, part, where):
            if name not in log.filed:
                raise WorkspaceError(f"{where}.{part}: got {name!r}, expected it in filed too (known when the ticket "
                                     "was filed), or a rule in labels instead (known afterwards)")


def _table(entry: Mapping[str, Any], key: str, where: str) -> Mapping[str, Any]:
    value = entry.get(key, {})
    if not isinstance(value, Mapping):
        raise WorkspaceError(f"got {where}.{key} = {value!r}, expected a table")
    return value
