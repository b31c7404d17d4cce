"""The log-uniform family."""

from dataclasses import dataclass

import numpy as np

from simulator.distributions.family import TWO, Distribution, Family, Quantiles, require
from simulator.portable import exp, log
from simulator.units import FloatArray


@dataclass(frozen=True)
class LogUniform:
    """Its logarithm is uniform between those of `low` and `high`."""

    low: float
    high: float
    closed_form = False

    def __post_init__(self) -> None:
        require(0 < self.low < self.high, f"0 < low < high is needed, got {self.low:g} and {self.high:g}")

    @property
    def support(self) -> tuple[float, float]:
        return self.low, self.high

    def ppf(self, u: FloatArray) -> FloatArray:
        return np.clip(self.low * exp(u * log(self.high / self.low)), self.low, self.high)

    def isf(self, v: FloatArray) -> FloatArray:
        return np.clip(self.high * exp(-v * log(self.high / self.low)), self.low, self.high)

    def cdf(self, x: FloatArray) -> FloatArray:
        return log(np.clip(x, self.low, self.high) / self.low) / log(self.high / self.low)

    def sf(self, x: FloatArray) -> FloatArray:
        return log(self.high / np.clip(x, self.low, self.high)) / log(self.high / self.low)


def from_quantiles(quantiles: Quantiles) -> Distribution:
    """Return the log-uniform distribution with two quantiles."""
    low, width = quantiles.logarithms().location_and_scale(quantiles.probabilities)
    return LogUniform(float(exp(low)), float(exp(low + width)))


FAMILY = Family({("low", "high"): LogUniform, TWO: from_quantiles})
