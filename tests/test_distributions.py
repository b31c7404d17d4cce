"""Every family and form against SciPy, the table of quantiles against the exact ones, and what is asked for."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.integrate import quad
from scipy.optimize import brentq

from simulator.distributions import FAMILIES, Fixed, affine, build_distribution, quantile_function
from simulator.distributions.compound import Truncated
from simulator.distributions.families import ANY_MORE, QUANTILE
from simulator.distributions.mixture import mixture
from simulator.distributions.normal import Normal
from simulator.sampling.sampler import stream

SETTINGS = settings(max_examples=60, derandomize=True, deadline=None, database=None)
SMALLEST, LARGEST = 2.0**-54, 1 - 2.0**-53  # of the draws: a 0 counts as half the spacing of the uniforms
Z95 = stats.norm.ppf(0.95)
CLOSED, SOLVED = 1e-12, 1e-7  # rounding of a closed form; a search ends at 1e-8 of the distance of the quantiles


def pert(low, mode, high, shape=4.0):
    """Return SciPy's beta that is this PERT (CASES 7: alpha = 1 + shape (mode - low) / (high - low))."""
    rise = (mode - low) / (high - low)
    return stats.beta(1 + shape * rise, 1 + shape * (1 - rise), low, high - low)


def triangular(low, mode, high):
    """Return SciPy's triangular, its upper quantiles from its mirror image: its own lose the digits of the tail."""
    width = high - low
    it, mirrored = stats.triang((mode - low) / width, low, width), stats.triang((high - mode) / width, -high, width)
    return SimpleNamespace(
        support=it.support,
        cdf=it.cdf,
        ppf=it.ppf,
        stats=it.stats,
        sf=lambda x: mirrored.cdf(-x),
        isf=lambda v: -mirrored.ppf(v),
    )


def lognormal(mu, sigma, shift=0.0):
    return stats.lognorm(sigma, shift, np.exp(mu))


def quantiles(distribution, **more):
    """Return the parameters p05 and p95 that a distribution of SciPy has, with others."""
    return {"p05": float(distribution.ppf(0.05)), "p95": float(distribution.ppf(0.95)), **more}


def three(distribution):
    return quantiles(distribution, p50=float(distribution.ppf(0.5)))


def normal(mean, sd):
    return build_distribution("normal", {"mean": mean, "sd": sd})


def truncated(base, low, high):
    """Return a distribution of SciPy given that the value lies in [low, high], through its cdf."""
    below, above = base.cdf(low), base.sf(high)
    mass = 1 - below - above
    ends = base.support()
    return SimpleNamespace(
        support=lambda: (max(ends[0], low), min(ends[1], high)),
        cdf=lambda x: np.clip((base.cdf(x) - below) / mass, 0, 1),
        ppf=lambda u: np.clip(base.ppf(np.minimum(below + u * mass, LARGEST)), low, high),  # the sum may round to 1
        isf=lambda v: np.clip(base.isf(np.minimum(above + v * mass, LARGEST)), low, high),
    )


def logit_logistic(mu, scale, low, high):
    """Return the metalog of two terms between bounds, by its own formulas."""

    def between(z):
        return low + (high - low) / (1 + np.exp(-z))

    def log_odds(x):
        x = np.clip(x, low, high)
        with np.errstate(divide="ignore"):
            return (np.log(x - low) - np.log(high - x) - mu) / scale

    it = stats.logistic(mu, scale)
    return SimpleNamespace(
        support=lambda: (low, high),
        cdf=lambda x: 1 / (1 + np.exp(-log_odds(x))),
        sf=lambda x: 1 / (1 + np.exp(log_odds(x))),
        ppf=lambda u: between(it.ppf(u)),
        isf=lambda v: between(it.isf(v)),
    )


def mixed(*parts):
    """Return a mixture of distributions of SciPy, (weight, distribution) each, its quantiles by root-finding."""

    def cdf(x):
        return sum(weight * it.cdf(x) for weight, it in parts)

    def sf(x):
        return sum(weight * it.sf(x) for weight, it in parts)

    @np.vectorize
    def quantile(u, v):
        """Return where the probabilities below and above are u and v, from the nearer end."""
        low, high = (end([it.ppf(u) if u < v else it.isf(v) for _, it in parts]) for end in (min, max))
        return brentq(
            (lambda x: np.log(cdf(x) / u)) if u < v else (lambda x: np.log(v / sf(x))), low, high, xtol=1e-14
        )

    lows, highs = zip(*(it.support() for _, it in parts), strict=True)
    return SimpleNamespace(
        support=lambda: (min(lows), max(highs)),
        cdf=cdf,
        sf=sf,
        ppf=lambda u: quantile(u, 1 - u),
        isf=lambda v: quantile(1 - v, v),
    )


def log_logistic(mu, scale):
    """Return the metalog of two terms above 0: SciPy's own has lost the digits of its upper tail."""
    it = stats.logistic(mu, scale)
    return SimpleNamespace(
        support=lambda: (0.0, np.inf),
        cdf=lambda x: it.cdf(np.log(np.maximum(x, 1e-300))),
        ppf=lambda u: np.exp(it.ppf(u)),
        isf=lambda v: np.exp(it.isf(v)),
    )


