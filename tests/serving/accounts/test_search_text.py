"""A part of a name or id is found in the rows that hold it, however often, and never across two rows."""

import pyarrow as pa
import pytest

from serving.accounts import search_text as module
from serving.accounts.search_text import search_text

NAMES = ["华东机械", "东方", None, "Acme GmbH", "华", "东"]
IDS = ["C1", "C2", "C3", "c4", "", "C6"]


@pytest.mark.parametrize("most", [0, 1, 5000])
@pytest.mark.parametrize(("part", "rows"), [
    ("东", [0, 1, 5]), ("华东", [0]), ("ACME", [3]), ("C", [0, 1, 2, 3, 5]), ("c4", [3]), ("mC", []), ("械c", []),
    ("\n", []), ("", []), ("没有", []), ("械\nc1", []),
])
def test_a_part_is_found_where_it_is(part: str, rows: list[int], most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_FOUND", most)
    found = search_text(pa.array(NAMES), pa.array(IDS))
    assert found.matching(part).nonzero()[0].tolist() == rows
