"""The linear stage of one ticket is that of many, and knows only the terms it learnt."""

import numpy as np
import pytest

from features.routing.candidate_history import HistoryKey
from models.routing.linear import LEAST_LOG_PROBABILITY, LinearHead, Terms, terms_of_rows, terms_of_ticket

KEYS = (HistoryKey(("site",)), HistoryKey(("site", "product")))
TERMS = Terms.of(["site=沪", "site*product=沪\x1fP20", "word=卡纸", "word=断网"])
HEAD = LinearHead(("a1", "a2", "a3"), np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32),
                  np.array([0.5, 0.0, -30.0], dtype=np.float32))


@pytest.mark.parametrize(("site", "words"), [("沪", ("卡纸", "卡纸", "断网")), ("沪", ()), ("京", ("生词",))])
def test_a_ticket_alone_has_the_terms_and_probabilities_that_it_has_among_others(site, words):
    terms = terms_of_ticket({"site": site, "product": "P20"}, KEYS, words)
    columns = {"site": np.array(["京", site], dtype=object), "product": np.array(["P20", "P20"], dtype=object)}
    rows = terms_of_rows(columns, KEYS, [["断网"], words])
    assert terms == rows[1]
    many = HEAD.log_probabilities(TERMS.matrix(rows))
    np.testing.assert_allclose(HEAD.of_ticket(TERMS.rows(terms)), many[1], atol=1e-6)


def test_candidates_have_the_probability_of_their_class_and_unknown_ones_the_least():
    found = HEAD.of_ticket(TERMS.rows(["site=沪"]))
    assert HEAD.at(["a2", "谁", "a1"], found).tolist() == [found[1], LEAST_LOG_PROBABILITY, found[0]]
    assert HEAD.at([], found).shape == (0,)