VARIANCE = np.log1p((3 / 5) ** 2)  # of the logarithm, where mean and sd are 5 and 3
SIZE = 0.3 * 0.7 / 0.1**2 - 1  # alpha + beta, where mean and sd are 0.3 and 0.1
# family, parameters, the same distribution in SciPy, relative tolerance
PLAIN = {
    "uniform": ("uniform", dict(low=2.0, high=5.0), stats.uniform(2, 3), CLOSED),
    "uniform below 0": ("uniform", dict(low=-5.0, high=-2.0), stats.uniform(-5, 3), CLOSED),
    "uniform by quantiles": ("uniform", dict(p05=1.0, p95=10.0), stats.uniform(0.5, 10), CLOSED),
    "uniform by moments": ("uniform", dict(mean=4.0, sd=1.0), stats.uniform(4 - 3**0.5, 12**0.5), CLOSED),
    "triangular": ("triangular", dict(low=1.0, mode=2.0, high=6.0), triangular(1, 2, 6), CLOSED),
    "triangular, falling": ("triangular", dict(low=1.0, mode=1.0, high=6.0), triangular(1, 1, 6), CLOSED),
    "triangular, rising": ("triangular", dict(low=1.0, mode=6.0, high=6.0), triangular(1, 6, 6), CLOSED),
    "triangular by quantiles": (
        "triangular",
        quantiles(triangular(1, 2, 6), mode=2.0),
        triangular(1, 2, 6),
        SOLVED,
    ),
    "pert": ("pert", dict(low=1.0, mode=2.0, high=6.0), pert(1, 2, 6), CLOSED),
    "pert, flat": ("pert", dict(low=1.0, mode=2.0, high=6.0, shape=0.5), pert(1, 2, 6, 0.5), CLOSED),
    "pert by quantiles": ("pert", quantiles(pert(1, 2, 6), mode=2.0), pert(1, 2, 6), SOLVED),
    "pert, flat, by quantiles": (
        "pert",
        quantiles(pert(1, 2, 6, 2), mode=2.0, shape=2.0),
        pert(1, 2, 6, 2),
        SOLVED,
    ),
    "normal": ("normal", dict(mean=-1.0, sd=2.0), stats.norm(-1, 2), CLOSED),
    "normal, standard": ("normal", dict(mean=0.0, sd=1.0), stats.norm(), CLOSED),
    "normal by quantiles": ("normal", dict(p05=-1.0, p95=5.0), stats.norm(2, 3 / Z95), CLOSED),
    "lognormal": ("lognormal", dict(mu=1.0, sigma=0.5), lognormal(1, 0.5), CLOSED),
    "lognormal, shifted": ("lognormal", dict(mu=1.0, sigma=0.5, shift=1.0), lognormal(1, 0.5, 1), CLOSED),
    "lognormal by quantiles": (
        "lognormal",
        dict(p05=10.0, p95=50.0),
        lognormal(np.log(500) / 2, np.log(5) / (2 * Z95)),
        CLOSED,
    ),
    "lognormal by quantiles, shifted": (
        "lognormal",
        dict(p05=1.1, p95=1.5, shift=1.0),
        lognormal(np.log(0.05) / 2, np.log(5) / (2 * Z95), 1),
        CLOSED,
    ),
    "lognormal by median": ("lognormal", dict(median=3.0, gsd=1.5), lognormal(np.log(3), np.log(1.5)), CLOSED),
    "lognormal by median, shifted": (
        "lognormal",
        dict(median=3.0, gsd=1.5, shift=-2.0),
        lognormal(np.log(5), np.log(1.5), -2),
        CLOSED,
    ),
    "lognormal by moments": (
        "lognormal",
        dict(mean=5.0, sd=3.0),
        lognormal(np.log(5) - VARIANCE / 2, VARIANCE**0.5),
        CLOSED,
    ),
    "lognormal by moments, shifted": (
        "lognormal",
        dict(mean=6.0, sd=3.0, shift=1.0),
        lognormal(np.log(5) - VARIANCE / 2, VARIANCE**0.5, 1),
        CLOSED,
    ),
    "beta": ("beta", dict(alpha=2.0, beta=5.0), stats.beta(2, 5), CLOSED),
    "beta, U-shaped": ("beta", dict(alpha=0.5, beta=0.5), stats.beta(0.5, 0.5), CLOSED),
    "beta, stretched": ("beta", dict(alpha=2.0, beta=5.0, low=-1.0, high=3.0), stats.beta(2, 5, -1, 4), CLOSED),
    "beta by moments": ("beta", dict(mean=0.3, sd=0.1), stats.beta(0.3 * SIZE, 0.7 * SIZE), CLOSED),
    "beta by quantiles": ("beta", quantiles(stats.beta(2, 5)), stats.beta(2, 5), SOLVED),
    "log-uniform": ("log-uniform", dict(low=2.0, high=50.0), stats.loguniform(2, 50), CLOSED),
    "log-uniform by quantiles": ("log-uniform", quantiles(stats.loguniform(2, 50)), stats.loguniform(2, 50), CLOSED),
    "triangular by three": ("triangular", three(triangular(1, 2, 6)), triangular(1, 2, 6), SOLVED),
    "pert by three": ("pert", three(pert(1, 2, 6)), pert(1, 2, 6), SOLVED),
    "lognormal by three": ("lognormal", three(lognormal(1, 0.5, 1)), lognormal(1, 0.5, 1), SOLVED),
    "student-t": ("student-t", dict(df=4.0, loc=5.0, scale=2.0), stats.t(4, 5, 2), CLOSED),
    "student-t by quantiles": ("student-t", quantiles(stats.t(4, 5, 2), df=4.0), stats.t(4, 5, 2), CLOSED),
    "gamma": ("gamma", dict(shape=2.0, scale=3.0), stats.gamma(2, scale=3), CLOSED),
    "gamma, shifted": ("gamma", dict(shape=2.0, scale=3.0, shift=1.0), stats.gamma(2, 1, 3), CLOSED),
    "gamma by moments": ("gamma", dict(mean=6.0, sd=4.0), stats.gamma(2.25, scale=8 / 3), CLOSED),
    "gamma by quantiles": ("gamma", quantiles(stats.gamma(2, scale=3)), stats.gamma(2, scale=3), SOLVED),
    "gamma by three": ("gamma", three(stats.gamma(2, 1, 3)), stats.gamma(2, 1, 3), SOLVED),
    "metalog": ("metalog", quantiles(stats.logistic(3, 2)), stats.logistic(3, 2), CLOSED),
    "metalog above": ("metalog", quantiles(log_logistic(1, 0.2), low=0.0), log_logistic(1, 0.2), CLOSED),
    "metalog between": (
        "metalog",
        quantiles(logit_logistic(0.5, 0.4, 1, 5), low=1.0, high=5.0),
        logit_logistic(0.5, 0.4, 1, 5),
        CLOSED,
    ),
    "mixture": (
        "mixture",
        dict(components=[(0.3, normal(0.0, 1.0)), (0.7, normal(10.0, 2.0))]),
        mixed((0.3, stats.norm(0, 1)), (0.7, stats.norm(10, 2))),
        1e-11,  # in the gap the density is 1e-4 of what it is around, and the rounding of a probability is multiplied
    ),
    "beta by quantiles, stretched": (
        "beta",
        quantiles(stats.beta(3, 2, 10, 5), low=10.0, high=15.0),
        stats.beta(3, 2, 10, 5),
        SOLVED,
    ),
}
BOUNDS = {
    "uniform": (1.0, 4.0),
    "triangular": (1.5, 5.0),
    "triangular, falling": (2.0, 4.0),
    "pert": (-np.inf, 4.0),
    "normal": (0.0, np.inf),
    "normal, standard": (-1.0, 2.0),
    "lognormal": (2.0, 9.0),
    "lognormal, shifted": (-5.0, 3.0),
    "beta": (0.2, 0.7),
    "beta, stretched": (-0.5, 3.5),
    "log-uniform": (3.0, 60.0),
    "student-t": (0.0, np.inf),
    "gamma": (1.0, 20.0),
    "mixture": (-1.0, 11.0),
}
ORACLES = {
    name: (family, parameters, None, oracle, rtol) for name, (family, parameters, oracle, rtol) in PLAIN.items()
}
for name, bounds in BOUNDS.items():
    family, parameters, oracle, rtol = PLAIN[name]
    # A truncated quantile loses the digits of the probability that is cut off.
    ORACLES[f"{name}, bounded"] = (family, parameters, bounds, truncated(oracle, *bounds), 10 * rtol)
