"""Families: how the table of a prior in a file becomes a distribution."""

import contextlib
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from simulator.distributions.compound import Mixture, Truncated, affine
from simulator.distributions.metalog import metalog_through
from simulator.distributions.shapes import (
    Beta,
    Discrete,
    Distribution,
    Fixed,
    Gamma,
    Lognormal,
    LogUniform,
    Normal,
    StudentT,
    Triangular,
    Uniform,
    require,
    require_mode,
    require_weights,
)
from simulator.units import FloatArray

# A quantile's name: p05 is 5 %, p50 the median, p975 is 97.5 %.
QUANTILE = re.compile(r"p(0[1-9]|[1-9][0-9]|[0-9]{2}[1-9])")
MOST_TERMS = 16  # of a metalog; beyond, the terms are alike to the last digits
MOST_CORRECTIONS = 200
ANY_MORE = "…"  # in a form: more quantiles may follow


class Quantiles(NamedTuple):
    """Quantiles that were asked for, two or more, in rising order.

    Attributes
    ----------
    names : tuple of str
        As the file gives them.
    probabilities, values : array of shape (quantiles,)
        What the names mean, and the quantiles.
    """

    names: tuple[str, ...]
    probabilities: FloatArray
    values: FloatArray

    @property
    def span(self) -> float:
        """Distance of the outer quantiles."""
        return float(self.values[-1] - self.values[0])

    def between(self, low: float, high: float) -> None:
        """Raise ValueError unless all lie inside an open interval."""
        words = " and ".join([", ".join(self.names[:-1]), self.names[-1]])
        inside = low < self.values[0] and self.values[-1] < high
        require(inside, f"{words} must lie between {low:g} and {high:g}")

    def right_tailed(self) -> None:
        """Raise ValueError unless three of them lie farther apart on the right than those of a normal would."""
        from scipy.special import ndtri

        left, right = np.diff(self.values) / np.diff(ndtri(self.probabilities))
        require(right > left, "the longer tail of this family is the right one; of these quantiles it is not")

    def above(self, low: float) -> None:
        """Raise ValueError unless all lie above a value."""
        require(self.values[0] > low, f"{self.names[0]} must be above {low:g}, got {self.values[0]:g}")


def read_quantiles(given: Mapping[str, float]) -> Quantiles:
    """Return quantiles by their names in order; ValueError unless they rise."""
    names = tuple(sorted(given, key=lambda name: float(f"0.{name[1:]}")))
    for below, above in pairwise(names):
        low, high = given[below], given[above]
        require(low < high, f"{below} must be below {above}, got {low:g} and {high:g}")
    probabilities = np.array([float(f"0.{name[1:]}") for name in names])
    return Quantiles(names, probabilities, np.array([given[name] for name in names], float))


def line_through(z: FloatArray, x: FloatArray) -> tuple[float, float]:
    """Return location and scale for which two standard quantiles `z` are `x`."""
    scale = float((x[1] - x[0]) / (z[1] - z[0]))
    return float(x[0] - scale * z[0]), scale


def positive(**values: float) -> None:
    """Raise ValueError unless every named value is above 0."""
    for name, value in values.items():
        require(value > 0, f"{name} must be above 0, got {value:g}")


def uniform_from_quantiles(quantiles: Quantiles) -> Distribution:
    """Return the uniform distribution with two quantiles."""
    low, width = line_through(quantiles.probabilities, quantiles.values)
    return Uniform(low, low + width)


def uniform_from_moments(mean: float, sd: float) -> Distribution:
    """Return the uniform distribution with this mean and standard deviation."""
    positive(sd=sd)
    return Uniform(mean - sd * 3**0.5, mean + sd * 3**0.5)


def log_uniform_from_quantiles(quantiles: Quantiles) -> Distribution:
    """Return the log-uniform distribution with two quantiles."""
    quantiles.above(0.0)
    low, width = line_through(quantiles.probabilities, np.log(quantiles.values))
    return LogUniform(float(np.exp(low)), float(np.exp(low + width)))


def normal_from_quantiles(quantiles: Quantiles) -> Distribution:
    """Return the normal distribution with two quantiles."""
    from scipy.special import ndtri

    return Normal(*line_through(ndtri(quantiles.probabilities), quantiles.values))


