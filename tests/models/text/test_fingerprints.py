"""Which texts a model has seen."""

import numpy as np

from models.text.fingerprints import fingerprints, seen_by


def test_spelling_that_reads_the_same_is_the_same_text() -> None:
    found = fingerprints(["打印機 卡紙", "打印机卡纸", "<b>打印机</b>\n卡纸", "ＡＢ", "ab", ""])
    assert found.dtype == np.uint64
    assert len(set(found[:3].tolist())) == len(set(found[3:5].tolist())) == 1
    assert len(set(found.tolist())) == 3


def test_seen_texts_are_found() -> None:
    known = np.unique(fingerprints(["卡纸", "断网"]))
    assert seen_by(known, ["断 网", "漏水", "\ud800"]).tolist() == [True, False, False]
    assert seen_by(known[:0], ["断网"]).tolist() == [False]
    assert seen_by(known, []).tolist() == []
