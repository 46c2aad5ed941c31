import numpy as np
import pytest

from training.text.baselines import Keywords, Linear, text_baselines

CLASSES = ("墨", "纸", "网")
TEXTS = ["打印机卡纸", "又卡纸了", "纸张卡住,卡纸", "墨盒空了", "墨盒坏了", "换墨盒",
         "网络断了", "上不了网络", "网络太慢"] * 4
LABELS = ["纸", "纸", "纸", "墨", "墨", "墨", "网", "网", "网"] * 4


@pytest.mark.parametrize("name", ["majority", "keywords", "linear"])
def test_every_baseline_gives_probabilities_in_the_order_of_the_classes(name: str) -> None:
    baseline = next(found for found in text_baselines(CLASSES) if found.name == name)
    baseline.fit(TEXTS, LABELS, seed=0)
    found = baseline.probabilities([*TEXTS, "", "hello"])
    assert found.shape == (len(TEXTS) + 2, 3)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    if name != "majority":
        assert (np.array(CLASSES)[found[:-2].argmax(axis=1)] == LABELS).all()


@pytest.mark.parametrize("name", ["majority", "keywords", "linear"])
def test_equal_seeds_agree(name: str) -> None:
    first, again = (next(b for b in text_baselines(CLASSES) if b.name == name) for _ in range(2))
    first.fit(TEXTS, LABELS, seed=7)
    again.fit(TEXTS, LABELS, seed=7)
    assert np.array_equal(first.probabilities(TEXTS), again.probabilities(TEXTS))


@pytest.mark.parametrize(("texts", "labels"), [
    (["", "", ""], ["纸", "墨", "纸"]), (["卡纸", "卡纸"], ["纸", "纸"]), ([], []), (["卡", "墨"], ["纸", "墨"]),
    (["卡纸", "别的"], ["纸", "不在其中"]),
])
def test_poor_data_fall_back_to_the_majority_without_an_error(texts: list[str], labels: list[str]) -> None:
    for baseline in text_baselines(CLASSES):
        baseline.fit(texts, labels)
        np.testing.assert_allclose(baseline.probabilities(["卡纸", ""]).sum(axis=1), 1)
        assert baseline.probabilities([]).shape == (0, 3)


def test_a_class_that_was_never_fitted_has_probability_0() -> None:
    linear = Linear(CLASSES)
    linear.fit(TEXTS[:6], LABELS[:6])
    assert (linear.probabilities(["网络断了"])[:, 2] == 0).all()


def test_keywords_are_those_a_person_would_name() -> None:
    rules = Keywords(CLASSES, most=3)
    rules.fit(TEXTS, LABELS)
    assert "墨盒" in rules.words["墨"]
    assert "网络" in rules.words["网"]
    assert "卡纸" in rules.words["纸"]
