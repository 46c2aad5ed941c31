"""Only what is known at filing is a field."""

from datetime import UTC, datetime

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from features.routing_fields import RoutingFields, daypart, fields_known_at_filing
from fenzhen.tables import conform, mark


def tickets(**columns):
    frame = pd.DataFrame({"ticket_id": ["1", "2"], "body": ["卡纸", "断网"],
                          "created_at": pd.to_datetime(["2026-03-02", "2026-03-07"], utc=True),
                          "resolved_at": pd.to_datetime(["2026-03-03", "2026-03-08"], utc=True), **columns})
    return conform("tickets", frame)


def test_what_is_known_at_resolution_is_no_field():
    frame = tickets(site=["沪", "京"], category=["硬件", "网络"], assignee_id=["a1", "a2"])
    assert fields_known_at_filing(frame, ["assignee_id"], "assignee_id") == ("site",)


def test_filed_columns_of_an_event_log_are_fields_even_where_the_contract_dates_them_later():
    frame = mark(tickets(category=["硬件", "网络"]), known_at={"category": "created_at"})
    assert fields_known_at_filing(frame, [], "assignee_id") == ("category",)


def test_the_label_is_never_a_field_whatever_its_column_says():
    frame = mark(tickets(group=["甲", "乙"]), known_at={"group": "created_at"})
    assert fields_known_at_filing(frame, ["group"], "group") == ()


def test_a_column_that_says_one_thing_only_is_no_field():
    assert fields_known_at_filing(tickets(site=["沪", "沪"]), [], "group") == ()


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
