"""``fenzhen purge``: what has outlived its use leaves the store."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from training.options import Workspace


def command(
    keep_days: Annotated[
        int | None, typer.Option("--keep-days", min=1, max=36_500, show_default="keep all predictions",
                                 help="Delete predictions, and the text kept with them, made more than so many days "
                                      "ago.")
    ] = None,
    workspace: Workspace = Path(),
) -> None:
    """Delete expired idempotency answers and sessions and, with --keep-days, old predictions.

    Feedback, events, keys and the ledger stay, and feedback on a deleted prediction is still learnt from. May run
    beside the service and be stopped at any moment; the rest goes next time.
    """
    from fenzhen.store import open_store
    from training.champions.doors import settings_of

    before = None if keep_days is None else datetime.now(UTC) - timedelta(days=keep_days)
    settings = settings_of(workspace)
    with open_store(settings.store_url, lock_timeout_seconds=settings.lock_timeout_seconds) as store:
        gone = store.purge(before)
    typer.echo(f"deleted {gone.predictions:,} predictions, {gone.idempotency:,} idempotency answers and "
               f"{gone.sessions:,} sessions")