def student_t(freedom: float, location: float, scale: float) -> Distribution:
    """Return Student's t with these degrees of freedom, moved and stretched."""
    positive(scale=scale)
    return affine(StudentT(freedom), location, scale)


def student_t_from_quantiles(quantiles: Quantiles, freedom: float) -> Distribution:
    """Return Student's t with these degrees of freedom and two quantiles."""
    standard = StudentT(freedom).ppf(quantiles.probabilities)
    return student_t(freedom, *line_through(standard, quantiles.values))


def lognormal(mu: float, sigma: float, shift: float = 0.0) -> Distribution:
    """Return ``shift`` plus a lognormal value."""
    return affine(Lognormal(mu, sigma), shift, 1.0)


def lognormal_from_quantiles(quantiles: Quantiles, shift: float = 0.0) -> Distribution:
    """Return the (shifted) lognormal distribution with two quantiles."""
    from scipy.special import ndtri

    quantiles.above(shift)
    return lognormal(*line_through(ndtri(quantiles.probabilities), np.log(quantiles.values - shift)), shift)


def lognormal_from_three(quantiles: Quantiles) -> Distribution:
    """Return the lognormal distribution, shifted as needed, with three quantiles, found numerically."""
    from scipy.special import ndtri

    low, middle, high = quantiles.values
    quantiles.right_tailed()
    sigma = float(2 * np.log((high - middle) / (middle - low)) / np.ptp(ndtri(quantiles.probabilities)))
    start = [np.log(quantiles.span / sigma), np.log(sigma), 0.0]
    return solve_quantiles(
        lambda a, b, c: lognormal(a, np.exp(b), middle - np.exp(a) * (1 + c)), np.array(start), quantiles
    )


def lognormal_from_median(median: float, gsd: float, shift: float = 0.0) -> Distribution:
    """Return the (shifted) lognormal distribution with this median and geometric standard deviation."""
    require(median > shift, f"median must be above {shift:g}, got {median:g}")
    require(gsd > 1, f"gsd must be above 1, got {gsd:g}")
    return lognormal(np.log(median - shift), np.log(gsd), shift)


def lognormal_from_moments(mean: float, sd: float, shift: float = 0.0) -> Distribution:
    """Return the (shifted) lognormal distribution with this mean and standard deviation."""
    require(mean > shift, f"mean must be above {shift:g}, got {mean:g}")
    positive(sd=sd)
    variance = np.log1p((sd / (mean - shift)) ** 2)
    return lognormal(np.log(mean - shift) - variance / 2, variance**0.5, shift)


def beta(alpha: float, beta: float, low: float = 0.0, high: float = 1.0) -> Distribution:
    """Return the beta distribution, stretched to [`low`, `high`]."""
    require(low < high, f"low must be below high, got {low:g} and {high:g}")
    return affine(Beta(alpha, beta), low, high - low)


def beta_from_moments(mean: float, sd: float, low: float = 0.0, high: float = 1.0) -> Distribution:
    """Return the beta distribution on [`low`, `high`] with this mean and standard deviation."""
    require(low < mean < high, f"mean must lie between {low:g} and {high:g}, got {mean:g}")
    positive(sd=sd)
    m, v = (mean - low) / (high - low), (sd / (high - low)) ** 2
    require(v < m * (1 - m), f"sd must be below {(m * (1 - m)) ** 0.5 * (high - low):.3g}, got {sd:g}")
    size = m * (1 - m) / v - 1
    return beta(m * size, (1 - m) * size, low, high)


def beta_from_quantiles(quantiles: Quantiles, low: float = 0.0, high: float = 1.0) -> Distribution:
    """Return the beta distribution on [`low`, `high`] with two quantiles, found numerically."""
    quantiles.between(low, high)
    location, scale = moments_like_a_normal(quantiles)
    m = min(max((location - low) / (high - low), 0.01), 0.99)
    size = max(m * (1 - m) / (scale / (high - low)) ** 2 - 1, 0.5)
    start = np.log([m * size, (1 - m) * size])
    return solve_quantiles(lambda a, b: beta(np.exp(a), np.exp(b), low, high), start, quantiles)


