"""Policy and champions written into the exports folder."""

from pathlib import Path

from fenzhen.errors import FenzhenError
from fenzhen.workspace import load_workspace
from training.champions.doors import Doors
from training.champions.reconciliation import reconcile_all
from training.policy import policy_of

__all__ = ["export_all"]


def export_all(doors: Doors, workspace: Path, *, thorough: bool) -> tuple[list[str], list[FenzhenError]]:
    """Write policy and champions; return a line a champion, and what failed."""
    failures: list[FenzhenError] = []
    try:
        doors.exports.write_policy(policy_of(load_workspace(workspace)))
    except FenzhenError as error:
        failures.append(error)
    try:
        champions, refused = reconcile_all(doors, thorough=thorough)
    except FenzhenError as error:
        return [], [*failures, error]
    lines = [f"{champion.model}: version {champion.version} in {champion.folder}" for champion in champions]
    return lines, failures + refused
