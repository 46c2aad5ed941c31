"""The first key: made by the parent process where there has never been one, so that nothing is ever open to all."""

import os
from pathlib import Path

from fenzhen.errors import SettingsError
from fenzhen.store import Store, open_store
from serving.config import ServingConfig, is_loopback

SCOPES = ("triage", "feedback")
FILE = "first_key"


def prepare_keys(config: ServingConfig) -> str | None:
    """Make the first key if there has never been one; return what to tell about it, None if there are keys.

    Raises ``SettingsError`` if the service is to be reached from outside this machine and there is no usable key.
    """
    with open_store(config.store_url) as store:
        if not is_loopback(config.host) and not store.keys():
            raise SettingsError(
                f"got host {config.host!r}, expected a loopback address such as 127.0.0.1: there is no key yet; "
                "create one with: fenzhen keys create --scopes triage"
            )
        return _first_key(store, config.state_dir)


def _first_key(store: Store, folder: Path) -> str | None:
    made = store.first_key(SCOPES, name="first key")
    if made is None:
        return None
    path = folder / FILE
    write_secret(path, made.text + "\n")
    return f"Created the first key (scopes {', '.join(SCOPES)}), kept in {path}:\n{made.text}"


def write_secret(path: Path, text: str) -> None:
    """Write a file that only this user may read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
