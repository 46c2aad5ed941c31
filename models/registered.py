"""What every scorer tells of its version."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Registered"]


@dataclass(frozen=True, eq=False)
class Registered:
    """A scorer of a registered version, with the manifest that vouches for its files."""

    manifest: Mapping[str, Any]

    @property
    def model(self) -> str:
        """The registered model's name."""
        return str(self.manifest["model"])

    @property
    def field(self) -> str:
        """The key of this model's answer."""
        return str(self.manifest["field"])
