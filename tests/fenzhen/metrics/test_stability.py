"""The population stability index: by hand, its properties, and what chance makes of it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2

from fenzhen.metrics import population_stability_index, psi_by_chance, psi_chance_limit

COUNTS = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=1, max_size=12)


def test_by_hand_with_half_a_row_in_each_bin() -> None:
    p, q = np.array([60.5, 40.5]) / 101, np.array([20.5, 80.5]) / 101
    by_hand = (p[0] - q[0]) * np.log(p[0] / q[0]) + (p[1] - q[1]) * np.log(p[1] / q[1])
    assert population_stability_index([60, 40], [20, 80]) == pytest.approx(by_hand)


def test_many_rows_give_the_textbook_number() -> None:
    found = population_stability_index([500_000, 500_000], [800_000, 200_000])
    assert found == pytest.approx(0.3 * np.log(1.6) - 0.3 * np.log(0.4), abs=1e-5)


@given(COUNTS)
def test_it_is_symmetric_and_never_negative(counts: list[tuple[int, int]]) -> None:
    first, second = (list(each) for each in zip(*counts, strict=True))
    found = population_stability_index(first, second)
    assert found >= 0
    assert found == pytest.approx(population_stability_index(second, first))


@given(COUNTS)
def test_the_same_sample_twice_has_none(counts: list[tuple[int, int]]) -> None:
    first = [each for each, _ in counts]
    assert population_stability_index(first, first) == 0


def test_an_empty_bin_is_rare_and_not_impossible() -> None:
    assert 0.25 < population_stability_index([100, 0], [80, 20]) < 2


@pytest.mark.parametrize(("first", "second"), [([1, 2], [1, 2, 3]), ([1, -1], [1, 1]), ([[1, 2]], [[1, 2]])])
def test_what_are_no_counts_over_the_same_bins_is_refused(first: object, second: object) -> None:
    with pytest.raises(ValueError, match="expected two equal lists"):
        population_stability_index(first, second)  # type: ignore[arg-type]


@pytest.mark.parametrize("bins", [2, 4, 10, 40])
@pytest.mark.parametrize("exceeded", [0.05, 0.01, 0.0005])
def test_the_limit_is_the_quantile_of_chi_squared(bins: int, exceeded: float) -> None:
    exact = chi2.isf(exceeded, bins - 1) * (1 / 200 + 1 / 300)
    assert psi_chance_limit(bins, 200, 300, exceeded) == pytest.approx(exact, rel=0.05)


@pytest.mark.parametrize(("rows", "others"), [(100, 100), (1_000, 150)])
def test_random_samples_have_what_chance_gives_and_rarely_more_than_its_limit(rows: int, others: int) -> None:
    random, shares = np.random.default_rng(5), np.array([0.3, 0.25, 0.2, 0.15, 0.1])
    pairs = [(random.multinomial(rows, shares), random.multinomial(others, shares)) for _ in range(2_000)]
    found = np.array([population_stability_index(*pair) for pair in pairs])
    assert found.mean() == pytest.approx(psi_by_chance(5, rows, others), rel=0.08)
    assert 0.002 < (found > psi_chance_limit(5, rows, others, 0.01)).mean() < 0.02