DISTRIBUTIONS = {name: build_distribution(*case[:3]) for name, case in ORACLES.items()}
every = pytest.mark.parametrize("name", ORACLES)


def probabilities(rows=200):
    u = np.random.default_rng(1).random(rows)
    return np.sort(np.concatenate([[SMALLEST, 1e-12, 1e-6, 0.25, 0.5, 0.75, 1 - 1e-6, 1 - 1e-12, LARGEST], u]))


def test_every_form_and_option_of_every_family_is_among_the_cases():
    known = {
        (family, tuple(name for name in form if name != ANY_MORE))
        for family, item in FAMILIES.items()
        if family not in ("fixed", "discrete", "empirical")  # these have tests of their own
        for form in item.forms
    }
    options = {(family, option) for family, item in FAMILIES.items() for option in item.options}
    used = {(family, name) for family, parameters, *_ in PLAIN.values() for name in parameters}
    tried = {
        (family, tuple(name for name in parameters if name not in FAMILIES[family].options))
        for family, parameters, *_ in PLAIN.values()
    }
    assert {(family, tuple(sorted(form))) for family, form in known} == {
        (family, tuple(sorted(form))) for family, form in tried
    }
    assert options <= used
    # A metalog has quantiles alone, which it keeps within bounds.
    assert {family for family, _ in known} - {"metalog"} == {PLAIN[name][0] for name in BOUNDS}


@every
def test_quantiles_and_probabilities_are_scipys(name):
    *_, oracle, rtol = ORACLES[name]
    distribution, u = DISTRIBUTIONS[name], probabilities()
    x = oracle.ppf(u)
    scale = rtol * np.ptp(x[10:-10])  # where a quantile is near 0, its digits are those of its neighbours
    np.testing.assert_allclose(distribution.ppf(u), x, rtol=rtol, atol=scale)
    np.testing.assert_allclose(distribution.isf(u), oracle.isf(u), rtol=rtol, atol=scale)
    np.testing.assert_allclose(distribution.cdf(x), oracle.cdf(x), rtol=0, atol=rtol)
    outside = np.array([-1e9, 1e9])
    np.testing.assert_allclose(distribution.cdf(outside), oracle.cdf(outside), rtol=1e-14)


@every
def test_probability_of_a_quantile_is_the_one_asked_for(name):
    distribution, u = DISTRIBUTIONS[name], probabilities()
    # A double of size 1 has a spacing of 2e-16; at the end of the U-shaped beta its square root is left.
    atol = 1e-7 if "U-shaped" in name else 1e-13
    np.testing.assert_allclose(distribution.cdf(distribution.ppf(u)), u, rtol=0, atol=atol)
    np.testing.assert_allclose(distribution.cdf(distribution.isf(u)), 1 - u, rtol=0, atol=atol)


@every
def test_quantiles_rise_and_are_finite_inside_the_support(name):
    distribution, u = DISTRIBUTIONS[name], probabilities(2000)
    low, high = distribution.support
    for values in (distribution.ppf(u), distribution.isf(u)[::-1]):
        assert np.isfinite(values).all()
        # Neighbours may swap by the rounding of a quantile.
        rounding = 4 * np.finfo(float).eps * np.abs(values).max()
        assert np.diff(values).min() >= -rounding
        assert low - rounding <= values.min() and values.max() <= high + rounding


@every
def test_support_is_where_the_probability_lies(name):
    # Ends of places that were found, not given, are as near as the search.
    np.testing.assert_allclose(
        DISTRIBUTIONS[name].support, ORACLES[name][3].support(), rtol=ORACLES[name][4], atol=1e-15
    )


def exact(distribution, u):
    """Return the exact quantiles, each from the nearer end."""
    if distribution.closed_form:
        return distribution.ppf(u)
    probability = np.maximum(u, SMALLEST)
    return np.where(u > 0.5, distribution.isf(1 - probability), distribution.ppf(probability))


