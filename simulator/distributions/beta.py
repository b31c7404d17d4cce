"""The beta family, on (0, 1) or stretched."""

from dataclasses import dataclass

import numpy as np
import scipy

from simulator.distributions.compound import affine
from simulator.distributions.family import TWO, Distribution, Family, Quantiles, require, require_positive
from simulator.portable import exp
from simulator.units import FloatArray


@dataclass(frozen=True)
class Beta:
    """The beta distribution on (0, 1)."""

    alpha: float
    beta: float
    closed_form = False
    support = (0.0, 1.0)

    def __post_init__(self) -> None:
        require_positive(alpha=self.alpha, beta=self.beta)

    def ppf(self, u: FloatArray) -> FloatArray:
        return scipy.special.betaincinv(self.alpha, self.beta, u)  # type: ignore[no-any-return]

    def isf(self, v: FloatArray) -> FloatArray:
        return scipy.special.betainccinv(self.alpha, self.beta, v)  # type: ignore[no-any-return]

    def cdf(self, x: FloatArray) -> FloatArray:
        return scipy.special.betainc(self.alpha, self.beta, np.clip(x, 0.0, 1.0))  # type: ignore[no-any-return]

    def sf(self, x: FloatArray) -> FloatArray:
        return scipy.special.betaincc(self.alpha, self.beta, np.clip(x, 0.0, 1.0))  # type: ignore[no-any-return]


def beta(alpha: float, beta: float, low: float = 0.0, high: float = 1.0) -> Distribution:
    """Return the beta distribution, stretched to [`low`, `high`]."""
    require(low < high, f"low must be below high, got {low:g} and {high:g}")
    return affine(Beta(alpha, beta), low, high - low)


def from_moments(mean: float, sd: float, low: float = 0.0, high: float = 1.0) -> Distribution:
    """Return the beta distribution on [`low`, `high`] with this mean and standard deviation."""
    require(low < mean < high, f"mean must lie between {low:g} and {high:g}, got {mean:g}")
    require_positive(sd=sd)
    m, v = (mean - low) / (high - low), (sd / (high - low)) ** 2
    require(v < m * (1 - m), f"sd must be below {(m * (1 - m)) ** 0.5 * (high - low):.3g}, got {sd:g}")
    size = m * (1 - m) / v - 1
    return beta(m * size, (1 - m) * size, low, high)


def from_quantiles(quantiles: Quantiles, low: float = 0.0, high: float = 1.0) -> Distribution:
    """Return the beta distribution on [`low`, `high`] with two quantiles, found numerically."""
    quantiles.require_between(low, high)
    location, scale = quantiles.location_and_scale(quantiles.normal_scores)
    m = min(max((location - low) / (high - low), 0.01), 0.99)
    size = max(m * (1 - m) / (scale / (high - low)) ** 2 - 1, 0.5)
    start = np.log([m * size, (1 - m) * size])
    return quantiles.solve(lambda a, b: beta(exp(a), exp(b), low, high), start)


FAMILY = Family({("alpha", "beta"): beta, ("mean", "sd"): from_moments, TWO: from_quantiles}, ("low", "high"))
