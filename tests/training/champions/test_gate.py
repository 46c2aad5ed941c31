import json

import numpy as np
import pytest

from training.champions.champion_to_beat import UnreadChampion
from training.champions.gate import GateLimits, Rival, gate

CLASSES = ("墨", "屏", "纸")
QUICK = GateLimits(rounds=200)


def answers(truth: np.ndarray, right: float, seed: int, sure: float | None = None) -> np.ndarray:
    """Probabilities that are right in a share of rows and say just that as their confidence, or ``sure``."""
    random = np.random.default_rng(seed)
    said = np.where(random.random(truth.size) < right, truth, (truth + random.integers(1, 3, truth.size)) % 3)
    confidence = right if sure is None else sure
    return np.where(np.eye(3)[said] > 0, confidence, (1 - confidence) / 2)


@pytest.fixture
def truth() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 3, 900)


def judged(truth: np.ndarray, ours: np.ndarray, champion: Rival | UnreadChampion | None, right: float = 0.5, **options):
    labels = np.array(CLASSES, dtype=object)[truth]
    baseline = Rival("keywords", CLASSES, answers(truth, right, 9))
    return gate(labels, CLASSES, ours, None, champion=champion, baselines=[baseline],
                **{"limits": QUICK} | options)


def test_the_first_champion_must_beat_the_baselines(truth) -> None:
    assert judged(truth, answers(truth, 0.9, 1), None).passed
    refused = judged(truth, answers(truth, 0.5, 1), None)
    assert not refused.passed
    assert "does not clearly beat the baseline keywords" in refused.failures[0]


def test_a_clearly_better_challenger_passes_and_says_by_how_much(truth) -> None:
    found = judged(truth, answers(truth, 0.9, 1), Rival("m/3", CLASSES, answers(truth, 0.8, 2)))
    assert found.passed
    assert found.no_worse
    assert any("does clearly beat the champion m/3: macro-F1 +0." in reason for reason in found.reasons)
    assert found.measurements["macro_f1_over_champion_m/3"]["low"] > 0


def test_an_equal_challenger_is_no_worse_but_does_not_pass(truth) -> None:
    same = answers(truth, 0.9, 1)
    found = judged(truth, same, Rival("m/3", CLASSES, same))
    assert (found.passed, found.no_worse) == (False, True)


def test_a_worse_challenger_is_neither(truth) -> None:
    found = judged(truth, answers(truth, 0.8, 1), Rival("m/3", CLASSES, answers(truth, 0.9, 2)))
    assert (found.passed, found.no_worse) == (False, False)


def test_a_class_that_gets_clearly_worse_is_named(truth) -> None:
    ours, theirs = answers(truth, 0.97, 1), answers(truth, 0.7, 2)
    theirs[truth == 1] = np.array([0.1, 0.8, 0.1])
    ours[(truth == 1) & (np.arange(truth.size) % 5 == 0)] = np.array([0.9, 0.05, 0.05])
    found = judged(truth, ours, Rival("m/3", CLASSES, theirs), limits=GateLimits(rounds=200, ece=0.5))
    assert [reason for reason in found.failures if "屏 -0." in reason]


def test_a_class_with_little_support_cannot_stop_it(truth) -> None:
    truth = np.where((truth == 1) & (np.arange(truth.size) > 60), 0, truth)
    ours, theirs = answers(truth, 0.99, 1), answers(truth, 0.6, 2)
    theirs[truth == 1], ours[truth == 1] = np.eye(3)[1], np.array([0.5, 0.3, 0.2])
    found = judged(truth, ours, Rival("m/3", CLASSES, theirs))
    assert found.measurements["classes_judged"] == 2
    assert not [reason for reason in found.failures if "Recall" in reason]


def test_a_badly_calibrated_challenger_is_refused_with_the_error(truth) -> None:
    found = judged(truth, answers(truth, 0.8, 1, sure=0.99), None)
    assert found.failures == [reason for reason in found.reasons if "calibration error is 0.2" in reason]


def test_few_rows_are_not_blamed_for_the_calibration_error_of_chance() -> None:
    truth = np.random.default_rng(3).integers(0, 3, 60)
    found = judged(truth, answers(truth, 0.85, 4, sure=0.93), None, limits=GateLimits(rounds=100, ece=0.01))
    assert found.measurements["ece"] > 0.01
    assert any("chance alone" in reason for reason in found.reasons)


