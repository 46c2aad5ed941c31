"""Keys and tables of workspace.toml: what is unknown or of the wrong type is named with what was expected."""

import difflib
from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from fenzhen.errors import WorkspaceError

__all__ = ["check_keys", "nearest", "table_at", "text_table"]


def table_at(entry: Mapping[str, Any], key: str, where: str) -> Mapping[str, Any]:
    """Return the table under a key, empty where there is none; ``where`` is the place of ``entry``, with its dot."""
    value = entry.get(key, {})
    if not isinstance(value, dict):
        raise WorkspaceError(f"got {where}{key} = {value!r}, expected a table")
    return MappingProxyType(value)


def check_keys(given: Iterable[str], known: Collection[str], where: str, what: str = "key") -> None:
    """Raise ``WorkspaceError`` with a line for each key that is unknown, and the known one nearest to it."""
    place = f"{where}: " if where else ""
    wrong = [f"{place}got the unknown {what} {key!r}, did you mean {nearest(key, known)!r}? Known: {', '.join(known)}"
             for key in given if key not in known]
    if wrong:
        raise WorkspaceError("\n".join(wrong))


def nearest(key: str, known: Iterable[str]) -> str:
    """Return the known word that is most like another."""
    return difflib.get_close_matches(key, list(known), n=1, cutoff=0.0)[0]


def text_table(entry: Mapping[str, Any], key: str, where: str) -> Mapping[str, str]:
    """Return the table under a key, all of whose values are texts."""
    table = table_at(entry, key, f"{where}.")
    wrong = [f"got {where}.{key}.{name} = {value!r}, expected a text" for name, value in table.items()
             if not isinstance(value, str) or not value]
    if wrong:
        raise WorkspaceError("\n".join(wrong))
    return table
