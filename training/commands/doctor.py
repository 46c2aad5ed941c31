"""``fenzhen doctor``: what is configured, trained and served, on one screen."""

from pathlib import Path

import typer

from training.options import Workspace


def command(workspace: Workspace = Path()) -> None:
    """Show settings, tables, versions and champions of the workspace, and whether the service answers.

    Exits with 1 if something is broken; what is merely not there yet is only said.
    """
    from rich.console import Console
    from rich.table import Table

    from training.checkup import checkup

    findings = checkup(workspace)
    table = Table(title=f"fenzhen doctor: {workspace.resolve()}", show_lines=False)
    for name in ("", "what", "found"):
        table.add_column(name, overflow="fold")
    for finding in findings:
        table.add_row({"ok": "✓", "absent": "–", "broken": "✗"}[finding.state], finding.what, finding.found)
    Console().print(table)
    if any(finding.state == "broken" for finding in findings):
        raise typer.Exit(1)
