"""Golden values against scikit-learn, an independent implementation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix as sklearn_confusion
from sklearn.metrics import f1_score, precision_recall_fscore_support

from fenzhen.metrics import accuracy, confusion_matrix, macro_f1, per_class_table, top_k_accuracy

CLASSES = ["墨", "屏", "纸", "网"]
PAIRS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=40)


@given(PAIRS)
def test_macro_f1_equals_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    truth, predicted = np.array(pairs).T
    assert macro_f1(truth, predicted) == pytest.approx(f1_score(truth, predicted, average="macro", zero_division=0))


@given(PAIRS)
def test_confusion_matrix_equals_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    truth, predicted = np.array(pairs).T
    expected = sklearn_confusion(truth, predicted, labels=range(4))
    assert np.array_equal(confusion_matrix(truth, predicted, range(4)), expected)


@given(PAIRS)
def test_per_class_table_equals_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    truth, predicted = np.array(CLASSES, dtype=object)[np.array(pairs).T]
    expected = precision_recall_fscore_support(truth, predicted, labels=CLASSES, zero_division=np.nan)
    table = per_class_table(truth, predicted, CLASSES)
    np.testing.assert_allclose([row.precision for row in table], expected[0])
    np.testing.assert_allclose([row.recall for row in table], expected[1])
    np.testing.assert_allclose([row.f1 for row in table], np.nan_to_num(expected[2]))
    assert [row.support for row in table] == expected[3].tolist()


def test_labels_may_be_text_of_any_length() -> None:
    assert accuracy(np.array(["硬件故障", "网络"], dtype=object), ["硬件故障", "打印"]) == 0.5


def test_labels_outside_the_classes_count_as_neither() -> None:
    assert [row.support for row in per_class_table(["纸", "?"], ["纸", "纸"], ["纸"])] == [1]
    assert confusion_matrix(["纸", "?"], ["纸", "纸"], ["纸"]).tolist() == [[1]]


def test_no_rows_give_nan_not_an_error() -> None:
    assert np.isnan(accuracy([], []))
    assert np.isnan(macro_f1([], []))
    assert np.isnan(top_k_accuracy([], np.empty((0, 2)), ["a", "b"], 1))


def test_unequal_lengths_are_refused_with_both_shapes() -> None:
    with pytest.raises(ValueError, match=r"\(2,\).*\(1,\)"):
        accuracy([0, 1], [0])


def test_top_k_of_all_classes_is_certain() -> None:
    random = np.random.default_rng(0)
    truth = random.integers(0, 4, 50)
    assert top_k_accuracy(truth, random.random((50, 4)), range(4), 4) == 1.0


def test_top_1_is_accuracy() -> None:
    random = np.random.default_rng(1)
    truth, scores = random.integers(0, 4, 200), random.random((200, 4))
    assert top_k_accuracy(truth, scores, range(4), 1) == accuracy(truth, scores.argmax(axis=1))
