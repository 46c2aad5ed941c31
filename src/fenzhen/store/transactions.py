"""What every part of the store stands on: transactions of the one database."""

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager

from sqlalchemy.engine import Connection

__all__ = ["Transactions"]


class Transactions(ABC):
    """Lends connections; :class:`fenzhen.store.Store` says whose."""

    @abstractmethod
    def reading(self) -> AbstractContextManager[Connection]:
        """Lend a connection for a transaction that only reads."""

    @abstractmethod
    def writing(self) -> AbstractContextManager[Connection]:
        """Lend a connection for a transaction that writes."""
