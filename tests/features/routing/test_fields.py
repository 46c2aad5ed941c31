"""The service and training read the same fields of a ticket."""

from datetime import UTC, datetime

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from features.routing.fields import RoutingFields, daypart
from fenzhen.tables import conform


def tickets(**columns):
    frame = pd.DataFrame({"ticket_id": ["1", "2"], "body": ["卡纸", "断网"],
                          "created_at": pd.to_datetime(["2026-03-02", "2026-03-07"], utc=True),
                          "resolved_at": pd.to_datetime(["2026-03-03", "2026-03-08"], utc=True), **columns})
    return conform("tickets", frame)


def test_blanks_around_a_value_say_nothing_as_in_tables_that_are_read():
    sent = {"site": " 沪\u3000", "context": {"filed_by": "a1 ", "entry": "  "}}
    values = RoutingFields(("site", "filed_by", "entry"), "UTC").of_ticket(sent, None)
    assert [values[name] for name in ("site", "filed_by", "entry")] == ["沪", "a1", ""]


def test_rows_and_tickets_of_the_service_have_the_same_values():
    frame = tickets(site=["沪", None], customer_id=["C1", "C2"])
    fields = RoutingFields(("site", "customer_id"), "Asia/Shanghai")
    asked = [{"site": "沪", "customer": {"id": "C1"}}, {"context": {}, "customer": {"id": "C2"}}]
    times = [time.to_pydatetime() for time in frame["created_at"]]
    assert fields.of_rows(frame) == [fields.of_ticket(ticket, at) for ticket, at in zip(asked, times, strict=True)]


@settings(max_examples=20)
@given(st.datetimes(datetime(2000, 1, 1), datetime(2050, 1, 1)))
def test_dayparts_of_columns_are_those_of_moments(moment):
    at = moment.replace(tzinfo=UTC)
    frame = tickets().assign(created_at=pd.to_datetime([at, at]))
    assert RoutingFields((), "UTC").of_frame(frame)["daypart"][0] == daypart(at)
