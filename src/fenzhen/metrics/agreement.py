"""How often predicted labels agree with the true ones: accuracy, F1, the per-class table, top-k."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True)
class ClassScore:
    """One class: ``precision`` is NaN if never predicted, ``recall`` NaN if never true; ``f1`` is 0 then."""

    value: str
    precision: float
    recall: float
    f1: float
    support: int
    predicted: int


def accuracy(truth: ArrayLike, predicted: ArrayLike) -> float:
    """Return the share of rows whose predicted label is the true one; NaN for no rows.

    It is not the quality of rare classes: always saying the majority can have a high accuracy; see :func:`macro_f1`.

    >>> accuracy(["纸", "墨", "纸", "纸"], ["纸", "纸", "纸", "纸"])
    0.75
    >>> accuracy([], [])
    nan
    """
    truth, predicted = _same_length(truth, predicted)
    return float(np.mean(truth == predicted)) if truth.size else float("nan")


def macro_f1(truth: ArrayLike, predicted: ArrayLike) -> float:
    """Return the unweighted mean of F1 over the classes that occur as truth or prediction; NaN for no rows.

    F1 of a class is the harmonic mean of its precision and recall, 2·hits / (predicted + true). It is the mean of F1
    scores, not the F1 of mean precision and mean recall (Opitz & Burst 2019, arXiv:1911.03347), and equals
    scikit-learn's ``f1_score(average="macro", zero_division=0)``.

    >>> macro_f1([0, 0, 1, 1], [0, 0, 1, 0])
    0.7333...
    >>> macro_f1(["a", "a"], ["a", "b"])  # b, never true, counts with 0
    0.3333...
    """
    truth, predicted = _same_length(truth, predicted)
    _, codes = np.unique(np.concatenate([truth, predicted]), return_inverse=True)
    classes = int(codes.max()) + 1 if codes.size else 0
    return macro_f1_of(_counts(codes[:truth.size], codes[truth.size:], classes))


def macro_f1_of(confusion: NDArray[Any]) -> float:
    """Return macro-F1 of a confusion matrix (rows true, columns predicted; counts or weights).

    Classes with neither true nor predicted rows are left out.

    >>> macro_f1_of(np.array([[2, 0, 0], [1, 1, 0], [0, 0, 0]]))
    0.7333...
    """
    total = confusion.sum(axis=0) + confusion.sum(axis=1)
    present = total > 0
    return float(np.mean(2 * np.diag(confusion)[present] / total[present])) if present.any() else float("nan")


def confusion_matrix(truth: ArrayLike, predicted: ArrayLike, classes: Sequence[Any]) -> NDArray[np.int64]:
    """Return int64 (K, K) counts, row the true and column the predicted class, in the order of ``classes``.

    Rows whose label or prediction is not among ``classes`` are not counted.

    >>> confusion_matrix(["a", "b", "c"], ["a", "a", "a"], ["a", "b"])
    array([[1, 0],
           [1, 0]])
    """
    truth, predicted = _same_length(truth, predicted)
    rows, columns = encode(truth, classes), encode(predicted, classes)
    both = (rows >= 0) & (columns >= 0)
    return _counts(rows[both], columns[both], len(classes)).astype(np.int64)


def per_class_table(truth: ArrayLike, predicted: ArrayLike, classes: Sequence[Any]) -> list[ClassScore]:
    """Return a :class:`ClassScore` for each of ``classes``, in their order; other labels count as neither.

    >>> [(s.value, s.precision, s.recall, s.support) for s in per_class_table(["a", "a"], ["a", "b"], ["a", "b"])]
    [('a', 1.0, 0.5, 2), ('b', 0.0, nan, 0)]
    """
    truth, predicted = _same_length(truth, predicted)
    rows, columns = encode(truth, classes), encode(predicted, classes)
    size = len(classes)
    hits = np.bincount(rows[(rows == columns) & (rows >= 0)], minlength=size)
    support = np.bincount(rows[rows >= 0], minlength=size)
    answered = np.bincount(columns[columns >= 0], minlength=size)
    return [ClassScore(str(value), _ratio(hit, said), _ratio(hit, true), 2 * hit / max(said + true, 1), true, said)
            for value, hit, said, true in zip(classes, hits.tolist(), answered.tolist(), support.tolist(), strict=True)]


def top_k_accuracy(truth: ArrayLike, probabilities: ArrayLike, classes: Sequence[Any], k: int) -> float:
    """Return the share of rows whose true label is among the ``k`` most probable; NaN for no rows.

    Ties go to the earlier class. A label outside ``classes`` is a miss. It says nothing about the order within the k.

    >>> top_k_accuracy(["b", "x"], [[0.6, 0.3, 0.1], [0.2, 0.3, 0.5]], ["a", "b", "c"], k=2)
    0.5
    """
    scores = np.asarray(probabilities, dtype=np.float64).reshape(-1, len(classes))
    codes = encode(np.asarray(truth), classes)
    if codes.size == 0:
        return float("nan")
    best = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    return float(np.mean((best == codes[:, None]).any(axis=1)))


def encode(labels: ArrayLike, classes: Sequence[Any]) -> NDArray[np.int64]:
    """Return each label's position in ``classes`` as int64, -1 where it is not among them.

    >>> encode(["b", "x", "a"], ["a", "b"])
    array([ 1, -1,  0])
    """
    position = {value: index for index, value in enumerate(classes)}
    values = np.asarray(labels).tolist()
    return np.fromiter((position.get(value, -1) for value in values), dtype=np.int64, count=len(values))


def _counts(rows: NDArray[Any], columns: NDArray[Any], classes: int) -> NDArray[np.float64]:
    cells = np.bincount(rows * classes + columns, minlength=classes * classes)
    return cells.reshape(classes, classes).astype(np.float64)


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")


def _same_length(truth: ArrayLike, predicted: ArrayLike) -> tuple[NDArray[Any], NDArray[Any]]:
    first, second = np.asarray(truth), np.asarray(predicted)
    if first.shape != second.shape or first.ndim != 1:
        raise ValueError(f"got labels of shape {first.shape} and predictions of shape {second.shape}, "
                         "expected two equally long lists")
    return first, second
