"""Summaries against exact order statistics, and the errors they print against the spread of repeated runs."""

import arviz_stats
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from simulator.distributions import build_distribution
from simulator.sampling.binned import EXACT, MANTISSA_BITS, Accumulator, BinnedDistribution, bin_edges, bin_numbers
from simulator.sampling.draws import accumulate, sample, summarise
from simulator.sampling.evaluate import Evaluator
from simulator.sampling.executors import Threads
from tests import models
from tests.models import MEDIANS, SIGMAS, lognormal_product

SETTINGS = settings(max_examples=60, derandomize=True, deadline=None, database=None)
N = 2**17 + 1  # so that the quantile of the probability rank / 2**17 is exactly the value of that rank
WIDTH = 2.0**-MANTISSA_BITS  # of a bin, relative to its value
PROMISED = 1e-4  # relative error of a quantile


def draws():
    rng = np.random.default_rng(1)
    normal, uniform = rng.standard_normal(N), rng.random(N)
    sign = rng.choice([-1.0, 1.0], N)
    return {
        "lognormal": np.exp(normal),
        "normal around zero": normal,
        "normal far from zero": 1e6 + normal,
        "negative": -np.exp(0.5 * normal) - 3,
        "zeros": np.where(uniform < 0.3, 0.0, np.exp(normal)),
        "zeros of both signs": np.where(uniform < 0.3, 0.0 * sign, normal),
        "zeros of both signs, none below": np.where(uniform < 0.3, 0.0 * sign, np.exp(normal)),
        "Cauchy": rng.standard_cauchy(N),
        "1e-300 to 1e300": sign * 10.0 ** rng.uniform(-300, 300, N),
        "a die": rng.integers(1, 7, N).astype(float),
        "two values": np.where(uniform < 0.999, 0.1, -7.3),
        "constant": np.full(N, 0.1),
        "constant below zero": np.full(N, -1234.5),
    }


DRAWS = draws()
CONTINUOUS = ["lognormal", "normal around zero", "negative", "Cauchy", "1e-300 to 1e300"]
CONSTANT = ["constant", "constant below zero"]
every = pytest.mark.parametrize("name", DRAWS)
either_mode = pytest.mark.parametrize("exact", [True, False], ids=["exact", "binned"])


def blocks_of(values, cuts):
    edges = [0, *cuts, len(values)]
    return [(start, values[start:stop]) for start, stop in zip(edges, edges[1:], strict=False)]


def accumulated(blocks, exact):
    accumulator = Accumulator(exact)
    for start, values in blocks:
        accumulator.add(start, values)
    return accumulator


def summary_of(values, exact=False, rows=2**14):
    return accumulated(blocks_of(values, range(rows, len(values), rows)), exact).summary()


