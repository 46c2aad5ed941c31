"""Every model by name: which family answers it, and with which settings of the workspace."""

import importlib
from collections.abc import Mapping
from typing import Any, Final, Protocol

from fenzhen.errors import WorkspaceError

__all__ = ["FAMILIES", "Spec", "family_name", "spec_of"]

FAMILIES: Final[Mapping[str, str]] = {
    "text_label": "models.text.spec:TextLabelSpec",
    "priority": "models.priority.spec:PrioritySpec",
    "routing": "models.routing.spec:RoutingSpec",
    "churn": "models.churn.spec:ChurnSpec",
    "device_failure": "models.devices.spec:DeviceFailureSpec",
}
"""Family -> module and class of its spec."""
_BY_NAME: Final[Mapping[str, str]] = {
    "ticket_priority": "priority", "assignee": "routing", "assignee_group": "routing", "churn": "churn",
    "device_failure": "device_failure",
}
"""Models that do not follow the rule for names: anything else that begins with ``ticket_`` is a text label."""
NAMES = ("ticket_category, ticket_sentiment, ticket_request_type, ticket_<label column>, assignee, assignee_group, "
         "churn or device_failure")


class Spec(Protocol):
    """What training and serving know of any model before they look into its family.

    ``name`` is the registered model, ``field`` the key in answers, ``table`` the table whose rows are answered,
    ``entity`` its id column, ``tables`` all tables that are read, ``label`` the column or the event that is predicted,
    ``without`` what the model lacks where the workspace has no such table, in words.
    """

    @property
    def name(self) -> str: ...
    @property
    def field(self) -> str: ...
    @property
    def family(self) -> str: ...
    @property
    def table(self) -> str: ...
    @property
    def entity(self) -> str: ...
    @property
    def tables(self) -> tuple[str, ...]: ...
    @property
    def label(self) -> str: ...
    @property
    def without(self) -> Mapping[str, str]: ...


def spec_of(name: str, settings: Mapping[str, Any]) -> Any:
    """Return the spec of a registered model; ``WorkspaceError`` for a name of no family or wrong settings.

    ``settings`` is ``[models.NAME]`` of the workspace; its key ``family`` names the family of a model whose name says
    nothing.

    >>> spec_of("ticket_sentiment", {}).label
    'sentiment'
    """
    module, kind = FAMILIES[family_name(name, settings)].split(":")
    own = {key: value for key, value in settings.items() if key != "family"}
    return getattr(importlib.import_module(module), kind).from_settings(name, own)


def family_name(name: str, settings: Mapping[str, Any]) -> str:
    """Return the family of a model; ``WorkspaceError`` where there is none.

    >>> family_name("ticket_mood", {}), family_name("mood", {"family": "text_label"})
    ('text_label', 'text_label')
    """
    asked = settings.get("family", _BY_NAME.get(name))
    if asked is None and name.startswith("ticket_") and name.removeprefix("ticket_").isidentifier():
        return "text_label"
    if asked is None or not name.isidentifier():
        raise WorkspaceError(f"got the model {name!r}, expected {NAMES}")
    if asked not in FAMILIES:
        raise WorkspaceError(f"[models.{name}]: got family = {asked!r}, expected one of {', '.join(FAMILIES)}")
    return str(asked)
