"""The part of the store about who may come in: keys and the sessions of pages."""

from collections.abc import Iterable
from datetime import UTC, datetime

from fenzhen.store import keys, sessions
from fenzhen.store.keys import KeyRecord, NewKey
from fenzhen.store.transactions import Transactions

__all__ = ["KeyStore"]


class KeyStore(Transactions):
    """What :class:`fenzhen.store.Store` says of keys and sessions."""

    def create_key(self, scopes: Iterable[str], *, owner: str | None = None, name: str = "",
                   expires_at: datetime | None = None) -> NewKey:
        """Make a key; its text is known only now. Raises ``StoreError`` for scopes that are none."""
        with self.writing() as connection:
            return keys.create(connection, scopes, owner, name, datetime.now(UTC), expires_at)

    def first_key(self, scopes: Iterable[str], name: str = "") -> NewKey | None:
        """Make a key if there has never been one, else None; of several processes at once, one makes it."""
        if self.keys():
            return None
        with self.writing() as connection:
            return keys.create_first(connection, scopes, name, datetime.now(UTC))

    def key(self, sha256: str) -> KeyRecord | None:
        """Return the key with this hash, be it expired or revoked."""
        with self.reading() as connection:
            return keys.by_sha256(connection, sha256)

    def keys(self) -> list[KeyRecord]:
        """Return all keys, oldest first."""
        with self.reading() as connection:
            return keys.all_keys(connection)

    def revoke_key(self, key_id: str) -> bool:
        """Take a key away; False if there is none or it was taken away before."""
        with self.writing() as connection:
            return keys.revoke(connection, key_id, datetime.now(UTC))

    def open_session(self, key_id: str) -> str:
        """Return the opaque id of a new session for a key."""
        with self.writing() as connection:
            return sessions.open_session(connection, key_id, datetime.now(UTC))

    def session(self, opaque: str) -> KeyRecord | None:
        """Return the key of a session; None if the session is unknown or over, or its key no longer usable."""
        with self.reading() as connection:
            return sessions.session(connection, opaque, datetime.now(UTC))

    def end_session(self, opaque: str) -> None:
        """End a session."""
        with self.writing() as connection:
            sessions.end_session(connection, opaque)
