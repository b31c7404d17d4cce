"""The uniform family."""

from dataclasses import dataclass

import numpy as np

from simulator.distributions.family import TWO, Distribution, Family, Quantiles, require, require_positive
from simulator.units import FloatArray


@dataclass(frozen=True)
class Uniform:
    """Equal density between `low` and `high`."""

    low: float
    high: float
    closed_form = True

    def __post_init__(self) -> None:
        require(self.low < self.high, f"low must be below high, got {self.low:g} and {self.high:g}")

    @property
    def support(self) -> tuple[float, float]:
        return self.low, self.high

    def ppf(self, u: FloatArray) -> FloatArray:
        return self.low + u * (self.high - self.low)

    def isf(self, v: FloatArray) -> FloatArray:
        return self.high - v * (self.high - self.low)

    def cdf(self, x: FloatArray) -> FloatArray:
        return np.clip((x - self.low) / (self.high - self.low), 0.0, 1.0)

    def sf(self, x: FloatArray) -> FloatArray:
        return np.clip((self.high - x) / (self.high - self.low), 0.0, 1.0)


def from_quantiles(quantiles: Quantiles) -> Distribution:
    """Return the uniform distribution with two quantiles."""
    low, width = quantiles.location_and_scale(quantiles.probabilities)
    return Uniform(low, low + width)


def from_moments(mean: float, sd: float) -> Distribution:
    """Return the uniform distribution with this mean and standard deviation."""
    require_positive(sd=sd)
    return Uniform(mean - sd * 3**0.5, mean + sd * 3**0.5)


FAMILY = Family({("low", "high"): Uniform, TWO: from_quantiles, ("mean", "sd"): from_moments})