def gamma(shape: float, scale: float, shift: float = 0.0) -> Distribution:
    """Return ``shift`` plus a gamma value."""
    positive(scale=scale)
    return affine(Gamma(shape), shift, scale)


def gamma_from_moments(mean: float, sd: float, shift: float = 0.0) -> Distribution:
    """Return the (shifted) gamma distribution with this mean and standard deviation."""
    require(mean > shift, f"mean must be above {shift:g}, got {mean:g}")
    positive(sd=sd)
    return gamma(((mean - shift) / sd) ** 2, sd**2 / (mean - shift), shift)


def gamma_from_quantiles(quantiles: Quantiles, shift: float = 0.0) -> Distribution:
    """Return the (shifted) gamma distribution with two quantiles, found numerically."""
    quantiles.above(shift)
    location, scale = moments_like_a_normal(quantiles._replace(values=np.log(quantiles.values - shift)))
    start = np.array([-2 * np.log(scale), location + 2 * np.log(scale)])
    return solve_quantiles(lambda a, b: gamma(np.exp(a), np.exp(b), shift), start, quantiles)


def gamma_from_three(quantiles: Quantiles) -> Distribution:
    """Return the gamma distribution, shifted as needed, with three quantiles, found numerically."""
    low, middle, high = quantiles.values
    quantiles.right_tailed()
    skewness = 3 * (high + low - 2 * middle) / quantiles.span
    shape = 4 / skewness**2
    _, scale = moments_like_a_normal(quantiles)
    start = np.array([np.log(shape), np.log(scale / shape**0.5), 0.0])

    def build(a: float, b: float, c: float) -> Distribution:
        return gamma(np.exp(a), np.exp(b), middle - np.exp(a + b) + c * quantiles.span)

    return solve_quantiles(build, start, quantiles)


def moments_like_a_normal(quantiles: Quantiles) -> tuple[float, float]:
    """Return the mean and sd of the normal distribution through the outer quantiles, for a first guess."""
    from scipy.special import ndtri

    return line_through(ndtri(quantiles.probabilities[[0, -1]]), quantiles.values[[0, -1]])


def pert(low: float, mode: float, high: float, shape: float = 4.0) -> Distribution:
    """Return the PERT distribution: a beta on [`low`, `high`] with this mode (Vose 2000; `shape` is lambda)."""
    require_mode(low, mode, high)
    positive(shape=shape)
    rise = (mode - low) / (high - low)
    return beta(1 + shape * rise, 1 + shape * (1 - rise), low, high)


def pert_from_quantiles(quantiles: Quantiles, mode: float, shape: float = 4.0) -> Distribution:
    """Return the PERT distribution with this mode and two quantiles, found numerically."""
    return ends_from_quantiles(lambda low, high: pert(low, mode, high, shape), quantiles, mode)


def pert_from_three(quantiles: Quantiles, shape: float = 4.0) -> Distribution:
    """Return the PERT distribution with three quantiles, found numerically."""
    return places_from_quantiles(lambda low, mode, high: pert(low, mode, high, shape), quantiles)


def triangular_from_quantiles(quantiles: Quantiles, mode: float) -> Distribution:
    """Return the triangular distribution with this mode and two quantiles, found numerically."""
    return ends_from_quantiles(lambda low, high: Triangular(low, mode, high), quantiles, mode)


def triangular_from_three(quantiles: Quantiles) -> Distribution:
    """Return the triangular distribution with three quantiles, found numerically."""
    return places_from_quantiles(Triangular, quantiles)


def ends_from_quantiles(
    build: Callable[[float, float], Distribution], quantiles: Quantiles, mode: float
) -> Distribution:
    """Return the distribution between two ends that has two quantiles around `mode`."""
    (first, second), (low, high) = quantiles.names, quantiles.values
    require(low < mode < high, f"mode must lie between {first} and {second}, got {mode:g}")
    start = np.log([1.5 * (mode - low), 1.5 * (high - mode)])
    return solve_quantiles(lambda a, b: build(mode - np.exp(a), mode + np.exp(b)), start, quantiles)


