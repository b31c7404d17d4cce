"""The lognormal family, shifted or not."""

from dataclasses import dataclass

import numpy as np

from simulator.distributions.compound import affine
from simulator.distributions.family import THREE, TWO, Distribution, Family, Quantiles, require, require_positive
from simulator.distributions.normal import Normal
from simulator.portable import exp, log, log1p
from simulator.units import FloatArray


@dataclass(frozen=True)
class Lognormal:
    """Its logarithm is normal, with mean `mu` and standard deviation `sigma`."""

    mu: float
    sigma: float
    closed_form = False
    support = (0.0, np.inf)

    def __post_init__(self) -> None:
        require_positive(sigma=self.sigma)
        # At ten standard deviations, beyond any double in (0, 1), the value must still be a number.
        require(abs(self.mu) + 10 * self.sigma < 700, "the values would pass the range of numbers")

    def ppf(self, u: FloatArray) -> FloatArray:
        return exp(Normal(self.mu, self.sigma).ppf(u))

    def isf(self, v: FloatArray) -> FloatArray:
        return exp(Normal(self.mu, self.sigma).isf(v))

    def cdf(self, x: FloatArray) -> FloatArray:
        with np.errstate(divide="ignore"):
            return Normal(self.mu, self.sigma).cdf(log(np.maximum(x, 0.0)))

    def sf(self, x: FloatArray) -> FloatArray:
        with np.errstate(divide="ignore"):
            return Normal(self.mu, self.sigma).sf(log(np.maximum(x, 0.0)))


def lognormal(mu: float, sigma: float, shift: float = 0.0) -> Distribution:
    """Return ``shift`` plus a lognormal value."""
    return affine(Lognormal(mu, sigma), shift, 1.0)


def from_quantiles(quantiles: Quantiles, shift: float = 0.0) -> Distribution:
    """Return the (shifted) lognormal distribution with two quantiles."""
    return lognormal(*quantiles.logarithms(shift).location_and_scale(quantiles.normal_scores), shift)


def from_three(quantiles: Quantiles) -> Distribution:
    """Return the lognormal distribution, shifted as needed, with three quantiles, found numerically."""
    quantiles.require_right_tailed()
    middle, score = quantiles.values[1], quantiles.normal_scores
    left, right = np.diff(quantiles.values) / np.diff(score)
    sigma = float(2 * np.log(right / left) / np.ptp(score))
    start = np.array([np.log(quantiles.span / sigma), np.log(sigma), 0.0])

    def build(log_distance: float, log_sigma: float, offset: float) -> Distribution:
        mu = log_distance - exp(log_sigma) * score[1]  # the distance is that of the middle quantile from the shift
        return lognormal(mu, exp(log_sigma), middle - exp(log_distance) * (1 + offset))

    return quantiles.solve(build, start)


def from_median(median: float, gsd: float, shift: float = 0.0) -> Distribution:
    """Return the (shifted) lognormal distribution with this median and geometric standard deviation."""
    require(median > shift, f"median must be above {shift:g}, got {median:g}")
    require(gsd > 1, f"gsd must be above 1, got {gsd:g}")
    return lognormal(log(median - shift), log(gsd), shift)


def from_moments(mean: float, sd: float, shift: float = 0.0) -> Distribution:
    """Return the (shifted) lognormal distribution with this mean and standard deviation."""
    require(mean > shift, f"mean must be above {shift:g}, got {mean:g}")
    require_positive(sd=sd)
    variance = log1p((sd / (mean - shift)) ** 2)
    return lognormal(log(mean - shift) - variance / 2, variance**0.5, shift)


FAMILY = Family(
    {
        ("mu", "sigma"): lognormal,
        TWO: from_quantiles,
        THREE: from_three,
        ("median", "gsd"): from_median,
        ("mean", "sd"): from_moments,
    },
    ("shift",),
)
