"""What the service reads from its environment, once, when a process starts.

========================  =====================================================================  =========
variable                  meaning                                                                default
========================  =====================================================================  =========
``FENZHEN_WORKSPACE``     folder that holds ``workspace.toml``                                   ``.``
``FENZHEN_EXPORTS_DIR``   folder of champions (see :mod:`fenzhen.settings`)                      the workspace's
``FENZHEN_HOST``          address to listen on; loopback only until keys exist                   127.0.0.1
``FENZHEN_PORT``          TCP port, 1 to 65535                                                   3000
``FENZHEN_WORKERS``       worker processes, 1 to 256                                             1
``FENZHEN_TIMEOUT``       seconds after which a request is given up, 1 to 300                    10
``FENZHEN_METRICS``       ``on`` or ``off``: ``/metrics`` for Prometheus                         on
``FENZHEN_DOCS``          ``on`` or ``off``: ``/docs.json`` and the page ``/``                   on
========================  =====================================================================  =========
"""

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fenzhen.errors import SettingsError

BODY_LIMIT_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ServingConfig:
    """Settings of one serving process; see the module's table."""

    workspace: Path
    state_dir: Path
    exports_dir: Path
    host: str = "127.0.0.1"
    port: int = 3000
    workers: int = 1
    timeout_seconds: int = 10
    metrics: bool = True
    docs: bool = True


def read_config(environ: Mapping[str, str] = os.environ) -> ServingConfig:
    """Return the settings of this process. Raises ``SettingsError`` naming the variable that is wrong."""
    from fenzhen.settings import read_settings

    workspace = Path(environ.get("FENZHEN_WORKSPACE") or ".").resolve()
    settings = read_settings(workspace, environ)
    return ServingConfig(
        workspace=workspace,
        state_dir=settings.state_dir.absolute(),
        exports_dir=settings.exports_dir.absolute(),
        host=loopback_address(environ.get("FENZHEN_HOST") or "127.0.0.1"),
        port=_whole(environ, "FENZHEN_PORT", 3000, 1, 65535),
        workers=_whole(environ, "FENZHEN_WORKERS", 1, 1, 256),
        timeout_seconds=_whole(environ, "FENZHEN_TIMEOUT", 10, 1, 300),
        metrics=_switch(environ, "FENZHEN_METRICS"),
        docs=_switch(environ, "FENZHEN_DOCS"),
    )


def loopback_address(host: str) -> str:
    """Return ``host`` as an IP address of this machine alone; ``SettingsError`` if others could reach it.

    >>> loopback_address("localhost"), loopback_address("127.0.0.1"), loopback_address("::1")
    ('127.0.0.1', '127.0.0.1', '::1')
    >>> loopback_address("0.0.0.0")
    Traceback (most recent call last):
        ...
    fenzhen.errors.SettingsError: got host '0.0.0.0', expected a loopback address such as 127.0.0.1: ...
    """
    try:
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        raise SettingsError(f"got host {host!r}, expected an IP address such as 127.0.0.1") from None
    if not address.is_loopback:
        raise SettingsError(
            f"got host {host!r}, expected a loopback address such as 127.0.0.1: the service has no keys yet, "
            "so nobody outside this machine may reach it"
        )
    return str(address)


def _whole(environ: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = (environ.get(name) or str(default)).strip()
    if not (text.isascii() and text.isdigit() and low <= int(text[:9]) <= high):
        raise SettingsError(f"got {name}={text!r}, expected a whole number from {low} to {high}")
    return int(text)


def _switch(environ: Mapping[str, str], name: str) -> bool:
    text = (environ.get(name) or "on").strip().lower()
    if text not in ("on", "off"):
        raise SettingsError(f"got {name}={text!r}, expected on or off")
    return text == "on"
