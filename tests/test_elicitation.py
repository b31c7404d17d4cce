"""What is elicited against other programs, and draws of weighted values against the search that they stand for."""

import numpy as np
import pytest

from simulator.distributions import build_distribution, quantile_function

# PreliZ 0.28.0 (with NumPy 2.5.5, SciPy 1.18.1), once: it brings numba and pytensor, too much for every run. A row
# holds what is asked for and the quantiles of PreliZ's distribution that has it. Its parameters are those at which
# its own `ppf` has the quantiles asked for, to 1e-15, by `scipy.optimize.root` from what `preliz.match_quantiles`
# finds; that function itself stops within 4e-6 of their distance. For instance
#     root(lambda t: preliz.Gamma(*np.exp(t)).ppf([0.05, 0.95]) - [2, 20], [0.9, -1.3], tol=1e-15)
# Its triangular through quartiles is also that of `preliz.quartile`, to 1e-9. A PERT is its BetaScaled with
# alpha = 1 + 4 (mode - low) / (high - low) and beta = 6 - alpha; a metalog of two terms its Logistic, or above 0
# its LogLogistic.
PROBABILITIES = np.array([0.01, 0.25, 0.5, 0.75, 0.99])
PRELIZ = {
    "Uniform": (
        ("uniform", dict(p05=1.0, p95=10.0), None),
        [0.6, 3.0, 5.5, 8.0, 10.4],
    ),
    "Normal": (
        ("normal", dict(p05=-1.0, p95=5.0), None),
        [-2.24295725028, 0.769818044941, 2.0, 3.23018195506, 6.24295725028],
    ),
    "TruncatedNormal on 0 to 10": (
        ("normal", dict(p05=1.0, p95=7.0), (0.0, 10.0)),
        [0.284491071145, 2.61285104009, 3.86619106577, 5.14711173188, 8.27625259582],
    ),
    "StudentT of nu 4": (
        ("student-t", dict(df=4.0, p05=1.0, p95=9.0), None),
        [-2.03042528574, 3.61022454547, 5.0, 6.38977545453, 12.0304252857],
    ),
    "LogNormal": (
        ("lognormal", dict(p05=10.0, p95=50.0), None),
        [7.16476077437, 16.0758873561, 22.360679775, 31.1024821787, 69.786000642],
    ),
    "Gamma": (
        ("gamma", dict(p05=2.0, p95=20.0), None),
        [0.953384553741, 4.74177365004, 7.77240201992, 11.9010219411, 27.3350207211],
    ),
    "Truncated Gamma on 1 to 30": (
        ("gamma", dict(p05=2.0, p95=20.0), (1.0, 30.0)),
        [1.25140058664, 4.55549882743, 7.61043526422, 11.8654972041, 25.9399125203],
    ),
    "Beta": (
        ("beta", dict(p05=0.2, p95=0.7), None),
        [0.128752334657, 0.332189088146, 0.438948847075, 0.549713979206, 0.789614008537],
    ),
    "BetaScaled on 10 to 15": (
        ("beta", dict(p05=11.0, p95=14.5, low=10.0, high=15.0), None),
        [10.5065723903, 12.0544510782, 12.9080654438, 13.6978164246, 14.7960158124],
    ),
    "BetaScaled of a PERT": (
        ("pert", dict(p05=1.3, mode=2.0, p95=4.0), None),
        [1.12258536839, 1.80918383777, 2.35547726328, 3.01459204686, 4.60205858573],
    ),
    "Triangular of c 2": (
        ("triangular", dict(p05=1.4, mode=2.0, p95=5.0), None),
        [1.0997493776, 2.07429621259, 2.79804364402, 3.7412496602, 5.5629302653],
    ),
    "Triangular through quartiles": (
        ("triangular", dict(p25=2.5, p50=3.2, p75=4.1), None),
        [1.35192803275, 2.5, 3.2, 4.1, 5.83823376491],
    ),
    "Logistic": (
        ("metalog", dict(p05=1.0, p95=7.0), None),
        [-0.681828914759, 2.88065709994, 4.0, 5.11934290006, 8.68182891476],
    ),
    "LogLogistic": (
        ("metalog", dict(p05=1.0, p95=7.0, low=0.0), None),
        [0.579582076824, 1.8403055598, 2.64575131106, 3.80371616155, 12.077668168],
    ),
}
# pymetalog 0.2.2, once: PreliZ has no metalog, and this one needs libraries that it does not name. A row is
#     fit = metalog(x, probs, boundedness, bounds, term_limit=len(x), term_lower_bound=len(x), fit_method="OLS")
#     qmetalog(fit, [0.01, 0.25, 0.5, 0.75, 0.99], term=len(x))
PYMETALOG = {
    "three terms": (
        ("metalog", dict(p05=1.0, p50=3.0, p95=7.0), None),
        [0.0175015802278, 2.08794282217, 3.0, 4.3266286223, 9.38115940974],
    ),
    "three terms above 0": (
        ("metalog", dict(p05=1.0, p50=3.0, p95=7.0, low=0.0), None),
        [0.530824450482, 2.03305968173, 3.0, 4.20211846211, 11.0616284125],
    ),
    "three terms between 0 and 10": (
        ("metalog", dict(p05=1.0, p50=3.0, p95=7.0, low=0.0, high=10.0), None),
        [0.506855074823, 2.01080830377, 3.0, 4.39399884032, 8.60711367297],
    ),
    "five terms": (
        ("metalog", dict(p05=1.0, p25=2.0, p50=3.0, p75=4.5, p95=7.0), None),
        [0.138862350513, 2.0, 3.0, 4.5, 8.82686526951],
    ),
}
OTHERS = {
    f"{program}, {name}": row
    for program, rows in (("PreliZ", PRELIZ), ("pymetalog", PYMETALOG))
    for name, row in rows.items()
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_elicited_is_what_another_program_makes_of_it(name):
    (family, parameters, bounds), quantiles = OTHERS[name]
    distribution = build_distribution(family, parameters, bounds)
    # Found within bounds they agree to 6e-10 of their distance, all others to the digits that are written here.
    atol = (1e-11 if bounds is None else 1e-8) * (quantiles[-1] - quantiles[0])
    np.testing.assert_allclose(distribution.ppf(PROBABILITIES), quantiles, rtol=0, atol=atol)


# Values with weights are drawn through a table of cells, and it must change no bit.

RNG = np.random.default_rng(1)
WEIGHTS = {
    "one": np.ones(1),
    "two": np.array([0.3, 0.7]),
    "equal, at borders of cells": np.ones(64),
    "equal": np.ones(1000),
    "equal, many": np.ones(30_000),
    "unequal": RNG.exponential(size=1000),
    "most in one, others in one cell": np.array([1.0, *[1e-9] * 500, 1.0]),
    "too small to count": np.array([1.0, 1e-20, 1e-20, 1.0, 1e-20]),
}


@pytest.mark.parametrize("name", WEIGHTS)
def test_draws_of_weighted_values_are_those_of_the_search(name):
    weights = WEIGHTS[name] / WEIGHTS[name].sum()
    values = np.sort(RNG.lognormal(size=weights.size))
    distribution = build_distribution("discrete", {"values": values, "weights": weights})
    places = np.concatenate([distribution.cdf(values), np.arange(1, 4096) / 4096])
    u = np.concatenate(
        [[0.0, 2.0**-54], places, np.nextafter(places, 0), np.nextafter(places, 1), RNG.random(50_000)]
    )
    u = u[u < 1]
    before = u.copy()
    np.testing.assert_array_equal(quantile_function(distribution)(u), distribution.ppf(u))
    np.testing.assert_array_equal(u, before)
