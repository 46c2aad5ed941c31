"""Modes: who changed what and why is in the ledger, and one number tells that something changed."""

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenzhen.errors import StoreError
from fenzhen.store import LedgerEntry, ModeChange, ModeRow, Modes, Store
from tests.fenzhen.store.made_up import NOON

AUTO = ModeChange("category", "硬件", "auto", "王工", "三周 97% 正确", NOON)
ORDER = ("off", "suggest", "auto")


def test_everything_is_suggested_unless_set(store: Store) -> None:
    assert store.modes().rows == ()
    assert store.modes().mode("category", "硬件") == "suggest"
    assert store.modes().mode("category") == "suggest"


def test_a_change_holds_for_its_value_and_is_in_the_ledger(store: Store) -> None:
    store.set_mode(AUTO)
    modes = store.modes()
    assert (modes.mode("category", "硬件"), modes.mode("category", "软件")) == ("auto", "suggest")
    assert modes.rows == (ModeRow("category", "硬件", "auto", "王工", "三周 97% 正确", NOON),)
    assert store.ledger() == [LedgerEntry(NOON, "王工", "mode", "", None, None, "三周 97% 正确", None, "category",
                                          "硬件", None, "auto")]


def test_the_ledger_tells_what_held_before_and_the_way_back_to_the_default(store: Store) -> None:
    for mode in ("auto", "off", None):
        store.set_mode(dataclasses.replace(AUTO, mode=mode))
    assert [(entry.from_mode, entry.to_mode) for entry in store.ledger()] == [
        (None, "auto"), ("auto", "off"), ("off", None)]
    assert store.modes().rows == ()


def test_a_change_that_changes_nothing_is_not_in_the_ledger(store: Store) -> None:
    store.set_mode(AUTO)
    store.set_mode(AUTO)
    store.set_mode(dataclasses.replace(AUTO, value="软件", mode=None))
    assert len(store.ledger()) == 1


def test_mode_entries_are_of_no_model(store: Store) -> None:
    store.set_mode(AUTO)
    assert store.ledger("category") == []
    assert store.champion_at("category", NOON) is None


def test_each_change_advances_the_revision(store: Store) -> None:
    before = store.revisions().modes
    store.set_mode(AUTO)
    assert store.revisions().modes == before + 1 == store.modes().revision


@pytest.mark.parametrize(("change", "message"), [
    ({"mode": "on"}, "got the mode 'on', expected one of off, suggest, auto"),
    ({"field": "*"}, "got the value '硬件' of all fields"), ({"field": ""}, "empty field or value"),
])
def test_a_change_that_says_nothing_is_refused(store: Store, change: dict[str, Any], message: str) -> None:
    with pytest.raises(StoreError, match=message):
        store.set_mode(dataclasses.replace(AUTO, **change))
    assert store.ledger() == []


PLACES = st.sampled_from([("*", "*"), ("category", "*"), ("category", "硬件"), ("priority", "*")])


@given(st.dictionaries(PLACES, st.sampled_from(ORDER)), PLACES, st.sampled_from(ORDER))
def test_lowering_a_mode_anywhere_never_raises_one_elsewhere(rows: Any, place: Any, mode: Any) -> None:
    def effective(given: Any) -> list[int]:
        modes = Modes.of(1, [ModeRow(*where, what, "", "", NOON) for where, what in given.items()])
        wanted = [("category", None), ("category", "硬件"), ("category", "软件"), ("priority", "高"), ("site", None)]
        return [ORDER.index(modes.mode(*each)) for each in wanted]

    if place in rows and ORDER.index(mode) <= ORDER.index(rows[place]):
        assert all(after <= before for after, before in zip(effective({**rows, place: mode}), effective(rows),
                                                            strict=True))


@given(st.dictionaries(PLACES, st.sampled_from(ORDER)))
def test_switching_everything_off_leaves_nothing_on(rows: Any) -> None:
    modes = Modes.of(1, [ModeRow(*where, what, "", "", NOON) for where, what in {**rows, ("*", "*"): "off"}.items()])
    assert {modes.mode("category", "硬件"), modes.mode("priority"), modes.mode("new field", "x")} == {"off"}
