"""The triangular family, and the search for the ends and the mode of such a shape."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from simulator.distributions.family import THREE, Build, Distribution, Family, Quantiles, find_shape, require
from simulator.units import FloatArray


def require_mode(low: float, mode: float, high: float) -> None:
    """Raise ValueError unless `low` <= `mode` <= `high` and there is room between the ends."""
    ordered = low <= mode <= high and low < high
    require(ordered, f"low <= mode <= high is needed, got {low:g}, {mode:g} and {high:g}")


@dataclass(frozen=True)
class Triangular:
    """Density that rises linearly from `low` to `mode` and falls linearly to `high`."""

    low: float
    mode: float
    high: float
    closed_form = True

    def __post_init__(self) -> None:
        require_mode(self.low, self.mode, self.high)

    @property
    def support(self) -> tuple[float, float]:
        return self.low, self.high

    def ppf(self, u: FloatArray) -> FloatArray:
        return self._quantile(u, 1.0 - u)

    def isf(self, v: FloatArray) -> FloatArray:
        return self._quantile(1.0 - v, v)

    def _quantile(self, u: FloatArray, v: FloatArray) -> FloatArray:
        # Rising and falling part in one expression: each stops at the mode, so no row needs a branch.
        low, mode, high = self.low, self.mode, self.high
        share = (mode - low) / (high - low)
        rising = np.minimum(u, share)
        rising *= (high - low) * (mode - low)
        falling = np.minimum(v, 1.0 - share)
        falling *= (high - low) * (high - mode)
        rising = np.sqrt(rising, out=rising)
        rising -= np.sqrt(falling, out=falling)
        rising += low + (high - mode)
        return rising

    def cdf(self, x: FloatArray) -> FloatArray:
        low, mode, high = self.low, self.mode, self.high
        with np.errstate(divide="ignore", invalid="ignore"):
            rising = np.square(x - low) / ((high - low) * (mode - low))
            falling = 1.0 - np.square(high - x) / ((high - low) * (high - mode))
        inside = np.where(np.asarray(x) < mode, rising, falling)
        return np.where(np.asarray(x) <= low, 0.0, np.where(np.asarray(x) >= high, 1.0, inside))

    def sf(self, x: FloatArray) -> FloatArray:
        return Triangular(-self.high, -self.mode, -self.low).cdf(-np.asarray(x))


def ends_from_quantiles(build: Build, quantiles: Quantiles, mode: float, **options: float) -> Distribution:
    """Return ``build(low, mode, high)`` for the ends with which it has two quantiles around `mode`."""
    (first, second), (low, high) = quantiles.names, quantiles.values
    require(low < mode < high, f"mode must lie between {first} and {second}, got {mode:g}")

    def standard(share: float) -> FloatArray:
        return np.insert(build(0.0, share, 1.0, **options).ppf(quantiles.probabilities), 1, share)

    share = find_shape(standard, [low, mode, high], 0.0, 1.0)
    start, width = quantiles.location_and_scale(standard(share))
    return build(start, mode, start + width, **options)


def places_from_quantiles(build: Build, quantiles: Quantiles, **options: float) -> Distribution:
    """Return ``build(low, mode, high)`` for the places with which it has three quantiles.

    Where the mode lies beyond the outer quantiles, many triangles have the same three: it is the one whose mode is
    an end.
    """

    def standard(share: float) -> FloatArray:
        return build(0.0, share, 1.0, **options).ppf(quantiles.probabilities)

    share = find_shape(standard, quantiles.values, 0.0, 1.0)
    low, width = quantiles.location_and_scale(standard(share))
    return build(low, low + share * width, low + width, **options)


def forms_with_mode(build: Build) -> dict[tuple[str, ...], Build]:
    """Return the forms of a family that ``build(low, mode, high)`` makes."""
    ends, places = partial(ends_from_quantiles, build), partial(places_from_quantiles, build)
    return {("low", "mode", "high"): build, ("p05", "mode", "p95"): ends, THREE: places}


FAMILY = Family(forms_with_mode(Triangular))
