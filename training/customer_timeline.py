"""What happened to customers beside their tickets: orders, returns, failures of their devices, for people to read."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import pandas as pd

from fenzhen.known import as_known
from fenzhen.workspace import Workspace

__all__ = ["Details", "customer_timeline", "with_timeline"]

TABLES = ("interactions", "returns", "device_events", "devices")
CUSTOMERS = "customers"
"""Tells the currency of what was bought."""
DAYS = 365
MOST = 12
"""The newest of each customer's happenings are kept."""
FAILURE = "failure"
_ENGLISH = {"order": "order", "return": "return", "visit": "visit", "call": "call", "login": "login"}
_CHINESE = {"order": "订单", "return": "退货", "visit": "上门", "call": "电话", "login": "登录"}

Details = Iterable[Mapping[str, Any]] | Callable[[int, int], Sequence[Mapping[str, Any]]]


def customer_timeline(workspace: Workspace, as_of: pd.Timestamp) -> dict[str, list[dict[str, Any]]]:
    """Return the happenings of each customer in the year before ``as_of``, newest first, at most ``MOST``.

    Only what the workspace has tables for is told; a customer without any is left out.
    """
    named = [name for name in TABLES if name in workspace.table_names]
    if "interactions" in named and CUSTOMERS in workspace.table_names:
        named.append(CUSTOMERS)
    known = as_known(workspace.tables(*named), as_of) if named else {}
    parts = [part for part in (_interactions(known), _returns(known), _failures(known)) if part is not None]
    if not parts:
        return {}
    told = pd.concat(parts, ignore_index=True)
    told = told[(told["at"] >= as_of - pd.Timedelta(days=DAYS)) & told["customer_id"].notna()]
    told = told.sort_values("at", ascending=False, kind="stable").groupby("customer_id", sort=False).head(MOST)
    told = told.assign(at=[moment.isoformat() for moment in told["at"]]).astype(object)
    told = told.where(told.notna(), None)
    found: dict[str, list[dict[str, Any]]] = {}
    for row in told.to_dict("records"):
        found.setdefault(str(row.pop("customer_id")), []).append({str(name): value for name, value in row.items()})
    return found


def with_timeline(details: Details, ids: Sequence[str], timeline: Mapping[str, Sequence[Mapping[str, Any]]]) -> Details:
    """Return details that also hold each customer's ``timeline``, made as late as they are; their own one stays."""
    if callable(details):
        return lambda start, stop: _joined(details(start, stop), ids[start:stop], timeline)
    return _each(iter(details), ids, timeline)


def _each(details: Iterator[Mapping[str, Any]], ids: Sequence[str],
          timeline: Mapping[str, Sequence[Mapping[str, Any]]]) -> Iterator[Mapping[str, Any]]:
    for each, entity in zip(islice(details, len(ids)), ids, strict=True):
        yield from _joined([each], [entity], timeline)


def _joined(details: Sequence[Mapping[str, Any]], ids: Sequence[str],
            timeline: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[Mapping[str, Any]]:
    return [{"timeline": timeline.get(str(entity), []), **each} for each, entity in zip(details, ids, strict=True)]


def _interactions(known: Mapping[str, pd.DataFrame]) -> pd.DataFrame | None:
    if "interactions" not in known:
        return None
    rows = known["interactions"]
    chinese = rows["kind"].map(_CHINESE).fillna(rows["kind"])
    english = rows["kind"].map(_ENGLISH).fillna(rows["kind"])
    money = _amounts(rows["value"], _currencies(known, rows["customer_id"]))
    product, pieces = _words(rows["product"]), _amounts(rows["quantity"])
    return _told(rows["customer_id"], rows["at"], rows["kind"], None,
                 chinese + product + _labelled("数量", pieces) + _labelled("金额", money),
                 english + product + _labelled("quantity", pieces) + _labelled("value", money))


def _returns(known: Mapping[str, pd.DataFrame]) -> pd.DataFrame | None:
    if "returns" not in known:
        return None
    rows = known["returns"]
    about = _words(rows["product"]) + _words(rows["reason"]) + _words(rows["outcome"])
    return _told(rows["customer_id"], rows["at"], "return", rows["return_id"], "退货" + about, "return" + about)


def _failures(known: Mapping[str, pd.DataFrame]) -> pd.DataFrame | None:
    if not {"devices", "device_events"} <= known.keys():
        return None
    rows = known["device_events"]
    rows = rows[rows["kind"] == FAILURE].merge(known["devices"][["device_id", "customer_id"]], on="device_id")
    about = _words(rows["component"]) + _words(rows["message"])
    return _told(rows["customer_id"], rows["at"], FAILURE, rows["device_id"], "设备故障" + about,
                 "device failure" + about)


def _told(customer: pd.Series, at: pd.Series, kind: Any, name: Any, chinese: pd.Series,
          english: pd.Series) -> pd.DataFrame:
    return pd.DataFrame({"customer_id": customer, "at": at, "kind": kind, "id": name, "text_zh": chinese,
                         "text_en": english})


def _words(column: pd.Series) -> pd.Series:
    """Return texts with a space before each, nothing where there is none."""
    return (" " + column.astype("str")).where(column.notna(), "")


def _labelled(label: str, column: pd.Series) -> pd.Series:
    """Return texts with what they are before each, nothing where there is none."""
    return (f" {label}" + column).where(column != "", "")


def _amounts(column: pd.Series, units: pd.Series | None = None) -> pd.Series:
    """Return numbers as texts, a space before each, with their units; nothing where there is none."""
    numbers = pd.Series([f" {value:,.0f}" if value == value else "" for value in column], column.index, dtype="str")
    return numbers if units is None else (numbers + units).where(numbers != "", "")


def _currencies(known: Mapping[str, pd.DataFrame], customers: pd.Series) -> pd.Series:
    """Return each customer's currency, a space before it, nothing where it is not told."""
    if CUSTOMERS not in known:
        return pd.Series("", customers.index, dtype="str")
    told = known[CUSTOMERS].dropna(subset=["customer_id"]).drop_duplicates("customer_id")
    return _words(customers.map(told.set_index("customer_id")["currency"]))
