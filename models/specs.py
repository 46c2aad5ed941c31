"""Every model by name: which family answers it, and with which settings of the workspace."""

from collections.abc import Mapping
from typing import Any

from fenzhen.errors import WorkspaceError
from models.text_label import TextLabelSettings, TextLabelSpec

__all__ = ["FAMILIES", "Spec", "spec_of"]

Spec = TextLabelSpec
"""What training works with; every family offers the same attributes and methods."""

FAMILIES = "ticket_category, ticket_sentiment, ticket_request_type or ticket_<label column>"


def spec_of(name: str, settings: Mapping[str, Any]) -> Spec:
    """Return the spec of a registered model; ``WorkspaceError`` for a name of no family or wrong settings.

    >>> spec_of("ticket_sentiment", {}).label
    'sentiment'
    """
    if not name.startswith("ticket_") or not name.removeprefix("ticket_").isidentifier():
        raise WorkspaceError(f"got the model {name!r}, expected {FAMILIES}")
    return TextLabelSpec(name, TextLabelSettings.from_dict(name, settings))
