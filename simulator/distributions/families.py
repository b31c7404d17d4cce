"""Families: how the table of a prior in a file becomes a distribution."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from simulator.distributions.shapes import (
    Beta,
    Distribution,
    Fixed,
    Lognormal,
    Normal,
    Triangular,
    Truncated,
    Uniform,
    affine,
    require,
    require_mode,
)
from simulator.units import FloatArray

Z95 = 1.6448536269514722  # standard normal quantile at 0.95


def in_order(p05: float, p95: float) -> None:
    """Raise ValueError unless the two quantiles are in order."""
    require(p05 < p95, f"p05 must be below p95, got {p05:g} and {p95:g}")


def positive(**values: float) -> None:
    """Raise ValueError unless every named value is above 0."""
    for name, value in values.items():
        require(value > 0, f"{name} must be above 0, got {value:g}")


def uniform_from_quantiles(p05: float, p95: float) -> Distribution:
    """Return the uniform distribution with these quantiles."""
    in_order(p05, p95)
    margin = (p95 - p05) / 18
    return Uniform(p05 - margin, p95 + margin)


def uniform_from_moments(mean: float, sd: float) -> Distribution:
    """Return the uniform distribution with this mean and standard deviation."""
    positive(sd=sd)
    return Uniform(mean - sd * 3**0.5, mean + sd * 3**0.5)


def normal_from_quantiles(p05: float, p95: float) -> Distribution:
    """Return the normal distribution with these quantiles."""
    in_order(p05, p95)
    return Normal((p05 + p95) / 2, (p95 - p05) / (2 * Z95))


def lognormal(mu: float, sigma: float, shift: float = 0.0) -> Distribution:
    """Return ``shift`` plus a lognormal value."""
    return affine(Lognormal(mu, sigma), shift, 1.0)


def lognormal_from_quantiles(p05: float, p95: float, shift: float = 0.0) -> Distribution:
    """Return the (shifted) lognormal distribution with these quantiles."""
    in_order(p05, p95)
    require(p05 > shift, f"p05 must be above {shift:g}, got {p05:g}")
    low, high = np.log(p05 - shift), np.log(p95 - shift)
    return lognormal((low + high) / 2, (high - low) / (2 * Z95), shift)


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


def beta_from_quantiles(p05: float, p95: float, low: float = 0.0, high: float = 1.0) -> Distribution:
    """Return the beta distribution on [`low`, `high`] with these quantiles, found numerically."""
    in_order(p05, p95)
    require(low < p05 and p95 < high, f"p05 and p95 must lie between {low:g} and {high:g}")
    middle, spread = (p05 + p95) / 2, (p95 - p05) / (2 * Z95)
    m = (middle - low) / (high - low)
    size = max(m * (1 - m) / (spread / (high - low)) ** 2 - 1, 0.5)
    start = np.log([m * size, (1 - m) * size])
    return solve_quantiles(lambda a, b: beta(np.exp(a), np.exp(b), low, high), start, p05, p95)


def pert(low: float, mode: float, high: float, shape: float = 4.0) -> Distribution:
    """Return the PERT distribution: a beta on [`low`, `high`] with this mode (Vose 2000; `shape` is lambda)."""
    require_mode(low, mode, high)
    positive(shape=shape)
    rise = (mode - low) / (high - low)
    return beta(1 + shape * rise, 1 + shape * (1 - rise), low, high)


def pert_from_quantiles(p05: float, mode: float, p95: float, shape: float = 4.0) -> Distribution:
    """Return the PERT distribution with this mode and these quantiles, found numerically."""
    return ends_from_quantiles(lambda low, high: pert(low, mode, high, shape), p05, mode, p95)


def triangular_from_quantiles(p05: float, mode: float, p95: float) -> Distribution:
    """Return the triangular distribution with this mode and these quantiles, found numerically."""
    return ends_from_quantiles(lambda low, high: Triangular(low, mode, high), p05, mode, p95)


def ends_from_quantiles(
    build: Callable[[float, float], Distribution], p05: float, mode: float, p95: float
) -> Distribution:
    """Return the distribution between two ends that gives these quantiles around `mode`."""
    in_order(p05, p95)
    require(p05 < mode < p95, f"mode must lie between p05 and p95, got {mode:g}")
    start = np.log([1.5 * (mode - p05), 1.5 * (p95 - mode)])
    return solve_quantiles(lambda a, b: build(mode - np.exp(a), mode + np.exp(b)), start, p05, p95)


NO_SUCH = "no distribution of this family has these quantiles"


def solve_quantiles(
    build: Callable[[float, float], Distribution], start: FloatArray, p05: float, p95: float
) -> Distribution:
    """Return ``build(a, b)`` for the two numbers at which it has these quantiles."""
    from scipy.optimize import least_squares

    probabilities, wanted = np.array([0.05, 0.95]), np.array([p05, p95])

    def miss(parameters: FloatArray) -> FloatArray:
        got = build(*np.clip(parameters, -50, 50)).ppf(probabilities)
        return np.asarray((got - wanted) / (p95 - p05))

    try:
        found = least_squares(miss, start, xtol=1e-15, ftol=1e-15, gtol=1e-15)
    except ValueError:  # where even the start is beyond the range of numbers
        raise ValueError(NO_SUCH) from None
    require(bool(np.abs(found.fun).max() < 1e-8), NO_SUCH)
    return build(*found.x)


class Family(NamedTuple):
    """What a distribution's table in a file may hold.

    Attributes
    ----------
    forms : mapping from tuple of str to callable
        Each set of parameters that is enough, and what builds a distribution from it.
    options : tuple of str
        Parameters that any form may add.
    """

    forms: Mapping[tuple[str, ...], Callable[..., Distribution]]
    options: tuple[str, ...] = ()

    @property
    def parameters(self) -> list[str]:
        """Every parameter that the family knows, each once."""
        return list(dict.fromkeys([name for form in self.forms for name in form] + list(self.options)))


FAMILIES: Mapping[str, Family] = {
    "fixed": Family({("value",): Fixed}),
    "uniform": Family(
        {
            ("low", "high"): Uniform,
            ("p05", "p95"): uniform_from_quantiles,
            ("mean", "sd"): uniform_from_moments,
        }
    ),
    "triangular": Family({("low", "mode", "high"): Triangular, ("p05", "mode", "p95"): triangular_from_quantiles}),
    "pert": Family({("low", "mode", "high"): pert, ("p05", "mode", "p95"): pert_from_quantiles}, ("shape",)),
    "normal": Family({("mean", "sd"): Normal, ("p05", "p95"): normal_from_quantiles}),
    "lognormal": Family(
        {
            ("mu", "sigma"): lognormal,
            ("p05", "p95"): lognormal_from_quantiles,
            ("median", "gsd"): lognormal_from_median,
            ("mean", "sd"): lognormal_from_moments,
        },
        ("shift",),
    ),
    "beta": Family(
        {("alpha", "beta"): beta, ("mean", "sd"): beta_from_moments, ("p05", "p95"): beta_from_quantiles},
        ("low", "high"),
    ),
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
    given = {name for name in parameters if name not in options}
    for form, build in forms.items():
        if given == set(form):
            distribution = build(**parameters)
            if isinstance(distribution, Fixed) and bounds is not None:
                inside = bounds[0] <= distribution.value <= bounds[1]
                require(inside, f"value must lie within {bounds[0]:g} to {bounds[1]:g}, got {distribution.value:g}")
                return distribution
            return distribution if bounds is None else Truncated(distribution, *bounds)
    wanted = "; or ".join(", ".join(form) for form in forms)
    raise ValueError(f"{family} needs {wanted}; got {', '.join(sorted(given)) or 'nothing'}")
