"""A workspace in a line of TOML."""

from collections.abc import Callable
from pathlib import Path

import pytest

from fenzhen.workspace import Workspace, load_workspace

OpenWorkspace = Callable[..., Workspace]


@pytest.fixture
def open_workspace(tmp_path: Path) -> OpenWorkspace:
    """Write workspace.toml and the files given by name (text or bytes), and load the folder."""

    def opened(toml: str, **files: str | bytes) -> Workspace:
        (tmp_path / "workspace.toml").write_text(toml, "utf-8")
        for name, content in files.items():
            path = tmp_path / name.replace("__", ".")
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return load_workspace(tmp_path)

    return opened
