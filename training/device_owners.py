"""Which account manager a device belongs to: its customer's."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from fenzhen.known import as_known
from fenzhen.tables import Tables

__all__ = ["device_owners", "with_owners"]


def device_owners(tables: Tables, as_of: pd.Timestamp) -> pd.DataFrame:
    """Return ``customer_id`` and ``owner`` (None where unknown) by device id, as known before a moment.

    Of a device or customer that stands there twice the last row counts.
    """
    known = as_known({name: tables[name] for name in ("devices", "customers")}, as_of)
    devices = known["devices"].drop_duplicates("device_id", keep="last").set_index("device_id")["customer_id"]
    customers = known["customers"].dropna(subset=["customer_id"]).drop_duplicates("customer_id", keep="last")
    owners = devices.map(customers.set_index("customer_id")["owner"])
    found = pd.DataFrame({"customer_id": devices, "owner": owners}).astype(object)
    return found.where(found.notna(), None)


def with_owners(details: Iterable[Mapping[str, Any]], devices: Sequence[str],
                owners: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield details, a row of ``devices`` each, with the ``owner`` among their attributes.

    >>> list(with_owners([{"attributes": {"site": "上海"}}], ["D1"], pd.DataFrame({"owner": ["王芳"]}, index=["D1"])))
    [{'attributes': {'site': '上海', 'owner': '王芳'}}]
    """
    named = dict(zip(owners.index.tolist(), owners["owner"].tolist(), strict=True))
    for each, device in zip(details, devices, strict=True):
        yield {**each, "attributes": {**each["attributes"], "owner": named.get(device)}}
