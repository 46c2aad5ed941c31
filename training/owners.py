"""Account managers as the workspace's customers name them, and those whose names are near another."""

from collections.abc import Collection
from difflib import get_close_matches

from fenzhen.errors import FenzhenError
from fenzhen.workspace import Workspace

__all__ = ["near_names", "owner_warning", "owners_of"]

MOST = 5
LEAST_ALIKE = 0.5


def owners_of(workspace: Workspace) -> frozenset[str]:
    """Return the owners of the customers' table; none if there is no such table or it cannot be read."""
    if "customers" not in workspace.table_names:
        return frozenset()
    try:
        return frozenset(str(each) for each in workspace.table("customers")["owner"].dropna().unique())
    except FenzhenError:
        return frozenset()


def near_names(owner: str, known: Collection[str]) -> list[str]:
    """Return the names that hold an owner's name or are spelt like it, at most five.

    >>> near_names("林越", ["AM01 林越", "AM02 邓可"]), near_names("Wang Fan", ["Wang Fang"])
    (['AM01 林越'], ['Wang Fang'])
    """
    wanted = owner.strip().casefold()
    holding = [each for each in sorted(known) if wanted and (wanted in each.casefold() or each.casefold() in wanted)]
    alike = get_close_matches(owner, sorted(known), MOST, LEAST_ALIKE)
    return list(dict.fromkeys([*holding, *alike]))[:MOST]


def owner_warning(workspace: Workspace, owner: str) -> str | None:
    """Return what to say of an owner that no customer has: the key would show nobody. None if some customer has it."""
    known = owners_of(workspace)
    if owner in known:
        return None
    if not known:
        return (f"no customer of the workspace has the owner {owner!r}: the table customers names no owner; "
                "the key shows no account until it does")
    near = near_names(owner, known)
    said = f"near it: {', '.join(near)}" if near else f"owners are {', '.join(sorted(known)[:MOST])}"
    more = f" and {len(known) - MOST} others" if not near and len(known) > MOST else ""
    return (f"no customer of the workspace has the owner {owner!r}, which must be spelt as in the table customers; "
            f"{said}{more}")
