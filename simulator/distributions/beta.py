"""The beta family, on (0, 1) or stretched."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy

from simulator import portable
from simulator.distributions.compound import affine
from simulator.distributions.family import TWO, Distribution, Family, Quantiles, find_root, require, require_positive
from simulator.units import FloatArray

LOG_SUMS = np.log([1e-3, 1e12])  # of the shapes that are found
LOGITS = (-200.0, 200.0)  # of their means


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
    # Where both shapes are 1 but for rounding, Boost's inverse, which is SciPy's, may be off by 0.2.
    alpha, beta = (1.0 if abs(shape - 1) < 1e-12 else shape for shape in (alpha, beta))
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
    """Return the beta distribution on [`low`, `high`] with two quantiles, found numerically.

    At any ``alpha + beta`` one mean gives the lower quantile; the probability up to the upper one rises with the sum.
    """
    quantiles.require_between(low, high)
    (first, second), (p, q) = (quantiles.values - low) / (high - low), quantiles.probabilities

    def shapes(log_sum: float, logit: float, exp: Callable[[float], float] = np.exp) -> tuple[float, float]:
        return exp(log_sum) / (1 + exp(-logit)), exp(log_sum) / (1 + exp(logit))

    def logit_at(log_sum: float) -> float:
        return find_root(lambda logit: scipy.special.betainc(*shapes(log_sum, logit), first) - p, *LOGITS)

    log_sum = find_root(lambda log: scipy.special.betainc(*shapes(log, logit_at(log)), second) - q, *LOG_SUMS)
    return beta(*shapes(log_sum, logit_at(log_sum), portable.exp), low, high)


FAMILY = Family({("alpha", "beta"): beta, ("mean", "sd"): from_moments, TWO: from_quantiles}, ("low", "high"))
