"""What the models of a workspace lack because it has no such table: for ``fenzhen validate`` and ``fenzhen doctor``."""

from dataclasses import dataclass

from fenzhen.errors import FenzhenError
from fenzhen.tables import SCHEMAS
from fenzhen.workspace import Workspace
from models.specs import Spec, spec_of

__all__ = ["Lack", "missing_tables"]


@dataclass(frozen=True, slots=True)
class Lack:
    """A table that workspace.toml does not name, and what these models lack without it."""

    table: str
    models: tuple[str, ...]
    what: str

    def __str__(self) -> str:
        """Return the finding in words.

        >>> print(Lack("customers", ("churn",), "tiers are unknown"))
        churn: tiers are unknown
        """
        return f"{', '.join(self.models)}: {self.what}"


def missing_tables(workspace: Workspace) -> list[Lack]:
    """Return what models lack, by table; models that lack the same stand together.

    A table that follows from another is there: events from an event log, but not customers from their orders, of whom
    nothing but the id is known. Models with wrong settings are left out: they are told of elsewhere.
    """
    specs, there = _specs(workspace), _tables(workspace)
    found: dict[tuple[str, str], list[str]] = {}
    for table in SCHEMAS:
        for spec in specs:
            if table not in there and table in spec.without:
                found.setdefault((table, spec.without[table]), []).append(spec.name)
    return [Lack(table, tuple(models), what) for (table, what), models in found.items()]


def _specs(workspace: Workspace) -> list[Spec]:
    specs = []
    for name in workspace.model_names():
        try:
            specs.append(spec_of(name, workspace.model_settings(name)))
        except FenzhenError:
            continue
    return specs


def _tables(workspace: Workspace) -> set[str]:
    logged = any(table.event_log is not None for table in workspace.config.tables.values())
    return {*workspace.table_names, *(("ticket_events",) if logged else ())}