def scale_of(distribution, u):
    """Return the size of each quantile and of its change over a 64th of the probability left to the nearer end."""
    tail = np.clip(np.minimum(u, 1 - u), SMALLEST, 0.5)
    ends = [np.where(u > 0.5, distribution.isf(part), distribution.ppf(part)) for part in (tail, tail * (1 - 1 / 64))]
    return np.abs(exact(distribution, u)) + np.abs(ends[1] - ends[0])


def drawn(distribution, u):
    return quantile_function(distribution)(u)


# All edges of the table's bins, 64 an octave down to 2**-15, from either end; and what lies beyond them.
EDGES = (2.0 ** -np.arange(1, 16)[:, None] * (1 + np.arange(64) / 64)).ravel()
EDGES = EDGES[EDGES <= 0.5]
SPECIAL = np.concatenate(
    [
        [0.0, SMALLEST, 2.0**-53, 1e-17, 1e-9, 0.5, np.nextafter(0.5, 0), np.nextafter(0.5, 1), 1 - 1e-9, LARGEST],
        EDGES,
        1 - EDGES,
        np.nextafter(EDGES, 0),
        np.nextafter(1 - EDGES, 1),
    ]
)


@every
@pytest.mark.parametrize("u", [SPECIAL, np.random.default_rng(2).random(20_000)], ids=["special", "random"])
def test_the_table_meets_the_exact_quantiles(name, u):
    distribution, before = DISTRIBUTIONS[name], u.copy()
    error = np.abs(drawn(distribution, u) - exact(distribution, u)) / scale_of(distribution, u)
    assert error.max() < 1e-9  # what the table promises
    np.testing.assert_array_equal(u, before)


@pytest.mark.parametrize("sigma", [1.0, 2.0, 5.0, 20.0])
def test_the_table_keeps_its_promise_for_heavy_tails(sigma):
    distribution, u = (
        build_distribution("lognormal", {"mu": 0.0, "sigma": sigma}),
        np.random.default_rng(3).random(50_000),
    )
    error = np.abs(drawn(distribution, u) - exact(distribution, u)) / scale_of(distribution, u)
    assert error.max() < 1e-9


@pytest.mark.parametrize("place", [0.1, 0.25, 0.375, 0.5, 0.6, 0.9])
@pytest.mark.parametrize("bin", [0, 31, 63])
def test_the_table_sees_a_kink_wherever_in_a_bin_it_lies(bin, place):
    share = 0.25 + (bin + place) / 256  # the probability below the mode
    # Of the triangle on [0, 1] with its mode in the middle, cut off where (1/2 - F) / (1 - F) = share, F = 2 low^2.
    low = ((0.5 - share) / (1 - share) / 2) ** 0.5
    distribution = build_distribution("triangular", dict(low=0.0, mode=0.5, high=1.0), (low, 1.0))
    assert distribution.cdf(np.array(0.5)) == pytest.approx(share, abs=1e-14)
    u = np.linspace(0.25 + bin / 256, 0.25 + (bin + 1) / 256, 500)
    error = np.abs(drawn(distribution, u) - exact(distribution, u)) / scale_of(distribution, u)
    assert error.max() < 1e-9


@every
def test_draws_follow_the_distribution(name):
    u = stream(1, name).random(20_000)
    # One seed for each of some forty cases: a right one fails with probability 0.001, and these seeds do not.
    assert stats.kstest(drawn(DISTRIBUTIONS[name], u), ORACLES[name][3].cdf).pvalue > 1e-3


@pytest.mark.parametrize("name", [name for name, case in PLAIN.items() if hasattr(case[2], "stats")])
def test_draws_have_the_moments_of_the_distribution(name):
    rows = 400_000
    draws = drawn(DISTRIBUTIONS[name], stream(2, name).random(rows))
    mean, variance, _, kurtosis = ORACLES[name][3].stats("mvsk")
    # Five standard errors of a mean and of a variance.
    assert draws.mean() == pytest.approx(mean, abs=5 * (variance / rows) ** 0.5)
    assert draws.var() == pytest.approx(variance, rel=5 * ((kurtosis + 2) / rows) ** 0.5)


def test_a_fixed_value_within_bounds_stays_fixed():
    assert build_distribution("fixed", {"value": 5.0}, (5.0, 10.0)) == Fixed(5.0)
    with pytest.raises(ValueError, match="value must lie within 6 to 10, got 5"):
        build_distribution("fixed", {"value": 5.0}, (6.0, 10.0))


def test_a_fixed_value_is_itself_everywhere():
    fixed = build_distribution("fixed", {"value": -2.5})
    u = np.array([0.0, SMALLEST, 0.5, LARGEST])
    for values in (fixed.ppf(u), fixed.isf(u), drawn(fixed, u)):
        np.testing.assert_array_equal(values, -2.5)
    np.testing.assert_array_equal(fixed.cdf(np.array([-2.6, -2.5, -2.4])), [0, 1, 1])
    assert fixed.support == (-2.5, -2.5)


@every
def test_another_unit_scales_every_quantile(name):
    distribution, u = DISTRIBUTIONS[name], probabilities()
    scaled = affine(distribution, 0.0, 1e-3)
    span = 1e-3 * np.ptp(distribution.ppf(u[10:-10]))
    # Places are scaled before they are subtracted, so the rounding is that of the largest.
    np.testing.assert_allclose(scaled.ppf(u), 1e-3 * distribution.ppf(u), rtol=1e-14, atol=1e-14 * span)
    np.testing.assert_allclose(scaled.isf(u), 1e-3 * distribution.isf(u), rtol=1e-14, atol=1e-14 * span)
    np.testing.assert_allclose(scaled.support, 1e-3 * np.array(distribution.support), rtol=1e-14)


# What is asked for is what one gets.

FORMS = [name for name, (_, parameters, *_) in PLAIN.items() if {"p05", "p95"} <= parameters.keys()]


