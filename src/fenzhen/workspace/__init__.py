"""Where tables come from: a folder with workspace.toml, read into canonical frames."""

from fenzhen.workspace.config import SourceConfig, TableConfig, WorkspaceConfig
from fenzhen.workspace.folder import Workspace, inspect_workspace, load_workspace
from fenzhen.workspace.problem import Problem

__all__ = ["Problem", "SourceConfig", "TableConfig", "Workspace", "WorkspaceConfig", "inspect_workspace",
           "load_workspace", "validate"]


def validate(workspace: Workspace) -> list[Problem]:
    """Return every problem of every table at once; see :func:`fenzhen.workspace.validation.validate`."""
    from fenzhen.workspace.validation import validate as run

    return run(workspace)
