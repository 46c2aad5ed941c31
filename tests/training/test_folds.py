import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fenzhen.errors import TrainingRefused
from training.folds import group_folds

ROWS = st.lists(st.tuples(st.integers(0, 12), st.sampled_from("abcd")), min_size=4, max_size=60).filter(
    lambda rows: len({row[0] for row in rows}) > 1 and len({row[1] for row in rows}) > 1)


@settings(max_examples=200, deadline=None)
@given(ROWS, st.integers(2, 6), st.integers(0, 3))
def test_groups_stay_whole_and_every_fold_is_fitted_on_every_class(
    rows: list[tuple[int, str]], k: int, seed: int
) -> None:
    groups, labels = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    folds = group_folds(groups, labels, k, seed)
    for group in np.unique(groups):
        assert np.unique(folds[groups == group]).size == 1
    for fold in np.unique(folds[folds >= 0]):
        assert set(labels[folds != fold]) == set(labels)


def test_folds_are_even_in_size_and_classes() -> None:
    random = np.random.default_rng(0)
    groups, labels = random.integers(0, 800, 1000), random.choice(["纸", "墨"], 1000, p=[0.9, 0.1])
    folds = group_folds(groups, labels, 5)
    assert np.bincount(folds).min() > 180
    assert np.bincount(folds[labels == "墨"]).min() > 10


def test_fewer_groups_than_folds_give_fewer_folds() -> None:
    folds = group_folds(["x", "x", "y", "y", "z", "z"], ["a", "b"] * 3, k=5)
    assert sorted(set(folds.tolist())) == [0, 1, 2]


def test_a_class_in_one_group_is_never_held_out() -> None:
    folds = group_folds(None, ["罕"] + ["常"] * 20 + ["多"] * 20, k=4)
    assert folds[0] == -1
    assert (folds[1:] >= 0).all()


def test_one_group_and_one_class_are_refused() -> None:
    with pytest.raises(TrainingRefused, match=r"1 group\(s\)"):
        group_folds([1, 1], ["a", "b"])
    with pytest.raises(TrainingRefused, match="one class"):
        group_folds([1, 2], ["a", "a"])