@pytest.mark.parametrize("name", FORMS)
def test_quantiles_asked_for_are_got(name):
    _, parameters, _, _ = PLAIN[name]
    got = DISTRIBUTIONS[name].ppf(np.array([0.05, 0.95]))
    # The search stops within 1e-8 of the distance between the quantiles.
    atol = 1e-8 * (parameters["p95"] - parameters["p05"])
    np.testing.assert_allclose(got, [parameters["p05"], parameters["p95"]], rtol=0, atol=atol)


def cut_off(name, margin):
    """Build a distribution by its quantiles within bounds: a share of their distance below, twice that above."""
    family, parameters, _, _ = PLAIN[name]
    width = parameters["p95"] - parameters["p05"]
    lowest = DISTRIBUTIONS[name].support[0]
    bounds = (max(parameters["p05"] - margin * width, lowest), parameters["p95"] + 2 * margin * width)
    return build_distribution(family, parameters, bounds), width


@pytest.mark.parametrize("margin", [0.1, 0.5, np.inf])
@pytest.mark.parametrize("name", FORMS)
def test_quantiles_asked_for_are_got_within_bounds(name, margin):
    """Cut off near the outer quantiles, where a distribution that was cut off afterwards would miss them most."""
    if (name, margin) == ("lognormal by three", 0.1):
        margin = 0.15  # its long tail needs more room
    distribution, width = cut_off(name, margin)
    assert isinstance(distribution, Truncated)
    asked = {key: value for key, value in PLAIN[name][1].items() if QUANTILE.fullmatch(key)}
    got = distribution.ppf(np.array([float(f"0.{key[1:]}") for key in asked]))
    np.testing.assert_allclose(got, list(asked.values()), rtol=0, atol=1e-8 * width)


@pytest.mark.parametrize("name", FORMS)
def test_tails_that_no_density_with_one_mode_has_are_refused(name):
    """5 % in a hundredth of the width on either side is five and two and a half times the density between them."""
    with pytest.raises(ValueError, match="no distribution of this family has these quantiles within these bounds"):
        cut_off(name, 0.01)


MOMENTS = [name for name, (_, parameters, *_) in PLAIN.items() if {"mean", "sd"} <= parameters.keys()]


@pytest.mark.parametrize("name", MOMENTS)
def test_moments_asked_for_are_got(name):
    distribution, (_, parameters, _, _) = DISTRIBUTIONS[name], PLAIN[name]

    def integral(function):
        """Return the expectation: of the lower half through ppf, of the upper through isf."""
        return sum(quad(lambda u: function(side(u)), 0, 0.5)[0] for side in (distribution.ppf, distribution.isf))

    mean = integral(lambda x: x)
    sd = integral(lambda x: (x - mean) ** 2) ** 0.5
    # Quadrature up to a logarithmic or algebraic end of the quantile function.
    assert mean == pytest.approx(parameters["mean"], rel=1e-6)
    assert sd == pytest.approx(parameters["sd"], rel=1e-5)


@pytest.mark.parametrize("name", ["lognormal by median", "lognormal by median, shifted"])
def test_median_and_geometric_sd_asked_for_are_got(name):
    _, parameters, _, _ = PLAIN[name]
    shift = parameters.get("shift", 0.0)
    below, median, above = DISTRIBUTIONS[name].ppf(stats.norm.cdf([-1.0, 0.0, 1.0])) - shift
    assert median + shift == pytest.approx(parameters["median"], rel=1e-13)
    assert above / median == pytest.approx(parameters["gsd"], rel=1e-13)
    assert median / below == pytest.approx(parameters["gsd"], rel=1e-13)


def triangular_quantiles(low, mode, high):
    """Return the 5, 50 and 95 % quantiles: low + sqrt(p w (mode - low)) below the mode, w the width."""
    width = high - low
    return [
        low + (p * width * (mode - low)) ** 0.5
        if p <= (mode - low) / width
        else high - ((1 - p) * width * (high - mode)) ** 0.5
        for p in (0.05, 0.5, 0.95)
    ]


# Of the shipped priors and of a textbook's: 5, 50 and 95 %.
KNOWN = [
    ("pert", (1, 2, 6), [1.29488694, 2.38336130, 4.10638362]),
    ("pert", (3, 5, 7), [3.757022, 5, 6.242978]),
    ("pert", (0.55, 0.82, 1), [0.660497, 0.808538, 0.937324]),
    ("triangular", (1, 2, 6), [1.5, 6 - 10**0.5, 5]),
    ("triangular", (20_000, 25_000, 27_000), [21322.8757, 24183.3001, 26163.3400]),
]


@pytest.mark.parametrize(("family", "places", "known"), KNOWN)
def test_pert_and_triangular_quantiles_are_the_known_ones(family, places, known):
    distribution = build_distribution(family, dict(zip(("low", "mode", "high"), map(float, places), strict=True)))
    got = distribution.ppf(np.array([0.05, 0.5, 0.95]))
    np.testing.assert_allclose(got, known, rtol=1e-6)  # as many digits as they are printed with
    formula = triangular_quantiles(*places) if family == "triangular" else pert(*places).ppf([0.05, 0.5, 0.95])
    np.testing.assert_allclose(got, formula, rtol=1e-12)


def test_pert_has_the_mean_that_its_name_is_known_for():
    for low, mode, high in [(1, 2, 6), (3, 5, 7), (0.55, 0.82, 1)]:
        distribution = build_distribution("pert", dict(low=low, mode=mode, high=high))
        mean = quad(distribution.ppf, 0, 1)[0]
        assert mean == pytest.approx((low + 4 * mode + high) / 6, rel=1e-7)  # quadrature


@pytest.mark.parametrize(
    ("p05", "p95", "mu", "sigma"), [(10.0, 50.0, 3.1073040491, 0.4892343872), (70.0, 370.0, 5.080999, 0.506126)]
)
def test_lognormal_by_quantiles_has_the_known_parameters(p05, p95, mu, sigma):
    distribution = build_distribution("lognormal", dict(p05=p05, p95=p95))
    logarithms = np.log(distribution.ppf(stats.norm.cdf([-1.0, 0.0, 1.0])))
    np.testing.assert_allclose(logarithms, mu + sigma * np.array([-1, 0, 1]), rtol=2e-7)  # digits printed


