"""The fitted scorer against an independent scikit-learn pipeline, and what fitting promises."""

import csv
import gzip
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.feature_extraction.text import TfidfTransformer

import models.text.fit_linear
from features.text.term_matrix import Lead
from features.text.ticket_text import text_batch
from models.text.fit_linear import LinearSettings, class_focus, fit_linear, inverse_frequency
from tests.models.made_up import SEGMENTER, simulated
from tests.models.sklearn_twin import Ticket, fit_twin

LEADING = LinearSettings(lead=Lead(weight=3.0))


def largest_difference(
    train: list[Ticket], labels: list[str], others: list[Ticket], settings: LinearSettings,
) -> float:
    classes, targets = np.unique(labels, return_inverse=True)
    linear = fit_linear(text_batch(*zip(*train, strict=True), SEGMENTER), targets, len(classes), settings, seed=3)
    twin = fit_twin(train, targets, settings, SEGMENTER, seed=3)
    found = linear.scores(text_batch(*zip(*others, strict=True), SEGMENTER))
    assert found.shape == (len(others), len(classes))
    return float(np.abs(found - twin.scores(others)).max())


def tickets_of(count: int, seed: int) -> list[Ticket]:
    examples = simulated(count, seed)
    return list(zip(examples.subjects, examples.bodies, strict=True))


@pytest.mark.parametrize("settings", [LinearSettings(), LEADING], ids=["plain", "opening"])
def test_scores_are_those_of_scikit_learn_on_thousands_of_made_up_tickets(settings: LinearSettings) -> None:
    labels = simulated(800, 1).labels.tolist()
    assert largest_difference(tickets_of(800, 1), labels, tickets_of(3_000, 2), settings) < 1e-6


def test_scores_are_those_of_scikit_learn_for_two_classes() -> None:
    labels = ["硬件" if label == "硬件故障" else "其他" for label in simulated(800, 1).labels]
    assert largest_difference(tickets_of(800, 1), labels, tickets_of(1_000, 2), LEADING) < 1e-6


def test_scores_are_those_of_scikit_learn_on_titles(shared_data: Path) -> None:
    with gzip.open(shared_data / "titles" / "train.csv.gz", "rt", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))[:6_000]
    tickets: list[Ticket] = [(row["title"], None) for row in rows]
    labels = [row["label"] for row in rows]
    assert largest_difference(tickets[:2_000], labels[:2_000], tickets[2_000:], LinearSettings()) < 1e-6


def test_fits_at_once_give_the_same_weights_as_one_after_the_other() -> None:
    examples = simulated(400, 1)
    classes, targets = np.unique(examples.labels.astype(str), return_inverse=True)
    batch = text_batch(examples.subjects, examples.bodies, SEGMENTER)

    def weights(seed: int) -> np.ndarray:
        return fit_linear(batch, targets, len(classes), LinearSettings(), seed).weights

    with ThreadPoolExecutor(3) as pool:
        at_once = list(pool.map(weights, [7] * 6))
    for found in at_once:
        np.testing.assert_array_equal(found, at_once[0])


def test_many_classes_get_fewer_n_grams(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models.text.fit_linear, "_MOST_WEIGHTS", 60)
    batch = text_batch(["打印机卡纸", "屏幕闪", "网络断了"], [None] * 3, SEGMENTER)
    assert fit_linear(batch, np.arange(3), 3, LinearSettings(), 0).weights.shape == (20, 3)


def test_inverse_frequency_is_that_of_scikit_learn() -> None:
    present = sp.csr_matrix(np.random.default_rng(0).integers(0, 2, (30, 12)).astype(float))
    np.testing.assert_allclose(inverse_frequency(present), TfidfTransformer().fit(present).idf_)


def test_an_n_gram_of_one_class_is_stretched_most_and_one_of_all_classes_not_at_all() -> None:
    present = sp.csr_matrix(np.array([[1.0, 1.0], [1.0, 1.0], [0.0, 1.0], [0.0, 1.0]]))
    focus = class_focus(present, np.array([0, 0, 1, 1]), 2)
    assert focus[0] == pytest.approx(1 + np.log(2), abs=0.05)
    assert focus[1] == pytest.approx(1)
