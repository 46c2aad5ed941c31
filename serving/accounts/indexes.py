"""The runs that a worker has in memory: the newest of each model, and older ones that somebody still pages through."""

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import datetime

from fenzhen.errors import StoreError
from fenzhen.store import Store, StoredRun
from serving.accounts.index import RiskIndex
from serving.logs import without_text
from serving.store_link import StoreLink

__all__ = ["RiskIndexes"]

DEFAULT_SORT = "-probability"
MOST_OTHERS = 2
"""Runs in memory beside the newest ones."""

logger = logging.getLogger("serving.accounts")


class RiskIndexes:
    """Loads runs as they are asked for. A new run is loaded beside the requests, which see the one before until then.

    All calls ask the store: not for the event loop.
    """

    def __init__(self, link: StoreLink) -> None:
        self._link = link
        self._kept: dict[int, RiskIndex] = {}
        self._newest: dict[str, int] = {}
        self._loading = threading.Lock()
        self._busy: set[int] = set()
        self._said: dict[str, tuple[int, Mapping[str, tuple[str, datetime | None]]]] = {}

    def newest(self, store: Store, model: str) -> RiskIndex | None:
        """Return the newest complete run of a model; None if there has never been one.

        While a newer one is loaded the one before is shown, as long as its rows are there.
        """
        while (run := store.newest_scores(model)) is not None:
            shown = self._kept.get(self._newest.get(model, -1))
            if shown is not None and shown.run.id != run.id:
                if store.scores_run(shown.run.id) is not None:
                    self._load_beside(run)
                    return shown
                shown = self._kept.get(run.id)
            shown = shown or self._loaded(store, run)
            if shown is not None:
                self._newest[model] = run.id
                return shown
        return None

    def at(self, store: Store, model: str, run_id: int) -> RiskIndex | None:
        """Return a model's run by its id, as a cursor names it; None if it is gone."""
        run = store.scores_run(run_id)
        if run is None or run.run.model != model:
            return None
        return self._loaded(store, run)

    def let_go(self, index: RiskIndex) -> None:
        """Show a run no longer: its rows are being deleted."""
        with self._loading:
            self._kept.pop(index.run.id, None)

    def last_outcomes(self, store: Store, model: str) -> Mapping[str, tuple[str, datetime | None]]:
        """Return the last outcome of every entity and the end of its snooze; read again when somebody said more."""
        newest = store.newest_outcome(model)
        known = self._said.get(model)
        if known is None or known[0] != newest:
            known = self._said[model] = newest, store.all_last_outcomes(model)
        return known[1]

    def warm(self, model: str) -> None:
        """Load a model's newest run beside everything else, if there is one."""
        def load() -> None:
            with self._link.lend("scores") as store:
                self.newest(store, model)

        self._beside(load)

    def _loaded(self, store: Store, run: StoredRun) -> RiskIndex | None:
        """Return a run, loaded once however many ask for it; None if its rows went meanwhile."""
        with self._loading:
            if run.id not in self._kept:
                index = RiskIndex(run, store.score_columns(run.id))
                if len(index) != run.row_count:
                    return None
                index.order(DEFAULT_SORT)
                self._kept[run.id] = index
                self._forget()
                logger.info("scores read", extra={"facts": {"model": run.run.model, "run": run.id, "rows": len(index)}})
            return self._kept[run.id]

    def _forget(self) -> None:
        """Let the runs go that were loaded longest ago; the newest of each model stay."""
        others = [run_id for run_id in self._kept if run_id not in self._newest.values()]
        for run_id in others[:max(0, len(others) - MOST_OTHERS)]:
            del self._kept[run_id]

    def _load_beside(self, run: StoredRun) -> None:
        """Load the new run of a model once, then show it."""
        if run.id in self._busy:
            return
        self._busy.add(run.id)

        def load() -> None:
            try:
                with self._link.lend("scores") as store:
                    if self._loaded(store, run) is None:
                        return
                self._newest[run.run.model] = run.id
            finally:
                self._busy.discard(run.id)

        self._beside(load)

    def _beside(self, load: Callable[[], None]) -> None:
        def guarded() -> None:
            try:
                load()
            except StoreError:
                pass  # told and counted by the link
            except Exception as error:
                logger.error("reading scores failed", extra={"facts": without_text(error)})

        threading.Thread(target=guarded, name="scores", daemon=True).start()
