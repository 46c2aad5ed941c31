"""Alembic migrations of the store, run by :mod:`fenzhen.store.schema`."""
