"""Scores, their parts, and their files."""

from pathlib import Path

import numpy as np
import pytest

from features.text.term_matrix import Lead
from features.text.ticket_text import text_batch
from fenzhen.errors import ArtefactError
from models.text.linear_text import LinearText
from models.text.scorer import TextLabelScorer
from tests.models.made_up import SEGMENTER, simulated


@pytest.fixture
def linear(scorer: TextLabelScorer) -> LinearText:
    return scorer.linear


def test_a_text_scores_the_same_alone_and_among_others(linear: LinearText) -> None:
    tickets = simulated(200, 5)
    together = linear.scores(text_batch(tickets.subjects, tickets.bodies, SEGMENTER))
    for row in range(0, 200, 7):
        alone = linear.scores(text_batch([tickets.subjects[row]], [tickets.bodies[row]], SEGMENTER))[0]
        np.testing.assert_allclose(alone, together[row], rtol=0, atol=1e-12)


def test_a_text_of_unknown_n_grams_scores_the_intercept(linear: LinearText) -> None:
    found = linear.scores(text_batch(["ζηθ", None], [None, None], SEGMENTER))
    np.testing.assert_array_equal(found, np.tile(linear.intercept, (2, 1)))


def test_no_text_has_no_scores(linear: LinearText) -> None:
    assert linear.scores(text_batch([], [], SEGMENTER)).shape == (0, len(linear.intercept))


def test_contributions_sum_to_the_scores(linear: LinearText) -> None:
    tickets = simulated(50, 5)
    for subject, body in zip(tickets.subjects, tickets.bodies, strict=True):
        batch = text_batch([subject], [body], SEGMENTER)
        total = linear.contributions(batch).values.sum(axis=0) + linear.intercept
        np.testing.assert_allclose(total, linear.scores(batch)[0], rtol=0, atol=1e-6)


def test_files_are_read_as_they_were_written(linear: LinearText, tmp_path: Path) -> None:
    write(tmp_path, linear)
    again = LinearText.read(tmp_path, "x_", len(linear.intercept), linear.lead)
    batch = text_batch(["打印机卡纸"], ["路由器连不上"], SEGMENTER)
    np.testing.assert_array_equal(again.scores(batch), linear.scores(batch))
    assert not again.weights.flags.writeable


@pytest.mark.parametrize(("name", "array"), [
    ("keys", np.zeros(3, dtype=np.int64)),
    ("keys", np.zeros((3, 1), dtype=np.uint64)),
    ("norm_weights", np.ones(2, dtype=np.float32)),
    ("norm_weights", np.ones(3, dtype=np.float64)),
    ("weights", np.ones((3, 4), dtype=np.float32)),
    ("weights", np.full((3, 2), np.nan, dtype=np.float32)),
    ("weights", np.full((3, 2), np.inf, dtype=np.float32)),
    ("intercept", np.ones(())),
])
def test_arrays_of_another_kind_or_shape_are_refused(tmp_path: Path, name: str, array: np.ndarray) -> None:
    sound = {
        "keys": np.arange(3, dtype=np.uint64), "norm_weights": np.ones(3, dtype=np.float32),
        "weights": np.ones((3, 2), dtype=np.float32), "intercept": np.zeros(2),
    }
    for key, content in (sound | {name: array}).items():
        np.save(tmp_path / f"{key}.npy", content)
    with pytest.raises(ArtefactError, match=rf"{name}\.npy: got"):
        LinearText.read(tmp_path, "", 2, Lead())


def write(folder: Path, linear: LinearText) -> None:
    for name, array in linear.files("x_").items():
        np.save(folder / name, array)
