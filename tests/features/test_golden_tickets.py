"""Forty tickets whose spelling, masking and words were checked by hand; the engine's mistakes are noted, not hidden."""

import json
from pathlib import Path
from typing import Any

import pytest

from features.text.mask import mask, mask_text, readable
from features.text.normalise import normalise, normalise_text
from features.text.segment import Segmenter
from tests.features.placeholders import PLACEHOLDERS

GOLDEN = json.loads((Path(__file__).parent / "golden_tickets.json").read_text(encoding="utf-8"))
TICKETS = pytest.mark.parametrize("ticket", [pytest.param(ticket, id=ticket["id"]) for ticket in GOLDEN["tickets"]])
Ticket = dict[str, Any]


@pytest.fixture(scope="module")
def plain() -> Segmenter:
    return Segmenter("rjieba")


@pytest.fixture(scope="module")
def taught() -> Segmenter:
    return Segmenter("rjieba", GOLDEN["user_words"])


def test_there_are_forty_different_tickets() -> None:
    assert len({ticket["id"] for ticket in GOLDEN["tickets"]}) == len(GOLDEN["tickets"]) == 40


@TICKETS
def test_spelling(ticket: Ticket) -> None:
    assert normalise_text(ticket["text"]) == normalise(ticket["text"]).text == ticket["normalised"]


@TICKETS
def test_masking(ticket: Ticket) -> None:
    assert readable(mask_text(ticket["normalised"])) == ticket["masked"]


@TICKETS
def test_what_is_masked_is_found_in_the_original(ticket: Ticket) -> None:
    masked = mask(normalise(ticket["text"]))
    spans = [masked.original_span(index, index + 1) for index, part in enumerate(masked.text) if part in PLACEHOLDERS]
    assert [ticket["text"][start:end] for start, end in spans] == ticket["personal"]


@TICKETS
def test_words(ticket: Ticket, plain: Segmenter, taught: Segmenter) -> None:
    text = mask_text(ticket["normalised"])
    assert [readable(word) for word in taught.cut(text)] == ticket["words"]
    without = ticket.get("words_without_user_words", ticket["words"])
    assert [readable(word) for word in plain.cut(text)] == without


def test_boundaries_are_those_words(taught: Segmenter) -> None:
    texts = [mask_text(ticket["normalised"]) for ticket in GOLDEN["tickets"]]
    lengths, counts = taught.boundaries(texts)
    assert counts.tolist() == [len(ticket["words"]) for ticket in GOLDEN["tickets"]]
    assert lengths.sum() == sum(map(len, texts))
