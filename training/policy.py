"""What the service must know of a workspace beside its models: taxonomy, rules and time zone."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from fenzhen.workspace import Workspace

FORMAT = 1


def policy_of(workspace: "Workspace") -> dict[str, Any]:
    """Return the workspace's policy as plain JSON values.

    ``taxonomy`` is a list of rows (a missing cell is None), ``rules`` the rows of ``rules.toml``.
    A workspace without either has empty lists. Raises ``TableError`` for a taxonomy that cannot be read.
    """
    has_taxonomy = "taxonomy" in workspace.table_names
    return {
        "format": FORMAT,
        "time_zone": workspace.time_zone,
        "taxonomy": rows_of(workspace.table("taxonomy")) if has_taxonomy else [],
        "rules": [dict(rule) for rule in workspace.rules()],
    }


def rows_of(frame: "pd.DataFrame") -> list[dict[str, Any]]:
    """Return a frame's rows with plain Python values.

    >>> import pandas as pd
    >>> rows_of(pd.DataFrame({"value": ["耗材", None], "active": pd.array([True, None], dtype="boolean")}))
    [{'value': '耗材', 'active': True}, {'value': None, 'active': None}]
    """
    return [{str(name): _plain(cell) for name, cell in row.items()} for row in frame.to_dict("records")]


def _plain(cell: Any) -> Any:
    import pandas as pd

    if isinstance(cell, Mapping | list | tuple):
        return cell
    if pd.isna(cell):
        return None
    if isinstance(cell, pd.Timestamp):
        return cell.isoformat()
    return cell.item() if hasattr(cell, "item") else cell
