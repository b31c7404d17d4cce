"""Distributions made of others: shifted and scaled, truncated, mixed."""

from dataclasses import dataclass, fields

import numpy as np

from simulator.distributions.shapes import (
    Discrete,
    Distribution,
    Fixed,
    Triangular,
    Uniform,
    require,
    require_weights,
)
from simulator.units import FloatArray

RAREST = 1e-300  # probability that 0 stands for, where a component may be infinite
BISECTIONS = 200  # at most; two doubles of a size are 60 apart, and only steps at zero take more


@dataclass(frozen=True)
class Affine:
    """``shift + scale * x`` for `x` of another distribution; `scale` is positive."""

    base: Distribution
    shift: float
    scale: float

    @property
    def closed_form(self) -> bool:
        return self.base.closed_form

    @property
    def support(self) -> tuple[float, float]:
        low, high = self.base.support
        return self.shift + self.scale * low, self.shift + self.scale * high

    def ppf(self, u: FloatArray) -> FloatArray:
        return self.shift + self.scale * self.base.ppf(u)

    def isf(self, v: FloatArray) -> FloatArray:
        return self.shift + self.scale * self.base.isf(v)

    def cdf(self, x: FloatArray) -> FloatArray:
        return self.base.cdf((x - self.shift) / self.scale)

    def sf(self, x: FloatArray) -> FloatArray:
        return self.base.sf((x - self.shift) / self.scale)


def affine(base: Distribution, shift: float, scale: float) -> Distribution:
    """Return the distribution of ``shift + scale * x``; shapes that hold only places in it stay what they are."""
    if isinstance(base, Discrete):
        return Discrete(tuple(shift + scale * value for value in base.values), base.weights)
    if isinstance(base, Fixed | Uniform | Triangular):
        return type(base)(*(shift + scale * getattr(base, place.name) for place in fields(base)))
    return base if (shift, scale) == (0.0, 1.0) else Affine(base, shift, scale)


@dataclass(frozen=True)
class Truncated:
    """Another distribution, given that the value lies in [`low`, `high`]; exact, through its cdf."""

    base: Distribution
    low: float
    high: float
    closed_form = False

    def __post_init__(self) -> None:
        require(self.low < self.high, f"bounds must be in order, got {self.low:g} and {self.high:g}")
        below, above = self._masses()
        require(
            1.0 - below - above > 1e-6,
            f"bounds [{self.low:g}, {self.high:g}] leave less than a millionth of the distribution",
        )

    def _masses(self) -> tuple[float, float]:
        low, high = np.asarray(self.low), np.asarray(self.high)
        return float(self.base.cdf(low)), float(self.base.sf(high))

    @property
    def support(self) -> tuple[float, float]:
        low, high = self.base.support
        return max(low, self.low), min(high, self.high)

    def ppf(self, u: FloatArray) -> FloatArray:
        below, above = self._masses()
        # The sum may round to 1, where an open end is infinite.
        probability = np.minimum(below + u * (1.0 - below - above), 1 - 2.0**-53)
        return np.clip(self.base.ppf(probability), *self.support)

    def isf(self, v: FloatArray) -> FloatArray:
        below, above = self._masses()
        probability = np.minimum(above + v * (1.0 - below - above), 1 - 2.0**-53)
        return np.clip(self.base.isf(probability), *self.support)

    def cdf(self, x: FloatArray) -> FloatArray:
        below, above = self._masses()
        return np.clip((self.base.cdf(x) - below) / (1.0 - below - above), 0.0, 1.0)

    def sf(self, x: FloatArray) -> FloatArray:
        below, above = self._masses()
        return np.clip((self.base.sf(x) - above) / (1.0 - below - above), 0.0, 1.0)


@dataclass(frozen=True)
class Mixture:
    """One of several distributions, each with its probability: experts who disagree."""

    components: tuple[Distribution, ...]
    weights: tuple[float, ...]
    closed_form = False

    def __post_init__(self) -> None:
        require(len(self.components) > 0, "a mixture needs at least one component")
        require_weights(self.weights)

    @property
    def support(self) -> tuple[float, float]:
        lows, highs = zip(*(component.support for component in self.components), strict=True)
        return min(lows), max(highs)

    def ppf(self, u: FloatArray) -> FloatArray:
        return self._quantile(np.asarray(u), 1.0 - u)

    def isf(self, v: FloatArray) -> FloatArray:
        return self._quantile(1.0 - v, np.asarray(v))

    def _quantile(self, lower: FloatArray, upper: FloatArray) -> FloatArray:
        """Return the quantiles by bisection between those of the components, to the last bit, from the nearer end.

        Where the probability has a step, it may meet the one asked for nowhere; the quantile is where the step is.
        """
        lower, upper = np.maximum(lower, RAREST), np.maximum(upper, RAREST)
        near = lower <= upper
        ends = [np.where(near, component.ppf(lower), component.isf(upper)) for component in self.components]
        low, high = np.min(ends, axis=0), np.max(ends, axis=0)
        for _ in range(BISECTIONS):
            middle = low + (high - low) / 2
            below = np.where(near, self.cdf(middle) < lower, self.sf(middle) > upper)
            low, high = np.where(below, middle, low), np.where(below, high, middle)
            if np.all(high - low <= np.spacing(np.abs(high))):
                break
        return high

    def cdf(self, x: FloatArray) -> FloatArray:
        parts = (w * component.cdf(x) for w, component in zip(self.weights, self.components, strict=True))
        return np.asarray(sum(parts))

    def sf(self, x: FloatArray) -> FloatArray:
        parts = (w * component.sf(x) for w, component in zip(self.weights, self.components, strict=True))
        return np.asarray(sum(parts))
