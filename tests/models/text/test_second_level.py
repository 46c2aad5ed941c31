"""What stands below a label."""

import numpy as np
import pytest

from features.text.ticket_text import text_batch
from models.artefact import write_artefact
from models.text.scorer import TextLabelScorer
from models.text.second_level import SecondLevel
from tests.models.made_up import SEGMENTER, simulated


@pytest.fixture
def second(scorer: TextLabelScorer) -> SecondLevel:
    assert scorer.second is not None
    return scorer.second


def test_only_values_below_the_parent_are_considered(scorer: TextLabelScorer, second: SecondLevel) -> None:
    tickets = simulated(40, 5)
    for subject, body in zip(tickets.subjects, tickets.bodies, strict=True):
        for parent in scorer.classes:
            found = second.best(text_batch([subject], [body], SEGMENTER), [parent])[0]
            assert found is not None
            assert (found[0], parent) in zip(second.values, second.parents, strict=True)
            assert 0 < found[1] <= 1


def test_it_is_mostly_right_given_the_right_parent(second: SecondLevel) -> None:
    tickets = simulated(400, 5)
    columns = (tickets.subjects, tickets.bodies, tickets.labels, tickets.second)
    hits = []
    for subject, body, label, below in zip(*columns, strict=True):
        found = second.best(text_batch([subject], [body], SEGMENTER), [label])[0]
        hits.append(found is not None and found[0] == below)
    assert np.mean(hits) > 0.85


def test_below_an_unknown_parent_there_is_nothing(second: SecondLevel) -> None:
    assert second.best(text_batch(["打印机卡纸"], [None], SEGMENTER), ["没听过"])[0] is None


def test_a_vocabulary_like_the_first_levels_is_shared(
    scorer: TextLabelScorer, second: SecondLevel, tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("second")
    write_artefact(folder, second.files(), {})
    vocabulary = scorer.linear.vocabulary
    again = SecondLevel.read(folder, vocabulary, scorer.linear.lead)
    assert (again.values, again.parents, again.field) == (second.values, second.parents, "subcategory")
    assert (again.linear.vocabulary is vocabulary) == np.array_equal(second.linear.vocabulary.keys, vocabulary.keys)
