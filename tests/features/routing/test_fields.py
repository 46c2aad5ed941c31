"""Only what is known at filing is a field."""

from datetime import UTC, datetime

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from features.routing.fields import RoutingFields, daypart, fields_known_at_filing
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


def test_a_field_is_looked_for_in_the_ticket_then_its_customer_then_its_context():
    fields = RoutingFields(("customer_id", "region", "customer_tier", "site", "symptom"), "UTC")
    everywhere = {"region": "华东", "customer_tier": "VIP", "site": "沪", "symptom": 1.0}
    customer = {"id": "C1", "region": "华北", "customer_tier": "银", "site": "京"}
    context = {"region": "西南", "customer_tier": "铜", "site": "渝", "symptom": True, "customer_id": "C9"}
    asked = ["customer_id", "region", "customer_tier", "site", "symptom"]

    def values(ticket):
        found = fields.of_ticket(ticket, datetime(2026, 3, 2, tzinfo=UTC))
        return [found[name] for name in asked]

    assert values({**everywhere, "customer_id": "C7", "customer": customer, "context": context}) == [
        "C7", "华东", "VIP", "沪", "1"]
    assert values({"customer": customer, "context": context}) == ["C1", "华北", "银", "渝", "true"]
    assert values({"customer": None, "context": context}) == ["", "西南", "铜", "渝", "true"]
    assert values({}) == [""] * 5
