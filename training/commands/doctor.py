"""``fenzhen doctor``: what is configured, trained and served, on one screen."""

from pathlib import Path
from typing import Annotated

import typer

from training.options import Workspace


def command(
    url: Annotated[str | None, typer.Option("--url", help="Address of the service, such as https://fenzhen.example; "
                                                          "wins over --port.", show_default=False)] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, envvar="FENZHEN_PORT", help="TCP port of the service on this "
                                                                                    "machine, a number.")] = 3000,
    workspace: Workspace = Path(),
) -> None:
    """Show settings, tables, versions and champions, the store, last scorings and alerts, and what the service serves.

    Exits with 1 if something is broken; what is not there yet, or old (!), is only said. The service is asked with the
    key in FENZHEN_KEY, on this machine else with the workspace's first key.
    """
    from rich.console import Console
    from rich.table import Table

    from training.doctor.checkup import checkup

    signs = {"ok": "✓", "absent": "–", "stale": "!", "broken": "✗"}
    findings = checkup(workspace, url or f"http://127.0.0.1:{port}")
    table = Table(title=f"fenzhen doctor: {workspace.resolve()}", show_lines=False)
    for name in ("", "what", "found"):
        table.add_column(name, overflow="fold")
    for finding in findings:
        table.add_row(signs[finding.state], finding.what, finding.found)
    Console().print(table)
    if any(finding.state == "broken" for finding in findings):
        raise typer.Exit(1)
