from datetime import UTC, datetime

import pandas as pd

from features.filed_fields import FiledFields, columns_at_filing, fields_at_filing
from fenzhen.tables import conform, mark

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def tables(**columns):
    size = len(next(iter(columns.values())))
    created = pd.to_datetime([NOON] * size, utc=True)
    frame = pd.DataFrame({"ticket_id": [str(row) for row in range(size)], "created_at": created, **columns})
    customers = conform("customers", pd.DataFrame({
        "customer_id": ["C1", "C2"], "customer_tier": ["VIP", "普通"],
        "since": pd.to_datetime(["2026-01-01", "2027-01-01"], utc=True)}))
    return {"tickets": conform("tickets", frame), "customers": customers}


def test_only_columns_known_at_filing_that_tell_tickets_apart_are_fields():
    found = tables(channel=["电话", "电话"], product=["P1", "P2"], customer_id=["C1", "C2"], category=["a", "b"],
                   priority=["高", "低"], symptom=["x", None], resolved_at=pd.to_datetime(["2026-12-01"] * 2, utc=True))
    mark(found["tickets"], known_at={"symptom": "created_at"})
    assert fields_at_filing(found, ["symptom", "nothing", "priority"], "priority") == (
        "customer_id", "product", "symptom", "customer_tier")


def test_a_label_is_never_a_field_even_where_it_counts_as_filed():
    found = tables(category=["a", "b"])
    mark(found["tickets"], known_at={"category": "created_at"})
    assert fields_at_filing(found, [], "category") == ()
    assert fields_at_filing(found, [], "priority") == ("category",)


def test_what_is_known_at_resolution_is_no_column_at_filing():
    resolved = pd.to_datetime(["2026-12-01", "2026-12-02"], utc=True)
    found = tables(site=["沪", "京"], category=["硬件", "网络"], assignee_id=["a1", "a2"], resolved_at=resolved)
    assert columns_at_filing(found["tickets"], ["assignee_id"], "assignee_id") == ("site",)


def test_frames_and_tickets_as_sent_say_the_same():
    fields = FiledFields(("customer_id", "customer_tier", "site"), "Asia/Shanghai")
    columns = fields.of_tables(tables(customer_id=["C1", "C2", None], site=["s", None, "7"]))
    sent = [{"customer": {"id": "C1", "customer_tier": "VIP"}, "site": "s"}, {"customer_id": "C2"},
            {"context": {"site": 7.0}}]
    for row, ticket in enumerate(sent):
        assert {name: column[row] for name, column in columns.items()} == fields.of_ticket(ticket, NOON)


def test_a_customer_who_was_not_known_yet_has_no_tier():
    fields = FiledFields(("customer_tier",), "UTC")
    assert fields.of_tables(tables(customer_id=["C1", "C2"]))["customer_tier"].tolist() == ["VIP", ""]


def test_no_tickets_have_no_fields():
    none = {name: frame.iloc[:0] if name == "tickets" else frame for name, frame in tables(customer_id=["C1"]).items()}
    columns = FiledFields(("customer_tier", "customer_id"), "UTC").of_tables(none)
    assert {"customer_tier", "customer_id"} <= columns.keys()
    assert all(len(column) == 0 for column in columns.values())


def test_a_field_is_looked_for_in_the_ticket_then_its_customer_then_its_context():
    fields = FiledFields(("customer_id", "region", "customer_tier", "site", "symptom"), "UTC")
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


def test_blanks_around_a_value_say_nothing_as_in_tables_that_are_read():
    values = FiledFields(("site", "entry"), "UTC").named({"site": " 沪\u3000", "context": {"entry": "  "}})
    assert values == {"site": "沪", "entry": ""}
