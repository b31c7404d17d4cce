"""Distributions against SciPy's, and the table that draws go through against the exact quantiles."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from simulator.distributions import FAMILIES, affine, build_distribution, kind, quantile_function
from simulator.distributions.quantiles import FIRST, HALF, SHIFT, QuantileTable
from simulator.sampling import stream

Z = stats.norm.ppf(0.95)


def beta_of_moments(mean, sd, low=0.0, high=1.0):
    m, v = (mean - low) / (high - low), (sd / (high - low)) ** 2
    size = m * (1 - m) / v - 1
    return stats.beta(m * size, (1 - m) * size, low, high - low)


# family, parameters, the same distribution in SciPy
ORACLES = [
    ("uniform", {"low": 2, "high": 5}, stats.uniform(2, 3)),
    ("uniform", {"p05": 2.15, "p95": 4.85}, stats.uniform(2, 3)),
    ("uniform", {"mean": 3.5, "sd": 3 / 12**0.5}, stats.uniform(2, 3)),
    ("triangular", {"low": 1, "mode": 2, "high": 6}, stats.triang(0.2, 1, 5)),
    ("triangular", {"low": 1, "mode": 1, "high": 6}, stats.triang(0, 1, 5)),
    ("triangular", {"low": 1, "mode": 6, "high": 6}, stats.triang(1, 1, 5)),
    ("triangular", {"p05": 1.5, "mode": 2, "p95": 5}, stats.triang(0.2, 1, 5)),
    ("pert", {"low": 1, "mode": 2, "high": 6}, stats.beta(1.8, 4.2, 1, 5)),
    ("pert", {"low": 1, "mode": 2, "high": 6, "shape": 8}, stats.beta(2.6, 7.4, 1, 5)),
    ("pert", {"p05": 1.29488694, "mode": 2, "p95": 4.10638362}, stats.beta(1.8, 4.2, 1, 5)),
    ("normal", {"mean": 5, "sd": 2}, stats.norm(5, 2)),
    ("normal", {"p05": 5 - 2 * Z, "p95": 5 + 2 * Z}, stats.norm(5, 2)),
    ("lognormal", {"mu": 1, "sigma": 0.5}, stats.lognorm(0.5, scale=np.e)),
    ("lognormal", {"p05": np.exp(1 - 0.5 * Z), "p95": np.exp(1 + 0.5 * Z)}, stats.lognorm(0.5, scale=np.e)),
    ("lognormal", {"median": np.e, "gsd": np.exp(0.5)}, stats.lognorm(0.5, scale=np.e)),
    (
        "lognormal",
        {"mean": np.exp(1.125), "sd": np.exp(1.125) * np.expm1(0.25) ** 0.5},
        stats.lognorm(0.5, scale=np.e),
    ),
    ("lognormal", {"median": 1.4, "gsd": 1.5, "shift": 1}, stats.lognorm(np.log(1.5), 1, 0.4)),
    ("beta", {"alpha": 2, "beta": 5}, stats.beta(2, 5)),
    ("beta", {"alpha": 2, "beta": 5, "low": 10, "high": 30}, stats.beta(2, 5, 10, 20)),
    ("beta", {"mean": 0.75, "sd": 0.08}, beta_of_moments(0.75, 0.08)),
    ("beta", {"p05": stats.beta.ppf(0.05, 2, 5), "p95": stats.beta.ppf(0.95, 2, 5)}, stats.beta(2, 5)),
]
IDS = [f"{family}: {', '.join(parameters)}" for family, parameters, _ in ORACLES]
U = np.array([1e-12, 1e-4, 0.05, 0.3, 0.5, 0.7, 0.95, 0.9999])
# Bounds that cut something off each of the oracles.
BOUNDED = [(family, parameters, oracle, tuple(oracle.ppf([0.02, 0.9]))) for family, parameters, oracle in ORACLES]
SHAPES = [build_distribution(family, parameters) for family, parameters, _ in ORACLES]
SHAPES += [build_distribution(family, parameters, bounds) for family, parameters, _, bounds in BOUNDED]
SHAPE_IDS = IDS + [f"{name}, bounded" for name in IDS]


def test_every_form_of_every_family_is_tried():
    tried = {(family, frozenset(parameters) - set(FAMILIES[family].options)) for family, parameters, _ in ORACLES}
    tried |= {("beta", frozenset({"alpha", "beta"}))}
    known = {(name, frozenset(form)) for name, family in FAMILIES.items() for form in family.forms}
    assert known - tried == {("fixed", frozenset({"value"}))}


@pytest.mark.parametrize(("family", "parameters", "oracle"), ORACLES, ids=IDS)
def test_exact_quantiles_and_probabilities_are_scipys(family, parameters, oracle):
    distribution = build_distribution(family, parameters)
    # Forms that are solved for meet their quantiles to 1e-8 of the spread; the digits given above carry eight.
    tolerance = 1e-7 if "p05" in parameters else 1e-12
    np.testing.assert_allclose(distribution.ppf(U), oracle.ppf(U), rtol=tolerance, atol=1e-12)
    # SciPy's own isf is often ppf(1 - v), which at v = 1e-12 has four digits of v left.
    np.testing.assert_allclose(distribution.isf(U), oracle.isf(U), rtol=max(tolerance, 1e-10), atol=1e-12)
    x = oracle.ppf(U)
    np.testing.assert_allclose(distribution.cdf(x), oracle.cdf(x), rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize(("family", "parameters", "oracle", "bounds"), BOUNDED, ids=IDS)
def test_bounds_truncate_exactly(family, parameters, oracle, bounds):
    distribution = build_distribution(family, parameters, bounds)
    below, above = oracle.cdf(bounds[0]), oracle.sf(bounds[1])
    truth = oracle.ppf(below + U * (1 - below - above))
    np.testing.assert_allclose(distribution.ppf(U), truth, rtol=1e-6)
    np.testing.assert_allclose(distribution.cdf(truth), U, rtol=1e-5, atol=1e-9)
    assert distribution.support == pytest.approx(bounds)
    ends = [float(distribution.cdf(np.asarray(end))) for end in bounds]
    assert ends == pytest.approx([0, 1], abs=1e-14)


@pytest.mark.parametrize("distribution", SHAPES, ids=SHAPE_IDS)
def test_quantiles_come_back_and_are_finite_to_the_last_double(distribution):
    np.testing.assert_allclose(distribution.cdf(distribution.ppf(U)), U, rtol=1e-8, atol=1e-14)
    ends = np.array([2.0**-54, 1 - 2.0**-53])
    values = distribution.ppf(ends)
    assert np.isfinite(values).all() and values[0] < values[1]
    low, high = distribution.support
    assert low <= values[0] and values[1] <= high


@pytest.mark.parametrize("distribution", SHAPES, ids=SHAPE_IDS)
def test_draws_go_through_the_exact_quantiles(distribution):
    edges = (np.arange(FIRST - 3, HALF + 1) << SHIFT).view(np.float64)
    rng = np.random.default_rng(1)
    probabilities = np.concatenate(
        [rng.random(20_000), edges, 1 - edges, [0.0, 0.5, 2.0**-54, 2.0**-30, 1 - 2.0**-53, 1e-9, 1 - 1e-9]]
    )
    (values,) = quantile_function([distribution])(probabilities[None])
    u = np.maximum(probabilities, 2.0**-54)
    truth = np.where(u > 0.5, distribution.isf(1 - u), distribution.ppf(u))
    scale = np.abs(truth) + np.diff(distribution.ppf(np.array([0.05, 0.95])))
    # The table is built to 1e-9 of a value's scale; a digit more for the places between those checked.
    assert (np.abs(values - truth) / scale).max() < 1e-8
    assert np.isfinite(values).all()
    ordered = values[np.argsort(probabilities)]
    assert (np.diff(ordered) >= -1e-9 * scale.max()).all()


@pytest.mark.parametrize("mode", [0.8, 0.9, 1.0, 1.1, 1.23, 1.3])
def test_a_kink_is_computed_exactly(mode):
    truncated = build_distribution("triangular", {"low": 0, "mode": mode, "high": 3}, (0.5, 2.5))
    kink = float(truncated.cdf(np.asarray(mode)))
    u = kink + np.linspace(-1e-3, 1e-3, 2001)
    np.testing.assert_allclose(QuantileTable([truncated])(u[None])[0], truncated.ppf(u), rtol=1e-9)


def test_a_known_value_within_bounds_stays_known():
    assert build_distribution("fixed", {"value": 5.0}, (5.0, 10.0)) == build_distribution("fixed", {"value": 5.0})
    with pytest.raises(ValueError, match="value must lie within 6 to 10, got 5"):
        build_distribution("fixed", {"value": 5.0}, (6.0, 10.0))


def test_half_open_bounds_stay_finite_to_the_last_double():
    positive = build_distribution("normal", {"mean": 0, "sd": 1}, (0.0, np.inf))
    assert np.isfinite(positive.ppf(np.array([2.0**-54, 1 - 2.0**-53]))).all()


def test_several_distributions_at_once_are_each_themselves():
    ordered = sorted(SHAPES, key=kind)
    u = np.random.default_rng(2).random((len(ordered), 500))
    together = quantile_function(ordered)(u)
    for row, distribution, values in zip(u, ordered, together, strict=True):
        np.testing.assert_array_equal(values, quantile_function([distribution])(row[None])[0])


# The exact cdf, and an exact seed: a Kolmogorov-Smirnov p-value is uniform, so one in a thousand would be below.
@pytest.mark.parametrize("distribution", SHAPES, ids=SHAPE_IDS)
def test_draws_follow_the_distribution(distribution):
    (draws,) = quantile_function([distribution])(stream(1, repr(distribution)).random((1, 200_000)))
    assert stats.kstest(draws, distribution.cdf).pvalue > 1e-3


@pytest.mark.parametrize(("family", "parameters", "oracle"), ORACLES, ids=IDS)
def test_moments_of_draws(family, parameters, oracle):
    distribution = build_distribution(family, parameters)
    (draws,) = quantile_function([distribution])(stream(2, family).random((1, 400_000)))
    mean, variance, _, kurtosis = oracle.stats("mvsk")
    # Five standard errors of a mean and of a variance over 400,000 draws.
    assert draws.mean() == pytest.approx(mean, abs=5 * (variance / 4e5) ** 0.5)
    assert draws.var() == pytest.approx(variance, rel=5 * ((kurtosis + 2) / 4e5) ** 0.5)


@pytest.mark.parametrize(
    ("family", "parameters", "p", "quantiles"),
    [
        ("pert", {"low": 3, "mode": 5, "high": 7}, [0.05, 0.5, 0.95], [3.757022, 5, 6.242978]),
        ("pert", {"low": 0.55, "mode": 0.82, "high": 1}, [0.05, 0.5, 0.95], [0.660497, 0.808538, 0.937324]),
        (
            "triangular",
            {"low": 20000, "mode": 25000, "high": 27000},
            [0.05, 0.5, 0.95],
            [21322.8757, 24183.3001, 26163.3400],
        ),
        ("triangular", {"low": 1, "mode": 2, "high": 6}, [0.025, 0.5], [1.35355339, 2.83772234]),
        ("lognormal", {"p05": 70, "p95": 370}, [0.05, 0.5, 0.95], [70, 160.934763, 370]),
        ("lognormal", {"p05": 1.22, "p95": 1.92, "shift": 1}, [0.05, 0.95], [1.22, 1.92]),
    ],
)
def test_known_quantiles(family, parameters, p, quantiles):
    got = build_distribution(family, parameters).ppf(np.array(p))
    np.testing.assert_allclose(got, quantiles, rtol=1e-6)  # as many digits as the table of known answers has


@pytest.mark.parametrize(
    ("family", "parameters", "bounds", "words"),
    [
        ("uniform", {"low": 2, "high": 2}, None, "low must be below high"),
        ("uniform", {"low": 2}, None, "needs low, high"),
        ("uniform", {}, None, "got nothing"),
        ("normal", {"mean": 1, "sd": -1}, None, "sd must be above 0"),
        ("normal", {"p05": 3, "p95": 1}, None, "p05 must be below p95"),
        ("lognormal", {"p05": -3, "p95": 1}, None, "p05 must be above 0"),
        ("lognormal", {"median": 1, "gsd": 1}, None, "gsd must be above 1"),
        ("lognormal", {"mu": 900, "sigma": 1}, None, "pass the range"),
        ("triangular", {"low": 1, "mode": 0, "high": 2}, None, "low <= mode <= high"),
        ("pert", {"low": 1, "mode": 3, "high": 2}, None, "low <= mode <= high"),
        ("beta", {"mean": 0.5, "sd": 0.6}, None, "sd must be below"),
        ("beta", {"alpha": 0, "beta": 1}, None, "alpha must be above 0"),
        ("beta", {"p05": -0.1, "p95": 0.9}, None, "must lie between"),
        ("normal", {"mean": 0, "sd": 1}, (8, 9), "less than a millionth"),
        ("normal", {"mean": 0, "sd": 1}, (1, -1), "bounds must be in order"),
    ],
)
def test_parameters_out_of_range_are_named(family, parameters, bounds, words):
    with pytest.raises(ValueError, match=words):
        build_distribution(family, parameters, bounds)


@given(st.floats(0.01, 1e6), st.floats(1.01, 20.0), st.floats(0.001, 1000))
def test_any_lognormal_in_another_unit(p05, ratio, factor):
    distribution = build_distribution("lognormal", {"p05": p05, "p95": p05 * ratio})
    p = np.array([0.05, 0.95])
    np.testing.assert_allclose(distribution.ppf(p), [p05, p05 * ratio], rtol=1e-9)
    np.testing.assert_allclose(
        affine(distribution, 0.0, factor).ppf(p), [p05 * factor, p05 * ratio * factor], rtol=1e-9
    )


@given(st.floats(-100, 100), st.floats(0.01, 50), st.floats(0.01, 0.99))
def test_any_triangular_rises_from_end_to_end(low, width, share):
    triangular = build_distribution("triangular", {"low": low, "mode": low + share * width, "high": low + width})
    values = triangular.ppf(np.linspace(0, 1, 101))
    assert (np.diff(values) > -1e-12 * (abs(low) + width)).all()
    np.testing.assert_allclose(values[[0, -1]], [low, low + width], atol=1e-9)
