"""Which tickets are learnt from, under which names."""

import numpy as np
import pandas as pd

from models.policy import Policy
from models.text.labels import LabelColumns, labelled

COLUMNS = LabelColumns("category", "category", "subcategory")
TAXONOMY = Policy.from_dict({"taxonomy": [
    {"field": "category", "value": "停用", "active": False},
    {"field": "category", "value": "新名", "renamed_from": "旧名"},
    {"field": "subcategory", "value": "卡纸", "parent": "硬件"},
    {"field": "subcategory", "value": "新细", "renamed_from": "旧细"},
    {"field": "subcategory", "value": "停细", "active": False},
]})


def tickets_of(*rows: tuple[str | None, str | None, str | None]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["body", "category", "subcategory"]).astype("str")
    return frame.assign(subject=pd.Series([None] * len(rows), dtype="str"))


def test_rows_without_label_or_text_or_of_an_inactive_label_are_left_out_and_counted() -> None:
    tickets = tickets_of(
        ("卡纸", "硬件", None), ("卡纸", None, None), ("卡纸", " ", None), ("卡纸", "停用", None), (" ", "硬件", None),
        (None, "硬件", None), (None, "停用", None), ("卡纸", "旧名", None),
    )
    found = labelled(tickets, COLUMNS, TAXONOMY)
    assert found.positions.tolist() == [0, 7]
    assert found.labels.tolist() == ["硬件", "新名"]
    assert found.left_out == {"no_label": 2, "inactive_label": 2, "no_text": 2}


def test_labels_below_take_todays_name_and_are_blank_where_they_do_not_belong() -> None:
    names = ["卡纸", "旧细", "停细", None, "", "没听过"]
    found = labelled(tickets_of(*(("x", "硬件", name) for name in names)), COLUMNS, TAXONOMY)
    assert found.second.tolist() == ["卡纸", "新细", None, None, None, "没听过"]
    assert labelled(tickets_of(("x", "软件", "卡纸")), COLUMNS, TAXONOMY).second.tolist() == [None]


def test_without_a_second_level_there_is_none() -> None:
    tickets = tickets_of(("x", "硬件", "卡纸"))
    for columns in (LabelColumns("category", "category"), LabelColumns("category", "category", "不存在")):
        assert labelled(tickets, columns, Policy()).second.tolist() == [None]


def test_a_subject_alone_is_text() -> None:
    tickets = pd.DataFrame({"subject": ["卡纸", None], "category": ["硬件", "硬件"]}, dtype="str")
    assert labelled(tickets, LabelColumns("category", "category"), Policy()).positions.tolist() == [0]


def test_no_tickets_give_no_rows() -> None:
    found = labelled(tickets_of(), COLUMNS, Policy())
    assert (len(found.positions), len(found.labels), len(found.second), found.left_out) == (0, 0, 0, {})
    assert found.positions.dtype == np.int64