def test_too_few_common_rows_are_a_reason(truth) -> None:
    unseen = np.arange(truth.size) < 20
    champion = Rival("m/3", CLASSES, answers(truth, 0.5, 2), unseen)
    found = judged(truth, answers(truth, 0.9, 1), champion)
    assert any("20 rows and 3 classes are shared with the champion m/3" in reason for reason in found.failures)
    assert found.no_worse is None


def test_a_changed_taxonomy_is_compared_on_the_shared_classes_and_says_so(truth) -> None:
    champion = Rival("m/3", ("纸", "墨", "旧"), answers(truth, 0.6, 2))
    found = judged(truth, answers(truth, 0.95, 1), champion)
    assert any("1 classes are new, 1 are gone; the two are compared on the 2 shared" in r for r in found.reasons)
    assert found.measurements["macro_f1_over_champion_m/3"]["rows"] == int((truth != 1).sum())


def test_columns_are_matched_by_class_not_by_place(truth) -> None:
    same = answers(truth, 0.9, 1)
    turned = Rival("m/3", CLASSES[::-1], same[:, ::-1])
    assert judged(truth, same, turned).measurements["macro_f1_over_champion_m/3"]["estimate"] == 0.0


def test_without_anything_to_compare_with_it_does_not_pass(truth) -> None:
    labels = np.array(CLASSES, dtype=object)[truth]
    found = gate(labels, CLASSES, answers(truth, 0.9, 1), None, champion=None, baselines=[], limits=QUICK)
    assert found.failures == ["There is neither a champion nor a baseline to compare with."]


def test_an_outdated_champion_leaves_it_to_the_baselines_and_is_named(truth) -> None:
    outdated = UnreadChampion("m/3", "got feature_schema 0, expected 1", outdated=True)
    found = judged(truth, answers(truth, 0.9, 1), outdated)
    assert (found.passed, found.no_worse) == (True, None)
    said = [reason for reason in found.reasons if "m/3" in reason]
    assert said == ["The champion m/3 cannot answer any more and is not compared with: the baselines decide "
                    "(got feature_schema 0, expected 1)."]
    assert any("m/3" in reason and "由基线决定" in reason for reason in found.reasons_zh)
    assert not any("no champion" in reason for reason in found.reasons)
    assert not judged(truth, answers(truth, 0.5, 1), outdated).passed


def test_a_champion_that_may_be_mended_is_left_to_a_person(truth) -> None:
    damaged = UnreadChampion("m/3", "golden.json: got SHA-256 ab, expected cd", outdated=False)
    found = judged(truth, answers(truth, 0.9, 1), damaged)
    assert (found.passed, found.no_worse) == (False, None)
    assert "The champion m/3 cannot be read, so nothing was compared with it" in found.failures[0]
    assert "`fenzhen export` mends a damaged copy" in found.failures[0]


def test_with_an_outdated_champion_and_no_baseline_nothing_decides(truth) -> None:
    labels = np.array(CLASSES, dtype=object)[truth]
    found = gate(labels, CLASSES, answers(truth, 0.9, 1), None, limits=QUICK, baselines=[],
                 champion=UnreadChampion("m/3", "old", outdated=True))
    assert "nothing can decide" in found.failures[0]


def test_no_rows_give_a_refusal_not_an_error() -> None:
    found = gate([], CLASSES, np.empty((0, 3)), None, champion=None, baselines=[], limits=QUICK)
    assert "There are 0 rows to judge on, at least 50 are needed." in found.failures


def test_everything_is_json_and_each_reason_has_a_chinese_one(truth) -> None:
    found = judged(truth, answers(truth, 0.9, 1), Rival("m/3", CLASSES, answers(truth, 0.8, 2)))
    json.dumps(found.as_dict(), allow_nan=False)
    assert len(found.reasons) == len(found.reasons_zh) == 5


def test_wrong_shapes_are_refused(truth) -> None:
    with pytest.raises(ValueError, match="expected"):
        judged(truth, np.ones((3, 3)), None)
