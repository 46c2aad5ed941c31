"""The part of the store about alerts of devices."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fenzhen.store import alert_reading, alert_writing
from fenzhen.store.device_alerts import AlertDay, AlertFilter, DeviceAlert, DeviceTicket
from fenzhen.store.transactions import Transactions

__all__ = ["AlertStore"]


class AlertStore(Transactions):
    """What :class:`fenzhen.store.Store` says of alerts."""

    def write_alert_day(self, day: AlertDay) -> bool:
        """Write a day's changes together; False, with nothing changed, if that day was written before."""
        with self.writing() as connection:
            return alert_writing.write_day(connection, day)

    def close_alert(self, alert_id: str, outcome: str, at: datetime, *, note: str | None = None,
                    actor: str | None = None) -> bool:
        """Close an alert; False if it is closed already or there is none. ``StoreError`` for an unknown outcome."""
        with self.writing() as connection:
            return alert_writing.close(connection, alert_id, outcome, at, note=note, actor=actor)

    def alert(self, alert_id: str) -> DeviceAlert | None:
        """Return an alert by its id."""
        with self.reading() as connection:
            return alert_reading.alert(connection, alert_id)

    def alerts(self, wanted: AlertFilter, limit: int = 100) -> list[DeviceAlert]:
        """Return at most ``limit`` alerts, the newest first."""
        with self.reading() as connection:
            return alert_reading.alerts(connection, wanted, limit)

    def lasting_alerts(self, model: str, since: datetime) -> list[DeviceAlert]:
        """Return a model's open alerts and those that ended at or after a moment, oldest first."""
        with self.reading() as connection:
            return alert_reading.newest_by_place(connection, model, since)

    def closed_alerts(self, model: str, before: datetime) -> list[DeviceAlert]:
        """Return the alerts that people closed strictly before a moment, oldest first."""
        with self.reading() as connection:
            return alert_reading.closed_before(connection, model, before)

    def held_back(self, model: str) -> tuple[datetime, list[Mapping[str, Any]]] | None:
        """Return the newest day on which a model's alerts were made, and what was held back on it."""
        with self.reading() as connection:
            return alert_reading.held_back(connection, model)

    def expected_failures(self, run_id: int) -> list[tuple[str, str | None, str | None, int, float]]:
        """Return component, region, part, devices and the sum of their probabilities in a run of scores.

        The part is the one that the scores name for the component, as the workspace's table has it.
        """
        with self.reading() as connection:
            return alert_reading.expected_failures(connection, run_id)

    def device_ticket(self, ticket_id: str) -> DeviceTicket | None:
        """Return the ticket that an alert yielded."""
        with self.reading() as connection:
            return alert_reading.ticket(connection, ticket_id)
