"""BG/NBD against the published worked example, against simulation, and against the paper's fit on its own data."""

import numpy as np
import pandas as pd
import pytest

from fenzhen.errors import ArtefactError
from models.churn.buy_till_you_die import BuyTillYouDie, fit_buy_till_you_die

PAPER = BuyTillYouDie(0.243, 4.414, 0.793, 2.426)


def test_the_worked_example_of_hardies_spreadsheet():
    two_repeats = (np.array([2.0]), np.array([30.43]), np.array([38.86]))
    assert PAPER.expected(*two_repeats, 39.0)[0] == pytest.approx(1.226, abs=0.005)


def test_silence_is_the_chance_of_no_order_in_a_simulated_future():
    random, horizon = np.random.default_rng(0), 13.0
    repeats, last, age, later = _simulated(random, 60_000, 39.0, horizon)
    silent = PAPER.silent(repeats, last, age, horizon)
    for low, high in ((0, 0.5), (0.5, 0.8), (0.8, 1)):
        rows = (silent > low) & (silent <= high)
        assert silent[rows].mean() == pytest.approx((later[rows] == 0).mean(), abs=0.03)
    assert PAPER.expected(repeats, last, age, horizon).mean() == pytest.approx(later.mean(), rel=0.03)


def _simulated(random, customers, weeks, horizon):
    rate = random.gamma(PAPER.rate, 1 / PAPER.scale, customers)
    leave = random.beta(PAPER.leave, PAPER.stay, customers)
    now, repeats, last, later = np.zeros(customers), np.zeros(customers), np.zeros(customers), np.zeros(customers)
    active = np.ones(customers, dtype=bool)
    while active.any():
        now[active] += random.exponential(1 / np.maximum(rate[active], 1e-12))
        active &= now <= weeks + horizon
        early = active & (now <= weeks)
        repeats[early] += 1
        last[early] = now[early]
        later[active & ~early] += 1
        active &= random.random(customers) >= leave
    return repeats, last, np.full(customers, weeks), later


def test_the_fit_finds_the_papers_numbers_on_the_papers_data(shared_data):
    orders = pd.read_csv(shared_data / "orders/cdnow.csv.gz", parse_dates=["date"])
    orders = orders[orders["date"] < "1997-10-01"].drop_duplicates(["customer_id", "date"])
    seen = orders.groupby("customer_id")["date"].agg(["min", "max", "size"])
    age = (pd.Timestamp("1997-09-30") - seen["min"]).dt.days.to_numpy() / 7
    last = (seen["max"] - seen["min"]).dt.days.to_numpy() / 7
    found = fit_buy_till_you_die(seen["size"].to_numpy(dtype=float) - 1, last, age)
    assert [found.rate, found.scale, found.leave, found.stay] == pytest.approx([0.243, 4.414, 0.793, 2.426], rel=0.25)


def test_a_customer_long_silent_after_frequent_orders_is_less_likely_active():
    frequent, rare = PAPER.alive(np.array([10.0, 1.0]), np.array([10.0, 10.0]), np.array([39.0, 39.0]))
    assert frequent < rare < 1


def test_who_never_repeated_counts_as_active():
    assert PAPER.alive(np.array([0.0]), np.array([0.0]), np.array([39.0])).tolist() == [1.0]


def test_numbers_that_are_not_positive_are_refused():
    with pytest.raises(ArtefactError, match="positive"):
        BuyTillYouDie.from_facts({"rate": 1.0, "scale": -1.0, "leave": 1.0, "stay": 1.0})
    assert BuyTillYouDie.from_facts(PAPER.facts()) == PAPER