# What cannot be is refused, by the name of what is wrong.

WRONG = [
    ("uniform", dict(low=2.0, high=2.0), None, "low must be below high"),
    ("uniform", dict(low=3.0, high=2.0), None, "low must be below high"),
    ("uniform", dict(p05=3.0, p95=2.0), None, "p05 must be below p95"),
    ("uniform", dict(mean=3.0, sd=0.0), None, "sd must be above 0"),
    ("triangular", dict(low=1.0, mode=0.5, high=2.0), None, "low <= mode <= high"),
    ("triangular", dict(low=1.0, mode=2.5, high=2.0), None, "low <= mode <= high"),
    ("triangular", dict(low=1.0, mode=1.0, high=1.0), None, "low <= mode <= high"),
    ("triangular", dict(p05=1.0, mode=0.5, p95=2.0), None, "mode must lie between p05 and p95"),
    ("triangular", dict(p05=2.0, mode=1.5, p95=1.0), None, "p05 must be below p95"),
    ("pert", dict(low=1.0, mode=0.5, high=2.0), None, "low <= mode <= high"),
    ("pert", dict(low=2.0, mode=1.5, high=1.0), None, "low <= mode <= high"),
    ("pert", dict(low=1.0, mode=1.5, high=2.0, shape=0.0), None, "shape must be above 0"),
    ("pert", dict(p05=1.0, mode=2.0, p95=2.0), None, "mode must lie between p05 and p95"),
    ("normal", dict(mean=1.0, sd=0.0), None, "sd must be above 0"),
    ("normal", dict(mean=1.0, sd=-1.0), None, "sd must be above 0"),
    ("normal", dict(p05=1.0, p95=1.0), None, "p05 must be below p95"),
    ("lognormal", dict(mu=1.0, sigma=0.0), None, "sigma must be above 0"),
    ("lognormal", dict(mu=690.0, sigma=2.0), None, "range of numbers"),
    ("lognormal", dict(p05=5.0, p95=2.0), None, "p05 must be below p95"),
    ("lognormal", dict(p05=0.0, p95=2.0), None, "p05 must be above 0"),
    ("lognormal", dict(p05=1.0, p95=2.0, shift=1.0), None, "p05 must be above 1"),
    ("lognormal", dict(median=0.0, gsd=2.0), None, "median must be above 0"),
    ("lognormal", dict(median=1.0, gsd=1.0), None, "gsd must be above 1"),
    ("lognormal", dict(mean=1.0, sd=0.0), None, "sd must be above 0"),
    ("lognormal", dict(mean=1.0, sd=1.0, shift=2.0), None, "mean must be above 2"),
    ("beta", dict(alpha=0.0, beta=1.0), None, "alpha must be above 0"),
    ("beta", dict(alpha=1.0, beta=-1.0), None, "beta must be above 0"),
    ("beta", dict(alpha=1.0, beta=1.0, low=1.0), None, "low must be below high"),
    ("beta", dict(mean=1.0, sd=0.1), None, "mean must lie between 0 and 1"),
    ("beta", dict(mean=0.5, sd=0.0), None, "sd must be above 0"),
    ("beta", dict(mean=0.5, sd=0.5), None, "sd must be below 0.5"),
    ("beta", dict(p05=0.5, p95=0.5), None, "p05 must be below p95"),
    ("beta", dict(p05=0.5, p95=1.0), None, "p05 and p95 must lie between 0 and 1"),
    ("normal", dict(mean=0.0, sd=1.0), (2.0, 1.0), "bounds must be in order"),
    ("normal", dict(mean=0.0, sd=1.0), (1.0, 1.0), "bounds must be in order"),
    ("normal", dict(mean=0.0, sd=1.0), (6.0, np.inf), r"bounds \[6, inf\] leave"),
    ("uniform", dict(low=0.0, high=1.0), (2.0, 3.0), r"bounds \[2, 3\] leave"),
    ("lognormal", dict(mu=0.0, sigma=1.0), (-2.0, -1.0), r"bounds \[-2, -1\] leave"),
    ("normal", dict(mean=0.0), None, "normal needs mean, sd; or p05, p95; got mean"),
    ("normal", dict(), None, "got nothing"),
    ("triangular", dict(low=0.0, p95=1.0), None, "triangular needs low, mode, high; or p05, mode, p95"),
    ("lognormal", dict(mu=0.0, gsd=2.0), None, "lognormal needs mu, sigma"),
]


@pytest.mark.parametrize(("family", "parameters", "bounds", "words"), WRONG)
def test_wrong_parameters_are_refused_by_name(family, parameters, bounds, words):
    with pytest.raises(ValueError, match=words):
        build_distribution(family, parameters, bounds)


# Properties, over parameters of ordinary size.

places, widths = st.floats(-100, 100), st.floats(0.1, 100)
sizes = st.floats(1, 50)  # of a beta: below 1 its density is infinite at an end, where doubles are too coarse
PROBES = probabilities(60)


