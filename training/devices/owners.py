"""Which account manager a device belongs to: its customer's."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from fenzhen.known import as_known
from fenzhen.tables import Tables

__all__ = ["device_owners", "with_owners"]


def device_owners(tables: Tables, as_of: pd.Timestamp) -> dict[str, str | None]:
    """Return the account manager of each device (None: nobody is known), as known before a moment.

    Of a device or customer that stands there twice the last row counts.
    """
    known = as_known({name: tables[name] for name in ("devices", "customers")}, as_of)
    customers = known["customers"].dropna(subset=["customer_id"]).drop_duplicates("customer_id", keep="last")
    owners = known["devices"]["customer_id"].map(customers.set_index("customer_id")["owner"]).astype(object)
    return dict(zip(known["devices"]["device_id"].tolist(), owners.where(owners.notna(), None).tolist(), strict=True))


def with_owners(details: Iterable[Mapping[str, Any]], devices: Sequence[str],
                owners: Mapping[str, str | None]) -> Iterator[dict[str, Any]]:
    """Yield details, a row of ``devices`` each, with the ``owner`` among their attributes.

    >>> list(with_owners([{"attributes": {"site": "上海"}}], ["D1"], {"D1": "王芳"}))
    [{'attributes': {'site': '上海', 'owner': '王芳'}}]
    """
    for each, device in zip(details, devices, strict=True):
        yield {**each, "attributes": {**each["attributes"], "owner": owners.get(device)}}
