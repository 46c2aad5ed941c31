import numpy as np

from models.priority.ordinal import best_temper, class_probabilities, tempered


def test_thresholds_that_cross_are_made_to_ascend():
    found = class_probabilities(np.array([[0.6, 0.3, 0.9]]))
    assert (found > 0).all()
    np.testing.assert_allclose(found.sum(axis=1), 1)
    np.testing.assert_allclose(found[0], [0.6, 0.0, 0.3, 0.1], atol=1e-6)


def test_without_temper_the_likeliest_value_wins_and_with_all_of_it_shares_play_no_part():
    likely, shares = np.array([[0.2, 0.8]]), np.array([0.1, 0.9])
    np.testing.assert_allclose(tempered(likely, shares, 0.0), likely)
    assert tempered(likely, shares, 1.0).argmax() == 0


def test_the_temper_that_finds_the_rare_class_is_chosen():
    chance = np.random.default_rng(0)
    targets = (chance.random(4000) > 0.05).astype(np.int64)
    urgent = np.clip(0.04 + 0.2 * (targets == 0) + chance.normal(0, 0.02, 4000), 0.001, 0.999)
    likely = np.column_stack([urgent, 1 - urgent])
    temper = best_temper(likely, targets, np.array([0.05, 0.95]))
    assert (tempered(likely, np.array([0.05, 0.95]), temper).argmax(axis=1) == targets).mean() > 0.95
    assert not (likely.argmax(axis=1) == 0).any()