def places_from_quantiles(build: Callable[[float, float, float], Distribution], quantiles: Quantiles) -> Distribution:
    """Return the distribution between two ends around a mode that has three quantiles."""
    low, middle, high = quantiles.values
    start = [middle, np.log(1.5 * (middle - low)), np.log(1.5 * (high - middle))]
    return solve_quantiles(lambda m, a, b: build(m - np.exp(a), m, m + np.exp(b)), np.array(start), quantiles)


NO_SUCH = "no distribution of this family has these quantiles"


def solve_quantiles(build: Callable[..., Distribution], start: FloatArray, quantiles: Quantiles) -> Distribution:
    """Return ``build(*numbers)`` for the numbers, as many as quantiles, at which it has these quantiles."""
    from scipy.optimize import least_squares

    def miss(parameters: FloatArray) -> FloatArray:
        got = build(*parameters).ppf(quantiles.probabilities)
        return np.asarray((got - quantiles.values) / quantiles.span)

    try:
        found = least_squares(miss, start, xtol=1e-15, ftol=1e-15, gtol=1e-15)
    except ValueError:  # where a step of the search, or even its start, is out of range
        raise ValueError(NO_SUCH) from None
    require(bool(np.abs(found.fun).max() < 1e-8), NO_SUCH)
    return build(*found.x)


def discrete(values: Sequence[float], weights: Sequence[float] | None = None) -> Distribution:
    """Return some values with their weights, or all with the same."""
    require(len(values) > 0, "values must hold at least one number")
    weights = [1 / len(values)] * len(values) if weights is None else weights
    require(len(values) == len(weights), f"{len(values)} values need as many weights, got {len(weights)}")
    require_weights(weights)
    together: dict[float, float] = {}
    for value, weight in zip(values, weights, strict=True):
        together[value] = together.get(value, 0.0) + weight
    ordered = sorted(together)
    return Discrete(tuple(ordered), tuple(together[value] for value in ordered))


def mixture(components: Sequence[tuple[float, Distribution]]) -> Distribution:
    """Return one of several distributions, each with its weight."""
    weights, distributions = zip(*components, strict=True)
    require_weights(weights)
    return Mixture(distributions, tuple(weight / sum(weights) for weight in weights))


def metalog(quantiles: Quantiles, low: float = -np.inf, high: float = np.inf) -> Distribution:
    """Return the metalog through quantiles, two or more, free or between bounds."""
    require(len(quantiles.names) <= MOST_TERMS, f"at most {MOST_TERMS} quantiles, got {len(quantiles.names)}")
    return metalog_through(quantiles.probabilities, quantiles.values, low, high)


def truncated_with(
    fit: Callable[[Quantiles], Distribution], quantiles: Quantiles, bounds: tuple[float, float]
) -> Distribution:
    """Return a distribution cut off at bounds that has the quantiles as it is then, not as it was before.

    What cutting off has moved a quantile by is added to what is asked of the whole, until nothing is left to add.
    """
    require(bounds[0] < bounds[1], f"bounds must be in order, got {bounds[0]:g} and {bounds[1]:g}")
    asked = quantiles.values
    quantiles.between(*bounds)
    fit(quantiles)  # so that what is wrong with them is said, and not what a step of the search makes of them
    with contextlib.suppress(ValueError), np.errstate(all="ignore"):
        for _ in range(MOST_CORRECTIONS):
            found = Truncated(fit(quantiles), *bounds)
            missing = asked - found.ppf(quantiles.probabilities)
            if np.abs(missing).max() <= 1e-9 * (asked[-1] - asked[0]):
                return found
            quantiles = quantiles._replace(values=quantiles.values + missing)
    raise ValueError(f"{NO_SUCH} within these bounds")


class Family(NamedTuple):
    """What a distribution's table in a file may hold.

    Attributes
    ----------
    forms : mapping from tuple of str to callable
        Each set of parameters that is enough, and what builds a distribution from it. Quantiles stand for any other
        ones, as many; they are passed together, first.
    options : tuple of str
        Parameters that any form may add, where its builder takes them.
    """

    forms: Mapping[tuple[str, ...], Callable[..., Distribution]]
    options: tuple[str, ...] = ()

    @property
    def parameters(self) -> list[str]:
        """Every parameter that the family knows but quantiles, each once."""
        names = dict.fromkeys([name for form in self.forms for name in form] + list(self.options))
        return [name for name in names if not QUANTILE.fullmatch(name) and name != ANY_MORE]

    @property
    def takes_quantiles(self) -> bool:
        """Whether some form has quantiles."""
        return any(QUANTILE.fullmatch(name) for form in self.forms for name in form)


