"""The only door to the service database: SQLite by default, PostgreSQL by address."""

from fenzhen.store.ledger import Action, LedgerEntry
from fenzhen.store.store import Store, open_store

__all__ = ["Action", "LedgerEntry", "Store", "open_store"]
