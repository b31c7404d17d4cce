"""Streamed summaries against the exact order statistics of the same values."""

import numpy as np
import pytest
from arviz_stats.base import array_stats
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from simulator import streaming
from simulator.executors import Threads
from simulator.simulate import summarise
from simulator.streaming import Accumulator, bin_edges, bin_numbers
from tests.known import MEDIANS, PRODUCT, SIGMAS

RNG = np.random.default_rng(1)
N = 200_000
Z = RNG.standard_normal(N)
DATA = {
    "lognormal": np.exp(3 + 0.5 * Z),
    "normal around zero": Z,
    "all negative": -np.exp(Z),
    "with zeros": np.where(Z < 0, 0.0, Z),
    "negative zeros": np.where(Z < 0, -0.0, -Z),
    "zeros of both signs, none below": np.where(Z < 0, -0.0, np.where(Z < 1, 0.0, Z)),
    "Cauchy": np.tan(np.pi * (RNG.random(N) - 0.5)),
    "three hundred decades either way": 10 ** (RNG.random(N) * 600 - 300),
    "few values": RNG.integers(1, 7, N).astype(float),
    "far from zero": 1e9 + Z,
    "one value": np.full(N, 0.1),
}
P = np.array([0.0, 1e-4, 0.05, 0.25, 0.5, 0.75, 0.95, 0.9999, 1.0])


def summary(values, *, exact=False, block=30_011):
    accumulator = Accumulator(exact)
    for start in range(0, len(values), block):
        accumulator.add(start, values[start : start + block])
    return accumulator.summary()


@pytest.mark.parametrize("name", DATA)
def test_bins_are_in_order_and_hold_their_values(name):
    values = DATA[name][np.lexsort((~np.signbit(DATA[name]), DATA[name]))]  # negative zeros before zeros
    bins = bin_numbers(values, values[0])
    assert (np.diff(bins) >= 0).all()
    low, high = bin_edges(bins)
    assert (low <= values).all() and (values <= high).all()
    # 2**13 bins an octave: none is wider than 2**-13 of its values, but for those below the smallest octave.
    assert ((high - low) <= 2.0**-13 * np.maximum(np.abs(low), np.abs(high)) + 1e-307).all()


@pytest.mark.parametrize("name", DATA)
def test_a_quantile_is_within_one_ten_thousandth_of_its_value(name):
    truth = np.quantile(DATA[name], P)
    got = summary(DATA[name]).quantile(P)
    # Of the order statistic; interpolated between two of them where they are far apart, as in the Cauchy's ends.
    assert (np.abs(got - truth) <= 1e-4 * np.abs(truth) + 1e-300).all()
    assert got[0] == DATA[name].min() and got[-1] == DATA[name].max()


@pytest.mark.parametrize("name", DATA)
def test_kept_values_make_every_answer_exact(name):
    values = DATA[name][:20_000]
    kept = summary(values, exact=True)
    np.testing.assert_allclose(kept.quantile(P), np.quantile(values, P), rtol=1e-12, atol=1e-300)
    middle = float(np.median(values))
    assert kept.cdf(middle) == np.mean(values <= middle)


@pytest.mark.parametrize("name", [name for name in DATA if "decades" not in name])
def test_mean_and_standard_deviation(name):
    got = summary(DATA[name])
    assert got.draws == N
    # The sums of pieces differ from the whole's by roundings of the largest terms.
    assert got.mean == pytest.approx(DATA[name].mean(), rel=1e-12, abs=1e-12 * np.abs(DATA[name]).max())
    assert got.sd == pytest.approx(DATA[name].std(ddof=1), rel=1e-9, abs=1e-15)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(["lognormal", "normal around zero", "Cauchy"]), st.booleans())
def test_merging_in_any_order_gives_the_same_bits(seed, name, exact):
    values, rng = DATA[name][:20_000], np.random.default_rng(seed)
    starts = range(0, len(values), 1000)
    parts = []
    for chunk in np.array_split(rng.permutation(starts), rng.integers(1, 8)):
        parts.append(Accumulator(exact))
        for start in chunk:
            parts[-1].add(int(start), values[start : start + 1000])
    first, *others = parts
    for other in others:
        first.merge(other)
    merged, straight = first.summary(), summary(values, exact=exact, block=1000)
    for column in ("low", "high", "counts"):
        np.testing.assert_array_equal(getattr(merged, column), getattr(straight, column))
    assert (merged.mean, merged.sd) == (straight.mean, straight.sd)


@pytest.mark.parametrize("name", ["lognormal", "normal around zero", "Cauchy"])
def test_probabilities_and_quantiles_are_inverse(name):
    got = summary(DATA[name])
    for p in (0.01, 0.3, 0.5, 0.99):
        assert got.cdf(float(got.quantile(p))) == pytest.approx(p, abs=2 / N)
    assert got.cdf(-np.inf) == 0 and got.cdf(np.inf) == 1


