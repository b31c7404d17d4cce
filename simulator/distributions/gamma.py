"""The gamma family, shifted or not."""

from dataclasses import dataclass
from functools import partial

import numpy as np
import scipy

from simulator.distributions.compound import affine
from simulator.distributions.family import (
    THREE,
    TWO,
    Distribution,
    Family,
    Quantiles,
    find_shape,
    require,
    require_positive,
)
from simulator.portable import exp
from simulator.units import FloatArray

LOG_SHAPES = np.log([0.01, 1e12])  # of the shapes that are found; beyond them quantiles lose their digits


@dataclass(frozen=True)
class Gamma:
    """The gamma distribution of scale 1."""

    shape: float
    closed_form = False
    support = (0.0, np.inf)

    def __post_init__(self) -> None:
        require_positive(shape=self.shape)

    def ppf(self, u: FloatArray) -> FloatArray:
        return scipy.special.gammaincinv(self.shape, u)  # type: ignore[no-any-return]

    def isf(self, v: FloatArray) -> FloatArray:
        return scipy.special.gammainccinv(self.shape, v)  # type: ignore[no-any-return]

    def cdf(self, x: FloatArray) -> FloatArray:
        return scipy.special.gammainc(self.shape, np.maximum(x, 0.0))  # type: ignore[no-any-return]

    def sf(self, x: FloatArray) -> FloatArray:
        return scipy.special.gammaincc(self.shape, np.maximum(x, 0.0))  # type: ignore[no-any-return]


def gamma(shape: float, scale: float, shift: float = 0.0) -> Distribution:
    """Return ``shift`` plus a gamma value."""
    require_positive(scale=scale)
    return affine(Gamma(shape), shift, scale)


def from_moments(mean: float, sd: float, shift: float = 0.0) -> Distribution:
    """Return the (shifted) gamma distribution with this mean and standard deviation."""
    require(mean > shift, f"mean must be above {shift:g}, got {mean:g}")
    require_positive(sd=sd)
    return gamma(((mean - shift) / sd) ** 2, sd**2 / (mean - shift), shift)


def from_quantiles(quantiles: Quantiles, shift: float = 0.0) -> Distribution:
    """Return the (shifted) gamma distribution with two quantiles, found numerically."""
    quantiles.require_above(shift)
    log_shape = find_shape(lambda log: [0.0, *standard(quantiles, log)], [shift, *quantiles.values], *LOG_SHAPES)
    _, scale = quantiles.location_and_scale(standard(quantiles, log_shape))
    return gamma(exp(log_shape), scale, shift)


def from_three(quantiles: Quantiles) -> Distribution:
    """Return the gamma distribution, shifted as needed, with three quantiles, found numerically."""
    quantiles.require_right_tailed()
    log_shape = find_shape(partial(standard, quantiles), quantiles.values, *LOG_SHAPES)
    shift, scale = quantiles.location_and_scale(standard(quantiles, log_shape))
    return gamma(exp(log_shape), scale, shift)


def standard(quantiles: Quantiles, log_shape: float) -> FloatArray:
    """Return the same quantiles of the gamma distribution of scale 1."""
    return Gamma(exp(log_shape)).ppf(quantiles.probabilities)


FAMILY = Family(
    {("shape", "scale"): gamma, TWO: from_quantiles, THREE: from_three, ("mean", "sd"): from_moments}, ("shift",)
)
