"""What the service reads from its environment, once, when a process starts.

==========================  ===================================================================  =========
variable                    meaning                                                              default
==========================  ===================================================================  =========
``FENZHEN_WORKSPACE``       folder that holds ``workspace.toml``                                 ``.``
``FENZHEN_EXPORTS_DIR``     folder of champions (see :mod:`fenzhen.settings`)                    the workspace's
``FENZHEN_STORE_URL``       the service database (see :mod:`fenzhen.settings`)                   the workspace's
``FENZHEN_STORE_KEEP_TEXT`` whether the store keeps tickets' texts (see there)                   false
``FENZHEN_CUSTOMER_LINK``   a customer in the CRM, such as https://crm.example/{id} (see there)    none
``FENZHEN_TICKET_LINK``     a ticket in the helpdesk, the same (see there)                       none
``FENZHEN_HOST``            address to listen on; other than loopback only if keys exist         127.0.0.1
``FENZHEN_PORT``            TCP port, 1 to 65535                                                 3000
``FENZHEN_WORKERS``         worker processes, 1 to 256                                           1
``FENZHEN_TIMEOUT``         seconds after which a request is given up, 1 to 300                  10
``FENZHEN_METRICS``         ``/metrics``: ``open`` to all, with a ``key`` only, or ``off``       key
``FENZHEN_DOCS``            ``/docs``, ``/docs.json``, ``/schema.json``: the same                open
``FENZHEN_IN_FLIGHT``       requests that a worker has in hand at most, 1 to 10,000              256
``FENZHEN_RATE``            requests a second that a worker takes from a key, 1 to 1,000,000     2000
==========================  ===================================================================  =========
"""

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args

from fenzhen.errors import SettingsError

Opening = Literal["open", "key", "off"]


@dataclass(frozen=True, slots=True)
class ServingConfig:
    """Settings of one serving process; see the module's table."""

    workspace: Path
    state_dir: Path
    exports_dir: Path
    store_url: str
    keep_text: bool = False
    customer_link: str | None = None
    ticket_link: str | None = None
    time_zone: str = "Asia/Shanghai"
    host: str = "127.0.0.1"
    port: int = 3000
    workers: int = 1
    timeout_seconds: int = 10
    metrics: Opening = "key"
    docs: Opening = "open"
    in_flight: int = 256
    rate: int = 2000


def read_config(environ: Mapping[str, str] = os.environ) -> ServingConfig:
    """Return the settings of this process. Raises ``SettingsError`` naming the variable that is wrong."""
    from fenzhen.settings import read_settings

    workspace = Path(environ.get("FENZHEN_WORKSPACE") or ".").resolve()
    settings = read_settings(workspace, environ)
    return ServingConfig(
        workspace=workspace,
        state_dir=settings.state_dir.absolute(),
        exports_dir=settings.exports_dir.absolute(),
        store_url=settings.store_url,
        keep_text=settings.keep_text,
        customer_link=settings.customer_link,
        ticket_link=settings.ticket_link,
        time_zone=settings.time_zone,
        host=ip_address(environ.get("FENZHEN_HOST") or "127.0.0.1"),
        port=_whole(environ, "FENZHEN_PORT", 3000, 1, 65535),
        workers=_whole(environ, "FENZHEN_WORKERS", 1, 1, 256),
        timeout_seconds=_whole(environ, "FENZHEN_TIMEOUT", 10, 1, 300),
        metrics=_opening(environ, "FENZHEN_METRICS", "key"),
        docs=_opening(environ, "FENZHEN_DOCS", "open"),
        in_flight=_whole(environ, "FENZHEN_IN_FLIGHT", 256, 1, 10_000),
        rate=_whole(environ, "FENZHEN_RATE", 2000, 1, 1_000_000),
    )


def ip_address(host: str) -> str:
    """Return ``host`` as an IP address.

    >>> ip_address("localhost"), ip_address("0.0.0.0"), ip_address("::1")
    ('127.0.0.1', '0.0.0.0', '::1')
    """
    try:
        return str(ipaddress.ip_address("127.0.0.1" if host == "localhost" else host))
    except ValueError:
        raise SettingsError(f"got host {host!r}, expected an IP address such as 127.0.0.1") from None


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach an address."""
    return ipaddress.ip_address(host).is_loopback


def _whole(environ: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = (environ.get(name) or str(default)).strip()
    if not (text.isascii() and text.isdigit() and low <= int(text[:9]) <= high):
        raise SettingsError(f"got {name}={text!r}, expected a whole number from {low} to {high}")
    return int(text)


def _opening(environ: Mapping[str, str], name: str, default: Opening) -> Opening:
    text = (environ.get(name) or default).strip().lower()
    text = "open" if text == "on" else text
    if text not in get_args(Opening):
        raise SettingsError(f"got {name}={text!r}, expected open, key or off")
    return cast(Opening, text)
