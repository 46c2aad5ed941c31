import numpy as np
import pytest
from sklearn.metrics import f1_score

from training.evaluation.evaluate import decide_by_thresholds, evaluate

CLASSES = ("墨", "屏", "纸")
THRESHOLDS = {"墨": {"auto": 0.9, "suggest": 0.5}, "屏": {"auto": None, "suggest": 0.5},
              "纸": {"auto": 0.8, "suggest": 0.4}}


@pytest.fixture
def rows() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    return np.array(CLASSES, dtype=object)[random.integers(0, 3, 300)], random.dirichlet([1, 1, 1], 300)


def test_numbers_agree_with_scikit_learn(rows) -> None:
    labels, probabilities = rows
    found = evaluate(labels, probabilities, CLASSES, rounds=20)
    predicted = np.array(CLASSES, dtype=object)[probabilities.argmax(axis=1)]
    assert found.accuracy.estimate == pytest.approx((labels == predicted).mean())
    assert found.macro_f1.estimate == pytest.approx(f1_score(labels.tolist(), predicted.tolist(), average="macro"))
    assert found.confusion.sum() == 300


def test_metrics_are_flat_finite_and_named_for_mlflow(rows) -> None:
    labels, probabilities = rows
    baselines = {"majority": np.tile([1.0, 0, 0], (300, 1))}
    found = evaluate(labels, probabilities, CLASSES, thresholds=THRESHOLDS, baselines=baselines, rounds=20).metrics()
    assert {"accuracy", "macro_f1", "ece", "coverage_at_95", "auto_share", "majority_macro_f1"} <= set(found)
    assert all(np.isfinite(value) and isinstance(value, float) for value in found.values())


def test_a_model_has_no_advantage_over_itself(rows) -> None:
    labels, probabilities = rows
    found = evaluate(labels, probabilities, CLASSES, baselines={"itself": probabilities}, rounds=20)
    assert found.baselines[0].advantage.estimate == found.baselines[0].advantage.low == 0.0


def test_decisions_are_made_per_class_and_reach_a_threshold_at_equality() -> None:
    predicted = np.array(["墨", "墨", "墨", "屏", "纸", "新"], dtype=object)
    confidence = np.array([0.9, 0.5, 0.49, 1.0, 0.85, 1.0])
    found = decide_by_thresholds(predicted, confidence, THRESHOLDS)
    assert found.tolist() == ["auto", "suggest", "abstain", "suggest", "auto", "abstain"]


def test_labels_outside_the_classes_are_wrong_and_warned_of(rows) -> None:
    labels, probabilities = rows
    labels[labels == "屏"] = "新"
    found = evaluate(labels, probabilities, CLASSES, rounds=5)
    assert not found.correct[labels == "新"].any()
    assert found.warnings[0].startswith(f"{(labels == '新').sum()} rows")
    assert "屏" in found.warnings[1]


def test_the_seed_decides_the_intervals(rows) -> None:
    labels, probabilities = rows
    first, again = (evaluate(labels, probabilities, CLASSES, seed=3, rounds=30).accuracy for _ in range(2))
    assert first == again


def test_wrong_shapes_and_no_rows_are_refused(rows) -> None:
    labels, probabilities = rows
    with pytest.raises(ValueError, match=r"\(300, 2\)"):
        evaluate(labels, probabilities[:, :2], CLASSES)
    with pytest.raises(ValueError, match="and a row"):
        evaluate([], np.empty((0, 3)), CLASSES)
    with pytest.raises(ValueError, match="got other of shape"):
        evaluate(labels, probabilities, CLASSES, baselines={"other": probabilities[:5]}, rounds=5)