SUMMARIES = {(name, exact): summary_of(values, exact) for name, values in DRAWS.items() for exact in (True, False)}
RANKS = np.unique(
    np.concatenate([[0, 1, 2, N // 2, N - 3, N - 2, N - 1], np.random.default_rng(2).integers(N, size=999)])
)


@every
def test_binned_quantiles_are_order_statistics_to_a_ten_thousandth(name):
    wanted = np.sort(DRAWS[name])[RANKS]
    got = SUMMARIES[name, False].quantile(RANKS / (N - 1))
    assert (np.abs(got - wanted) <= PROMISED * np.abs(wanted) + 1e-305).all()  # zeros share a bin with 1e-312


@every
def test_exact_quantiles_are_order_statistics(name):
    np.testing.assert_array_equal(SUMMARIES[name, True].quantile(RANKS / (N - 1)), np.sort(DRAWS[name])[RANKS])


@pytest.mark.parametrize("name", ["lognormal", "normal around zero", "Cauchy", "a die"])
def test_exact_quantiles_between_ranks_are_numpys(name):
    probabilities = np.random.default_rng(3).random(500)
    wanted = np.quantile(DRAWS[name], probabilities)
    # Both interpolate; NumPy from the nearer rank.
    np.testing.assert_allclose(SUMMARIES[name, True].quantile(probabilities), wanted, rtol=1e-12, atol=1e-15)


@every
@either_mode
def test_the_ends_are_the_extremes(name, exact):
    summary = SUMMARIES[name, exact]
    assert (summary.low[0], summary.high[-1]) == (DRAWS[name].min(), DRAWS[name].max())
    np.testing.assert_array_equal(summary.quantile([0.0, 1.0]), [DRAWS[name].min(), DRAWS[name].max()])
    assert summary.draws == N == summary.counts.sum()


@pytest.mark.parametrize("name", CONSTANT)
@either_mode
def test_a_constant_is_exact(name, exact):
    summary, value = SUMMARIES[name, exact], DRAWS[name][0]
    np.testing.assert_array_equal(summary.quantile([0.0, 0.05, 0.5, 0.95, 1.0]), value)
    np.testing.assert_array_equal(summary.hdi(0.9), value)
    np.testing.assert_array_equal(summary.quantile_mcse([0.05, 0.5]), 0.0)
    assert (summary.cdf(np.nextafter(value, -np.inf)), summary.cdf(value)) == (0.0, 1.0)
    # The mean of a block is a sum, divided: it may be off by an ulp.
    assert summary.mean == pytest.approx(value, rel=4e-16)
    assert summary.sd <= 4e-16 * abs(value)


@every
@either_mode
def test_mean_and_sd_are_numpys(name, exact):
    values, summary = DRAWS[name], SUMMARIES[name, exact]
    with np.errstate(over="ignore"):
        mean, sd = values.mean(), values.std(ddof=1)
    # Sums of 1e5 terms in another order differ by some ulps of the largest ones.
    assert summary.mean == pytest.approx(mean, rel=1e-12, abs=1e-12 * np.abs(values).mean())
    assert summary.sd == (pytest.approx(sd, rel=1e-9, abs=1e-15 * abs(mean)) if np.isfinite(sd) else sd)


def test_the_sd_keeps_its_digits_far_from_zero():
    values = 1e9 + np.random.default_rng(4).standard_normal(N)
    # Values near 1e9 have a spacing of 1e-7; squares summed without the mean would leave none of the sd's digits.
    assert summary_of(values).sd == pytest.approx((values - 1e9).std(ddof=1), rel=1e-9)


# The order of blocks does not show.


@st.composite
def divided_rows(draw):
    rows = draw(st.integers(2, 400))
    cuts = sorted(draw(st.sets(st.integers(1, rows - 1), max_size=12)))
    parts = len(cuts) + 1
    order = draw(st.permutations(range(parts)))
    owners = draw(st.lists(st.integers(0, 3), min_size=parts, max_size=parts))
    return rows, cuts, order, owners


@SETTINGS
@given(st.sampled_from(list(DRAWS)), divided_rows(), st.booleans())
def test_any_order_of_merging_gives_the_same_bits(name, division, exact):
    rows, cuts, order, owners = division
    values = DRAWS[name][:rows]
    blocks = blocks_of(values, cuts)
    accumulators = [Accumulator(exact) for _ in range(4)]
    for place in order:
        accumulators[owners[place]].merge(accumulated([blocks[place]], exact))
    merged = Accumulator(exact)
    for accumulator in reversed(accumulators):
        merged.merge(accumulator)
    got, wanted = merged.summary(), accumulated(blocks, exact).summary()
    whole = accumulated([(0, values)], exact).summary()
    for other in (wanted, whole):
        np.testing.assert_array_equal(got.counts, other.counts)
        np.testing.assert_array_equal(got.low, other.low)
        np.testing.assert_array_equal(got.high, other.high)
    assert (got.mean, got.sd) == (wanted.mean, wanted.sd)
    # Blocks of other sizes are summed in another order.
    assert got.mean == pytest.approx(whole.mean, rel=1e-12, abs=1e-12 * np.abs(values).mean())


@pytest.mark.parametrize(
    "values", [[0.0, -0.0], [-0.0, 0.0], [0.5, -0.0, 0.3, 0.0], [-0.0] * 3, [0.0] * 3, [-1.0, 0.0, -0.0]]
)
def test_zeros_of_both_signs_are_one_value(values):
    found = accumulated([(0, np.array(values))], False).summary()
    assert found.draws == len(values) and found.cdf(0.0) == np.mean(np.array(values) <= 0)


def test_merging_leaves_the_other_as_it_was():
    low, high = np.linspace(1.0, 1.9, 50), np.linspace(4.0, 7.9, 50)  # in octaves of their own
    one, other = accumulated([(0, low)], False), accumulated([(50, high)], False)
    before = other.summary()
    one.merge(other)
    one.add(100, high)
    after = other.summary()
    np.testing.assert_array_equal(before.counts, after.counts)
    assert (before.mean, before.sd, after.draws) == (after.mean, after.sd, 50)
    assert one.summary().draws == 150


# Bins: negative numbers, whose bits run backwards, are flipped into order.

finite = st.floats(-1e307, 1e307)


@SETTINGS
@given(st.lists(finite, min_size=1, max_size=20))
def test_every_number_lies_in_its_bin_and_bins_are_in_order(numbers):
    values = np.sort(np.array(numbers + [-value for value in numbers] + [0.0, -0.0]))
    bins = bin_numbers(values, values[0])
    low, high = bin_edges(bins)
    assert ((low <= values) & (values <= high)).all()
    assert (np.diff(bins)[np.diff(values) > 0] >= 0).all()
    normal = np.abs(values) > 1e-300
    assert (high - low <= WIDTH * np.minimum(np.abs(low), np.abs(high)))[normal].all()
    # The next bin starts at the next double.
    inside = np.abs(high) > 0
    np.testing.assert_array_equal(np.nextafter(high, np.inf)[inside], bin_edges(bins + 1)[0][inside])


def test_numbers_of_either_sign_have_mirrored_bins():
    values = np.array([-1.7e308, -2.0, -1.0, -1e-300, -5e-324, -0.0, 0.0, 5e-324, 1e-300, 1.0, 2.0, 1.7e308])
    bins = bin_numbers(values, values[0])
    assert (np.diff(bins) >= 0).all() and len(np.unique(bins)) == 10  # 5e-324 shares the bin of its zero
    np.testing.assert_array_equal(bins, -1 - bins[::-1])
    # Where nothing is below zero the bits need no flip, and the bins are the same.
    np.testing.assert_array_equal(bin_numbers(values[6:], 0.0), bins[6:])


# Probabilities, densities and highest-density intervals.


@pytest.mark.parametrize("name", CONTINUOUS)
@either_mode
def test_cdf_is_the_inverse_of_quantile(name, exact):
    summary, probabilities = SUMMARIES[name, exact], np.arange(1, 100) / 100
    got = [summary.cdf(value) for value in summary.quantile(probabilities)]
    np.testing.assert_allclose(got, probabilities, rtol=0, atol=2 / N)  # a quantile lies between two draws


@every
def test_exact_cdf_counts_the_draws_up_to_a_value(name):
    values, summary = DRAWS[name], SUMMARIES[name, True]
    for value in [*values[:20], 0.0, -1e301, 1e301]:
        assert summary.cdf(value) == np.count_nonzero(values <= value) / N


@pytest.mark.parametrize("name", CONTINUOUS)
@either_mode
def test_density_integrates_to_the_share_of_draws_between_the_edges(name, exact):
    values, summary = DRAWS[name], SUMMARIES[name, exact]
    edges = np.unique(summary.quantile(np.linspace(0.01, 0.99, 41)))
    shares = summary.density(edges) * np.diff(edges)
    counted = np.histogram(values, edges)[0] / N
    # In binned mode an edge may cut a bin in two, and a bin holds some ten draws.
    np.testing.assert_allclose(shares, counted, rtol=1e-9, atol=2 / N if exact else 20 / N)
    assert shares.sum() == pytest.approx(0.98, abs=2 / N)
    beyond = np.abs(values).max() * np.array([1.1, 1.2])
    assert summary.density(beyond)[0] == summary.density(-beyond[::-1])[0] == 0


def test_density_is_that_of_the_distribution():
    edges = np.linspace(-3, 3, 61)
    shares = SUMMARIES["normal around zero", False].density(edges) * np.diff(edges)
    theory = np.diff(stats.norm.cdf(edges))
    # A count is binomial; of 60 bins none is 4.5 standard deviations off.
    assert (np.abs(shares - theory) / np.sqrt(theory * (1 - theory) / N)).max() < 4.5


@every
@pytest.mark.parametrize("probability", [0.1, 0.5, 0.9, 0.999])
def test_exact_hdi_is_that_of_arviz(name, probability):
    np.testing.assert_array_equal(
        SUMMARIES[name, True].hdi(probability), arviz_stats.hdi(DRAWS[name], prob=probability)
    )


@pytest.mark.parametrize("name", CONTINUOUS)
@pytest.mark.parametrize("probability", [0.5, 0.9])
def test_binned_hdi_is_as_narrow_and_holds_as_many(name, probability):
    low, high = SUMMARIES[name, False].hdi(probability)
    wanted = arviz_stats.hdi(DRAWS[name], prob=probability)
    # Where many intervals are almost as narrow the ends may differ, but not the width by more than two bins.
    slack = 2 * WIDTH * np.abs([*wanted, low, high]).max()
    assert high - low == pytest.approx(wanted[1] - wanted[0], abs=slack)
    held = np.count_nonzero((low <= DRAWS[name]) & (DRAWS[name] <= high)) / N
    assert held == pytest.approx(probability, abs=20 / N)  # the draws of a bin at either end


# Monte Carlo errors: what is printed is how far repeated runs lie apart.

# CASES 8: the error of a quantile is sqrt(p (1 - p) / n) / f(q).
SPREADS = [
    (stats.norm(), 0.5, 0.01253314),
    (stats.norm(), 0.95, 0.02113188),
    (stats.norm(), 0.975, 0.02671311),
    (stats.lognorm(0.5), 0.95, 0.02404825),
    (stats.lognorm(0.5), 0.975, 0.03558731),
]


@pytest.mark.parametrize(("distribution", "p", "known"), SPREADS)
def test_the_error_of_a_quantile_is_that_of_theory(distribution, p, known):
    n, repetitions = 10_000, 200
    theory = (p * (1 - p) / n) ** 0.5 / distribution.pdf(distribution.ppf(p))
    assert theory == pytest.approx(known, rel=1e-6)
    rng = np.random.default_rng(5)
    runs = [summary_of(distribution.rvs(n, random_state=rng), exact=True) for _ in range(repetitions)]
    printed = np.mean([run.quantile_mcse(p) for run in runs])
    spread = np.std([run.quantile(p) for run in runs], ddof=1)
    # One run's error is of sd 15 % (it counts some 2 sqrt(n p q) draws), the mean of 200 of 1 %.
    assert printed == pytest.approx(theory, rel=0.05)
    # The sd of 200 runs is itself known to 1 / sqrt(400) = 5 %: four of these.
    assert spread == pytest.approx(theory, rel=0.2)


def test_the_error_of_a_quantile_is_the_same_from_bins():
    for name in ("lognormal", "normal around zero"):
        exact, binned = (SUMMARIES[name, mode].quantile_mcse([0.05, 0.5, 0.95]) for mode in (True, False))
        # A distance of order statistics, each moved inside its bin.
        atol = WIDTH * np.abs(SUMMARIES[name, True].quantile([0.05, 0.5, 0.95]))
        assert (np.abs(exact - binned) <= atol).all()
    assert SUMMARIES["lognormal", True].quantile_mcse(0.0) == 0.0


@pytest.mark.parametrize("centre", [1e4, 1e6, 1e9])
def test_errors_hold_what_a_bin_hides(centre):
    """Draws whose spread is a bin, or much less, are not spread evenly in it."""
    values, probabilities = centre + DRAWS["normal around zero"], [0.05, 0.25, 0.5, 0.75, 0.95]
    binned, exact = (summary_of(values, mode) for mode in (False, True))
    off = np.abs(binned.quantile(probabilities) - exact.quantile(probabilities))
    assert (off <= 3 * binned.quantile_mcse(probabilities)).all()
    assert (np.abs(binned.hdi(0.9) - exact.hdi(0.9)) <= 3 * binned.hdi_mcse(0.9, np.random.default_rng(7))).all()


PROBABILITIES = np.array([0.05, 0.25, 0.5, 0.75, 0.95])
# CASES 4: a product of lognormals is lognormal, with the sums of the logarithms' means and variances.
M, S = np.log(MEDIANS).sum(), (SIGMAS**2).sum() ** 0.5
QUANTILES = np.exp(M + S * stats.norm.ppf(PROBABILITIES))
MEAN, SD = np.exp(M + S**2 / 2), np.exp(M + S**2 / 2) * np.expm1(S**2) ** 0.5
PRODUCT = lognormal_product()


def run_of(draws, seed, exact=None):
    if exact is None:
        return summarise(PRODUCT.model, ["product"], draws=draws, seed=seed, executor=Threads(1))["product"]
    return accumulate(Evaluator(PRODUCT.model, ["product"]), range(draws), seed=seed, exact=exact)[
        "product"
    ].summary()


def test_closed_form_of_the_product_is_the_known_one():
    known = [9.8253090996, 48.0, 234.4964394]
    np.testing.assert_allclose(QUANTILES[[0, 2, 4]], known, rtol=1e-9)
    np.testing.assert_allclose([S, MEAN, SD], [0.9643650761, 76.41668107, 94.66139855], rtol=1e-9)


@pytest.mark.parametrize("draws", [100_000, 1_000_000])
def test_a_run_gives_the_closed_form_within_its_own_errors(draws):
    run = run_of(draws, seed=1)
    assert run.draws == draws and (run.low is run.high) == (draws <= EXACT)
    assert (np.abs(run.quantile(PROBABILITIES) - QUANTILES) < 4 * run.quantile_mcse(PROBABILITIES)).all()
    assert abs(run.mean - MEAN) < 4 * SD / draws**0.5
    # The error of a variance: sqrt((kurtosis - 1) / n) of it, of an sd half that; the kurtosis of a lognormal is
    # w^4 + 2 w^3 + 3 w^2 - 3 with w = exp(S^2).
    w = np.exp(S**2)
    assert abs(run.sd - SD) < 4 * SD / 2 * ((w**4 + 2 * w**3 + 3 * w**2 - 4) / draws) ** 0.5


RUNS = [run_of(4000, seed) for seed in range(200)]


def test_printed_errors_are_the_spread_over_seeds():
    spread = np.std([run.quantile(PROBABILITIES) for run in RUNS], axis=0, ddof=1)
    printed = np.mean([run.quantile_mcse(PROBABILITIES) for run in RUNS], axis=0)
    theory = (PROBABILITIES * (1 - PROBABILITIES) / 4000) ** 0.5 / stats.lognorm(S, 0, np.exp(M)).pdf(QUANTILES)
    # The sd of 200 runs is itself known to 1 / sqrt(400) = 5 %: four of these.
    np.testing.assert_allclose(printed, spread, rtol=0.2)
    # The mean of 200 printed errors, each of sd 20 %, is known to 1.5 %; their bias in the tail is as large.
    np.testing.assert_allclose(printed, theory, rtol=0.05)


def test_intervals_of_two_errors_hold_the_truth_as_often_as_they_should():
    held = [np.abs(run.quantile(PROBABILITIES) - QUANTILES) < 2 * run.quantile_mcse(PROBABILITIES) for run in RUNS]
    # 95 % of 200 runs, with sd 1.5 %: four of these; the error itself is an estimate, which costs one more percent.
    assert (np.abs(np.mean(held, axis=0) - 0.95) < 0.07).all()


def test_the_error_of_hdi_ends_is_their_spread():
    ends = np.array([run.hdi(0.9) for run in RUNS])
    printed = np.mean([run.hdi_mcse(0.9, np.random.default_rng(6)) for run in RUNS[:20]], axis=0)
    # The ends of the narrowest interval are no smooth function of the draws, so resampling tells it roughly.
    np.testing.assert_allclose(printed, ends.std(axis=0, ddof=1), rtol=0.4)


def test_one_draw_is_a_summary():
    for exact in (True, False):
        summary = summary_of(np.array([2.5]), exact)
        assert isinstance(summary, BinnedDistribution) and summary.draws == 1
        np.testing.assert_array_equal(summary.quantile([0.0, 0.5, 1.0]), 2.5)
        np.testing.assert_array_equal(summary.hdi(0.9), 2.5)
        assert (summary.mean, summary.sd) == (2.5, 0.0)


@pytest.mark.parametrize("rows", [1000, N])
@pytest.mark.parametrize("threads", [1, 3])
def test_draws_below_and_at_a_threshold_are_counted_exactly(rows, threads):
    """A discrete quantity, 1 with probability 0.1, 2 with 0.6, 5 with 0.3: what is at 2 is not below it."""
    values = build_distribution("discrete", {"values": [1.0, 2.0, 5.0], "weights": [0.1, 0.6, 0.3]})
    scenario = models.scenario(models.alone, x1=values)  # twice the value
    asked = {"draws": rows, "seed": 1, "executor": Threads(threads)}
    drawn = sample(scenario.model, ["alone"], draws=rows, seed=1)["alone"]
    summary = summarise(scenario.model, ["alone"], thresholds={"alone": [4.0, 3.0]}, **asked)["alone"]
    assert summary.count(4.0) == ((drawn < 4).sum(), (drawn == 4).sum())
    assert summary.count(3.0) == ((drawn < 3).sum(), 0)
    assert summary.mid_rank(4.0) == pytest.approx((drawn < 4).mean() + (drawn == 4).mean() / 2, abs=1e-15)


@either_mode
@pytest.mark.parametrize("name", ["zeros", "zeros of both signs", "zeros of both signs, none below"])
def test_zero_is_an_atom_of_its_own(name, exact):
    values = DRAWS[name]
    summary = summary_of(values, exact)
    assert summary.count(0.0) == ((values < 0).sum(), (values == 0).sum())
    middle = (np.count_nonzero(values < 0) + np.count_nonzero(values == 0) / 2) / N
    assert float(summary.quantile(middle)) == 0.0