@st.composite
def parameters_of(draw, family):
    if family == "uniform":
        low = draw(places)
        return {"low": low, "high": low + draw(widths)}
    if family in ("triangular", "pert"):
        low, rise, fall = draw(places), draw(widths), draw(widths)
        return {"low": low, "mode": low + rise, "high": low + rise + fall}
    if family == "normal":
        return {"mean": draw(places), "sd": draw(widths)}
    if family == "lognormal":
        return {"mu": draw(st.floats(-5, 5)), "sigma": draw(st.floats(0.1, 1.5)), "shift": draw(st.floats(-1, 1))}
    if family == "log-uniform":
        low = draw(widths)
        return {"low": low, "high": low * (1 + draw(widths))}
    if family == "student-t":
        return {"df": draw(st.floats(2.5, 50)), "loc": draw(places), "scale": draw(widths)}
    if family == "gamma":
        return {"shape": draw(sizes), "scale": draw(widths), "shift": draw(st.floats(-1, 1))}
    if family == "metalog":
        low, width = draw(places), draw(widths)
        return {"p05": low, "p50": low + draw(st.floats(0.35, 0.65)) * width, "p95": low + width}
    if family == "mixture":
        weight = draw(st.floats(0.01, 0.99))
        return {"components": [(share, normal(draw(places), draw(widths))) for share in (weight, 1 - weight)]}
    low = draw(places)
    return {"alpha": draw(sizes), "beta": draw(sizes), "low": low, "high": low + draw(widths)}


ANY = st.sampled_from([family for family in FAMILIES if family not in ("fixed", "discrete", "empirical")])


@st.composite
def any_distribution(draw):
    """Return a distribution of any family; every second one truncated to at least a tenth of its probability."""
    family = draw(ANY)
    parameters = draw(parameters_of(family))
    if draw(st.booleans()):
        return build_distribution(family, parameters)
    below, kept = draw(st.just(0.0) | st.floats(0.01, 0.8)), draw(st.floats(0.1, 1))
    ends = build_distribution(family, parameters).ppf(np.array([below, min(below + kept, 1.0)]))
    return Truncated(build_distribution(family, parameters), float(ends[0]), float(ends[1]))


@SETTINGS
@given(any_distribution())
def test_any_distribution_holds_together(distribution):
    ends = np.array([0.0, 1.0])
    assert not np.isnan([*distribution.ppf(ends), *distribution.isf(ends)]).any()
    values = distribution.ppf(PROBES)
    assert np.isfinite(values).all() and np.isfinite(distribution.isf(PROBES)).all()
    size = np.abs(values).max()
    assert np.diff(values).min() >= -4 * np.finfo(float).eps * size  # the rounding of two quantiles
    # A place near 100 has a spacing of 1e-14, which is 1e-12 of the narrowest density here.
    np.testing.assert_allclose(distribution.cdf(values), PROBES, rtol=0, atol=1e-10)
    v = np.arange(1, 64) / 64
    np.testing.assert_allclose(distribution.isf(v), distribution.ppf(1 - v), rtol=1e-10, atol=1e-12 * size)
    error = np.abs(drawn(distribution, PROBES) - exact(distribution, PROBES)) / scale_of(distribution, PROBES)
    assert error.max() < 1e-9


@SETTINGS
@given(st.data())
def test_any_distribution_is_found_again_from_its_quantiles(data):
    family = data.draw(ANY.filter(lambda family: family != "mixture"))
    parameters = data.draw(parameters_of(family))
    distribution = build_distribution(family, parameters)
    p05, p95 = map(float, distribution.ppf(np.array([0.05, 0.95])))
    kept = {
        "lognormal": ["shift"],
        "gamma": ["shift"],
        "beta": ["low", "high"],
        "triangular": ["mode"],
        "pert": ["mode"],
        "student-t": ["df"],
        "metalog": ["p50"],
    }.get(family, [])
    if "mode" in parameters and not p05 < parameters["mode"] < p95:
        return
    found = build_distribution(family, {"p05": p05, "p95": p95, **{key: parameters[key] for key in kept}})
    middle = np.array([0.01, 0.05, 0.3, 0.5, 0.7, 0.95, 0.99])
    # The search stops within 1e-8 of the distance of the quantiles; other quantiles are a few times as far off.
    np.testing.assert_allclose(found.ppf(middle), distribution.ppf(middle), rtol=0, atol=1e-6 * (p95 - p05))


# Forms whose parameters are found numerically, and what is given beside the quantiles.
SEARCHED = {
    "lognormal of three": ("lognormal", 3, []),
    "gamma of three": ("gamma", 3, []),
    "triangular of three": ("triangular", 3, []),
    "pert of three": ("pert", 3, []),
    "gamma": ("gamma", 2, ["shift"]),
    "beta": ("beta", 2, ["low", "high"]),
    "triangular of a mode": ("triangular", 2, ["mode"]),
    "pert of a mode": ("pert", 2, ["mode"]),
}
SMALL = st.floats(np.log(0.02), np.log(50)).map(np.exp)  # shapes, of which those below 0.3 have very long tails


@st.composite
def any_member(draw, family):
    if family == "lognormal":
        return {"mu": draw(st.floats(-5, 5)), "sigma": draw(st.floats(0.1, 3)), "shift": draw(places)}
    if family == "gamma":
        return {"shape": draw(SMALL), "scale": draw(widths), "shift": draw(st.floats(-1, 1))}
    if family == "beta":
        return {"alpha": draw(SMALL), "beta": draw(SMALL), "low": 0.0, "high": 1.0}
    low, width = draw(places), draw(widths)
    return {"low": low, "mode": low + draw(st.floats(0, 1)) * width, "high": low + width}


@pytest.mark.parametrize("form", SEARCHED)
@SETTINGS
@given(data=st.data())
def test_a_search_finds_the_quantiles_that_any_member_of_the_family_has(form, data):
    family, count, kept = SEARCHED[form]
    parameters = data.draw(any_member(family))
    percent = data.draw(
        st.sampled_from([(1, 50, 75), (5, 50, 95)])
        | st.tuples(st.integers(1, 33), st.integers(34, 66), st.integers(67, 99))
    )
    probabilities = np.array(percent if count == 3 else percent[::2]) / 100
    asked = build_distribution(family, parameters).ppf(probabilities)
    beside = {key: parameters[key] for key in kept}
    start = [beside[key] for key in ("low", "shift") if key in beside]
    # What lies nearer to each other keeps too few digits.
    assume(np.diff([*start, *asked]).min() > 1e-6 * np.abs(asked).max() and asked[-1] < beside.get("high", np.inf))
    assume(asked[0] < beside.get("mode", np.mean(asked)) < asked[-1])
    names = [f"p{round(100 * p):02d}" for p in probabilities]
    found = build_distribution(family, dict(zip(names, asked, strict=True)) | beside)
    # SciPy's quantiles of a beta are themselves off by 1e-8 here and there.
    np.testing.assert_allclose(found.ppf(probabilities), asked, rtol=0, atol=SOLVED * np.ptp(asked))