def test_density_adds_up():
    got, edges = summary(DATA["lognormal"]), np.linspace(5, 60, 40)
    inside = np.mean((DATA["lognormal"] > 5) & (DATA["lognormal"] <= 60))
    assert np.sum(got.density(edges) * np.diff(edges)) == pytest.approx(inside, abs=2 / N)
    middles = (edges[1:] + edges[:-1]) / 2
    truth = stats.lognorm(0.5, scale=np.exp(3)).pdf(middles)
    assert np.abs(got.density(edges) - truth).max() < 0.03 * truth.max()  # a bin of 200 draws has 7 %, the mode 1 %


@pytest.mark.parametrize("probability", [0.5, 0.9])
def test_highest_density_intervals_are_arvizs(probability):
    values = DATA["lognormal"][:20_000]
    theirs = array_stats.hdi(values, prob=probability)
    np.testing.assert_allclose(summary(values, exact=True).hdi(probability), theirs, rtol=1e-12)
    ours = summary(DATA["lognormal"]).hdi(probability)
    whole = array_stats.hdi(DATA["lognormal"], prob=probability)
    # Near the mode the width hardly changes with the place, so bins move the place more than the width.
    assert np.diff(ours) == pytest.approx(np.diff(whole), rel=2e-3)
    assert np.mean((DATA["lognormal"] >= ours[0]) & (DATA["lognormal"] <= ours[1])) == pytest.approx(
        probability, abs=1e-3
    )


@pytest.mark.parametrize(
    ("distribution", "p", "theory"),
    [
        (stats.norm(), 0.5, 0.01253314),
        (stats.norm(), 0.95, 0.02113188),
        (stats.norm(), 0.975, 0.02671311),
        (stats.lognorm(0.5), 0.95, 0.02404825),
        (stats.lognorm(0.5), 0.975, 0.03558731),
    ],
)
def test_the_error_of_a_quantile_is_the_theorys(distribution, p, theory):
    """Mean of 60 estimates from 10,000 draws each; one estimate has about 15 % of noise, so the mean has 2 %."""
    rng = np.random.default_rng(3)
    errors = [
        float(summary(distribution.rvs(10_000, random_state=rng), exact=True).quantile_mcse(p)) for _ in range(60)
    ]
    assert np.mean(errors) == pytest.approx(theory, rel=0.08)


@pytest.fixture(scope="module")
def seeds():
    """The product of three lognormals, over 200 seeds of 20,000 draws."""
    return [summarise(PRODUCT, ["y"], draws=20_000, seed=seed, on=Threads(1))["y"] for seed in range(200)]


def test_printed_errors_are_the_spread_over_seeds(seeds):
    p = np.array([0.05, 0.25, 0.5, 0.75, 0.95])
    spread = np.std([item.quantile(p) for item in seeds], axis=0, ddof=1)
    printed = np.mean([item.quantile_mcse(p) for item in seeds], axis=0)
    # A standard deviation from 200 values has a standard error of 5 %; four of them.
    np.testing.assert_allclose(printed, spread, rtol=0.2)


def test_printed_errors_of_highest_density_intervals_are_of_the_right_size(seeds):
    spread = np.std([item.hdi(0.9) for item in seeds], axis=0, ddof=1)
    printed = np.mean([item.hdi_mcse(0.9, np.random.default_rng(1)) for item in seeds[:20]], axis=0)
    # The ends of such an interval converge with the cube root of the draws, where a bootstrap is not exact.
    assert (0.5 < printed / spread).all() and (printed / spread < 2).all()


def test_a_product_of_lognormals_against_the_closed_form():
    draws, s = 1_000_000, np.sqrt(np.sum(SIGMAS**2))
    got = summarise(PRODUCT, ["y"], draws=draws, seed=11)["y"]
    p = np.array([0.025, 0.05, 0.5, 0.95, 0.975])
    truth = np.prod(MEDIANS) * np.exp(s * stats.norm.ppf(p))
    np.testing.assert_allclose(truth, [7.2505707783, 9.8253090996, 48, 234.4964394, 317.7680862], rtol=1e-9)
    assert (np.abs(got.quantile(p) - truth) < 4 * got.quantile_mcse(p)).all()
    mean = np.prod(MEDIANS) * np.exp(s**2 / 2)
    sd = mean * np.sqrt(np.expm1(s**2))
    assert abs(got.mean - mean) < 4 * sd / draws**0.5
    assert got.sd == pytest.approx(sd, rel=0.05)  # its kurtosis is some hundreds, so sd itself has about 1 %


def test_the_largest_exact_run_and_the_next(monkeypatch):
    """Where values stop being kept, nothing jumps: both summaries of the same rows agree to the bins' accuracy."""
    exact = summarise(PRODUCT, ["y"], draws=streaming.EXACT, seed=1)["y"]
    binned = summarise(PRODUCT, ["y"], draws=streaming.EXACT + 1, seed=1)["y"]
    assert exact.low.size == streaming.EXACT and binned.low.size < streaming.EXACT
    np.testing.assert_allclose(binned.quantile(P[1:-1]), exact.quantile(P[1:-1]), rtol=2e-4)
