"""What a request may hold."""

from typing import Any

import pytest
from pydantic import ValidationError

from serving.schemas import BODY_LIMIT, ClassifyRequest, Ticket


def refused(ticket: dict[str, Any]) -> str:
    with pytest.raises(ValidationError) as caught:
        Ticket.model_validate({"subject": "", **ticket})
    return str(caught.value.errors()[0]["msg"])


def test_the_design_s_ticket_is_accepted() -> None:
    ticket = Ticket.model_validate(
        {
            "id": "T-1", "subject": "打印机卡纸", "body": "…", "channel": "email", "product": "P20", "device_id": "SN1",
            "created_at": "2026-11-21T09:00:00+08:00", "context": {"floor": 3, "vip": True, "note": None},
            "customer": {"id": "C9", "customer_tier": "VIP", "region": "华东"},
        }
    )
    assert ticket.created_at is not None
    assert ticket.created_at.isoformat() == "2026-11-21T09:00:00+08:00"


def test_a_whole_number_is_taken_as_an_id() -> None:
    assert Ticket.model_validate({"id": 20934, "subject": ""}).id == "20934"


@pytest.mark.parametrize("value", [1.5, True, "", [], "x" * 201, " ", "\u3000\t"])
def test_other_ids_are_refused(value: object) -> None:
    refused({"id": value})


@pytest.mark.parametrize("given", [{"subject": ""}, {"body": ""}, {"subject": None}, {"subject": "", "body": None}])
def test_an_empty_text_is_a_ticket(given: dict[str, Any]) -> None:
    Ticket.model_validate(given)


def test_a_ticket_without_subject_and_body_is_refused() -> None:
    with pytest.raises(ValidationError, match="expected subject or body"):
        Ticket.model_validate({"id": "T-1"})


@pytest.mark.parametrize(
    "value", ["2026-11-21T09:00:00", "2026-11-21", "yesterday", 1763686800, "1763686800", "", "2026-13-01T00:00:00Z"]
)
def test_a_time_without_offset_or_of_another_kind_is_refused(value: object) -> None:
    assert "offset from UTC" in refused({"created_at": value})


@pytest.mark.parametrize("value", ["2026-11-21T01:00:00Z", "2026-11-21T09:00:00.123+08:00"])
def test_a_time_with_offset_is_accepted(value: str) -> None:
    Ticket.model_validate({"subject": "", "created_at": value})


def test_texts_have_limits() -> None:
    Ticket.model_validate({"subject": "题" * 2_000, "body": "长" * BODY_LIMIT})
    refused({"subject": "题" * 2_001})
    refused({"body": "长" * (BODY_LIMIT + 1)})


@pytest.mark.parametrize("context", [{"a": []}, {"a": {}}, {"a": "x" * 201}, {str(i): 1 for i in range(51)}, []])
def test_context_holds_plain_values_only(context: object) -> None:
    refused({"context": context})


@pytest.mark.parametrize("top_k", [0, 21, -1, 1.0, "3", True, None])
def test_top_k_is_a_whole_number_from_1_to_20(top_k: object) -> None:
    with pytest.raises(ValidationError):
        ClassifyRequest.model_validate({"ticket": {"subject": ""}, "options": {"top_k": top_k}})


def test_options_may_be_left_out() -> None:
    options = ClassifyRequest.model_validate({"ticket": {"subject": ""}}).options
    assert (options.fields, options.top_k, options.explain) == (None, 3, False)