@pytest.mark.parametrize("family", ["normal", "lognormal", "student-t", "gamma"])
@SETTINGS
@given(data=st.data())
def test_what_is_cut_off_by_much_is_found_again_from_its_quantiles(family, data):
    """Down to a twentieth of the whole, in either tail: what is left of less is as good as uniform."""
    parameters = data.draw(parameters_of(family)) | ({"shift": 0.0} if family in ("lognormal", "gamma") else {})
    whole = build_distribution(family, parameters)
    kept = data.draw(st.floats(0.05, 1))
    below = data.draw(st.sampled_from([0.0, 1.0]) | st.floats(0, 1)) * (1 - kept)
    bounds = tuple(map(float, whole.ppf(np.array([below, min(below + kept, 1.0)]))))
    probabilities = np.array([0.05, 0.95])
    asked = Truncated(whole, *bounds).ppf(probabilities)
    given_df = {key: value for key, value in parameters.items() if key == "df"}
    found = build_distribution(family, {"p05": asked[0], "p95": asked[1]} | given_df, bounds)
    np.testing.assert_allclose(found.ppf(probabilities), asked, rtol=0, atol=1e-8 * np.ptp(asked))


@pytest.mark.parametrize("mode", [1.95, 1.97, 2.0])
def test_triangles_that_have_the_same_quantiles_are_found_as_one(mode):
    """Where all three lie below the mode, whose density is the same line there: 2 sqrt(p)."""
    triangle = build_distribution("triangular", {"low": 0.0, "mode": mode, "high": 4 / mode})
    for sign in (1, -1):
        asked = np.sort(sign * triangle.ppf(np.array([0.05, 0.5, 0.95])))
        np.testing.assert_allclose(np.sort(abs(asked)), 2 * np.sqrt([0.05, 0.5, 0.95]), rtol=1e-14)
        found = build_distribution("triangular", dict(zip(("p05", "p50", "p95"), asked, strict=True)))
        np.testing.assert_allclose(found.ppf(np.array([0.05, 0.5, 0.95])), asked, rtol=1e-13)
        np.testing.assert_allclose(found.support, sorted([0.0, 2.0 * sign]), rtol=1e-12, atol=1e-12)


def test_a_beta_that_is_uniform_but_for_rounding_is_uniform():
    """SciPy 1.18's quantiles of these shapes are 1/2 from 0.29 to 0.5."""
    distribution = build_distribution("beta", {"alpha": 1 + 2.0**-52, "beta": 1 + 2.0**-51})
    np.testing.assert_allclose(distribution.ppf(PROBES), PROBES, rtol=1e-14)


def part(weight, family, **parameters):
    return weight, build_distribution(family, parameters)


ATOMS = {
    "zero": ([part(0.5, "fixed", value=0.0), part(0.5, "lognormal", mu=0.0, sigma=1.0)], None, {0.0: 0.5}),
    "one": ([part(0.5, "fixed", value=1.0), part(0.5, "lognormal", mu=0.0, sigma=1.0)], None, {1.0: 0.5}),
    "two inside": (
        [part(0.3, "discrete", values=[-1.0, 2.0]), part(0.7, "normal", mean=0.0, sd=1.0)],
        None,
        {-1.0: 0.15, 2.0: 0.15},
    ),
    "on a bound": (
        [part(0.5, "fixed", value=1.0), part(0.5, "uniform", low=0.0, high=4.0)],
        (1.0, 3.0),
        {1.0: 0.5 / 0.75},
    ),
    "known values alone": (
        [part(0.25, "fixed", value=4.0), part(0.75, "fixed", value=8.0)],
        None,
        {4.0: 0.25, 8.0: 0.75},
    ),
}


@pytest.mark.parametrize("unit", [1.0, 1000.0, 1 / 24])
@pytest.mark.parametrize("case", ATOMS)
def test_an_atom_of_a_mixture_is_drawn_exactly_and_as_often_as_it_should(case, unit):
    components, bounds, atoms = ATOMS[case]
    distribution = affine(build_distribution("mixture", {"components": components}, bounds), 0.0, unit)
    u = (np.arange(100_000) + 0.5) / 100_000
    for values in (quantile_function(distribution)(u), distribution.ppf(u), distribution.isf(u)):
        for value, probability in atoms.items():
            # Evenly spaced probabilities count within one of them.
            assert np.count_nonzero(values == unit * value) / u.size == pytest.approx(probability, abs=2e-5)
    assert np.all(np.diff(distribution.ppf(u)) >= 0) and np.all(np.diff(distribution.isf(u)) <= 0)
    np.testing.assert_allclose(quantile_function(distribution)(u), distribution.ppf(u), rtol=1e-9, atol=1e-9 * unit)


def test_mixtures_in_mixtures_are_one_mixture():
    """Ten levels, of which each would compute the one below it many times over."""
    nested, depth = Normal(0.0, 1.0), 10
    for level in range(depth):
        nested = mixture([(0.5, nested), (0.5, Normal(level + 1.0, 1.0))])
    weights = [0.5**depth, *(0.5 ** (depth - level) for level in range(depth))]
    means = [0.0, *(level + 1.0 for level in range(depth))]
    flat = mixture([(weight, Normal(mean, 1.0)) for weight, mean in zip(weights, means, strict=True)])
    assert len(nested.components) == depth + 1
    # The weights differ by rounding alone.
    np.testing.assert_allclose(nested.ppf(probabilities()), flat.ppf(probabilities()), rtol=1e-12, atol=1e-12)