TWO, THREE = ("p05", "p95"), ("p05", "p50", "p95")
FAMILIES: Mapping[str, Family] = {
    "fixed": Family({("value",): Fixed}),
    "uniform": Family({("low", "high"): Uniform, TWO: uniform_from_quantiles, ("mean", "sd"): uniform_from_moments}),
    "log-uniform": Family({("low", "high"): LogUniform, TWO: log_uniform_from_quantiles}),
    "triangular": Family(
        {
            ("low", "mode", "high"): Triangular,
            ("p05", "mode", "p95"): triangular_from_quantiles,
            THREE: triangular_from_three,
        }
    ),
    "pert": Family(
        {("low", "mode", "high"): pert, ("p05", "mode", "p95"): pert_from_quantiles, THREE: pert_from_three},
        ("shape",),
    ),
    "normal": Family({("mean", "sd"): Normal, TWO: normal_from_quantiles}),
    "student-t": Family(
        {
            ("freedom", "location", "scale"): student_t,
            ("freedom", *TWO): student_t_from_quantiles,
        }
    ),
    "lognormal": Family(
        {
            ("mu", "sigma"): lognormal,
            TWO: lognormal_from_quantiles,
            THREE: lognormal_from_three,
            ("median", "gsd"): lognormal_from_median,
            ("mean", "sd"): lognormal_from_moments,
        },
        ("shift",),
    ),
    "gamma": Family(
        {
            ("shape", "scale"): gamma,
            TWO: gamma_from_quantiles,
            THREE: gamma_from_three,
            ("mean", "sd"): gamma_from_moments,
        },
        ("shift",),
    ),
    "beta": Family(
        {("alpha", "beta"): beta, ("mean", "sd"): beta_from_moments, TWO: beta_from_quantiles},
        ("low", "high"),
    ),
    "metalog": Family({("p05", "p95", ANY_MORE): metalog}, ("low", "high")),
    "discrete": Family({("values",): discrete, ("values", "weights"): discrete}),
    # A file's column is read by whoever reads the table, and comes as values.
    "empirical": Family({("values",): discrete, ("file", "column"): discrete}),
    "mixture": Family({("components",): mixture}),
}


def build_distribution(
    family: str, parameters: Mapping[str, Any], bounds: tuple[float, float] | None = None
) -> Distribution:
    """Build a distribution from its family's name and the parameters that a file gives.

    Parameters
    ----------
    family : str
        A name of `FAMILIES`.
    parameters : mapping
        One of the family's forms, with any of its options.
    bounds : tuple of two floats, optional
        Truncates to this interval; infinite ends are open.

    Raises
    ------
    ValueError
        If the parameters are no form of the family or out of their range; the text says what is needed.
    """
    forms, options = FAMILIES[family]
    names = [name for name in parameters if QUANTILE.fullmatch(name)]
    others = {name: value for name, value in parameters.items() if name not in names}
    for form, build in forms.items():
        wanted = [name for name in form if QUANTILE.fullmatch(name)]
        enough = len(names) >= len(wanted) if ANY_MORE in form else len(names) == len(wanted)
        if enough and others.keys() - options == set(form) - {*wanted, ANY_MORE}:
            if names:
                quantiles = read_quantiles({name: parameters[name] for name in names})
                fit = partial(build, **others)
                return fit(quantiles) if bounds is None else truncated_with(fit, quantiles, bounds)
            distribution = build(**others)
            if bounds is None:
                return distribution
            if isinstance(distribution, Fixed | Discrete):
                for value in distribution.support:
                    inside = bounds[0] <= value <= bounds[1]
                    require(inside, f"value must lie within {bounds[0]:g} to {bounds[1]:g}, got {value:g}")
                return distribution
            return Truncated(distribution, *bounds)
    given = [name for name in parameters if name not in options]
    needed = "; or ".join(", ".join(form) for form in forms)
    raise ValueError(f"{family} needs {needed}; got {', '.join(sorted(given)) or 'nothing'}")
