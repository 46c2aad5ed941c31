"""What all settings tables of workspace.toml refuse."""

from collections.abc import Iterable, Mapping
from typing import Any

from fenzhen.errors import WorkspaceError

__all__ = ["numbers_as_floats", "refuse_unknown"]


def refuse_unknown(place: str, content: Mapping[str, Any], known: Iterable[str]) -> None:
    """Raise ``WorkspaceError`` for keys that the table at ``place`` does not have.

    >>> refuse_unknown("[models.churn]", {"horizon": 30}, ("horizon_days", "capacity"))
    Traceback (most recent call last):
        ...
    fenzhen.errors.WorkspaceError: [models.churn]: got horizon, expected only horizon_days, capacity
    """
    names = tuple(known)
    if unknown := sorted(set(content) - set(names)):
        raise WorkspaceError(f"{place}: got {', '.join(unknown)}, expected only {', '.join(names)}")


def numbers_as_floats(content: Mapping[str, Any], kinds: Mapping[str, type]) -> dict[str, Any]:
    """Return the values with whole numbers as floats where a float is expected: TOML tells 1 from 1.0.

    >>> numbers_as_floats({"strength": 1, "rows": 5, "odd": True}, {"strength": float, "rows": int, "odd": float})
    {'strength': 1.0, 'rows': 5, 'odd': True}
    """
    return {key: float(value) if kinds[key] is float and type(value) is int else value
            for key, value in content.items()}
