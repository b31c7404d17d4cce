"""Distributions made of another: shifted and scaled, or truncated."""

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np

from simulator.distributions.discrete import Discrete, Fixed
from simulator.distributions.family import NO_SUCH, Distribution, Quantiles, atoms_of, require
from simulator.distributions.mixture import Mixture
from simulator.distributions.triangular import Triangular
from simulator.distributions.uniform import Uniform
from simulator.units import FloatArray

MOST_CORRECTIONS = 50
MOST = 1 - 2.0**-53  # probability: a sum may round to 1, where an open end is infinite


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

    @property
    def atoms(self) -> Mapping[float, float]:
        return {self.shift + self.scale * value: share for value, share in atoms_of(self.base).items()}

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
    if isinstance(base, Mixture):
        return Mixture(tuple(affine(part, shift, scale) for part in base.components), base.weights)
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
        leave = f"bounds [{self.low:g}, {self.high:g}] leave less than a millionth of the distribution"
        require(self._masses[1] > 1e-6, leave)

    @cached_property
    def _masses(self) -> tuple[float, float, float]:
        """Probabilities of the whole below the bounds, between them and above."""
        below, above = float(self.base.cdf(np.asarray(self.low))), float(self.base.sf(np.asarray(self.high)))
        below -= atoms_of(self.base).get(self.low, 0.0)  # an atom on a bound lies within
        return below, 1.0 - below - above, above

    @property
    def atoms(self) -> Mapping[float, float]:
        inside = self._masses[1]
        within = {value: share for value, share in atoms_of(self.base).items() if self.low <= value <= self.high}
        return {value: share / inside for value, share in within.items()}

    @property
    def support(self) -> tuple[float, float]:
        low, high = self.base.support
        return max(low, self.low), min(high, self.high)

    def ppf(self, u: FloatArray) -> FloatArray:
        below, inside, _ = self._masses
        return np.clip(self.base.ppf(np.minimum(below + u * inside, MOST)), *self.support)

    def isf(self, v: FloatArray) -> FloatArray:
        _, inside, above = self._masses
        return np.clip(self.base.isf(np.minimum(above + v * inside, MOST)), *self.support)

    def cdf(self, x: FloatArray) -> FloatArray:
        below, inside, _ = self._masses
        return np.clip((self.base.cdf(x) - below) / inside, 0.0, 1.0)

    def sf(self, x: FloatArray) -> FloatArray:
        _, inside, above = self._masses
        return np.clip((self.base.sf(x) - above) / inside, 0.0, 1.0)


def truncate(distribution: Distribution, low: float, high: float) -> Distribution:
    """Return a distribution cut off at bounds; values that are known or have weights must lie within."""
    if not isinstance(distribution, Fixed | Discrete):
        return Truncated(distribution, low, high)
    for value in distribution.support:
        require(low <= value <= high, f"value must lie within {low:g} to {high:g}, got {value:g}")
    return distribution


def fit_truncated(
    fit: Callable[[Quantiles], Distribution], quantiles: Quantiles, bounds: tuple[float, float]
) -> Distribution:
    """Return a distribution cut off at bounds that has the quantiles as it is then, not as it was before.

    What cutting off has moved a quantile by is added to what is asked of the whole, until nothing is left to add.
    Where bounds cut off much, that may never end; then least squares find what to add.
    """
    require(bounds[0] < bounds[1], f"bounds must be in order, got {bounds[0]:g} and {bounds[1]:g}")
    quantiles.require_between(*bounds)
    fit(quantiles)  # so that what is wrong with them is said, and not what a step of the search makes of them

    def within(values: FloatArray) -> Distribution:
        return Truncated(fit(quantiles._replace(values=values)), *bounds)

    asked = values = quantiles.values
    with np.errstate(all="ignore"):
        with contextlib.suppress(ValueError):
            for _ in range(MOST_CORRECTIONS):
                found = within(values)
                missing = asked - found.ppf(quantiles.probabilities)
                if np.abs(missing).max() <= 1e-9 * quantiles.span:
                    return found
                values = values + missing
        try:
            return quantiles.solve(
                lambda *added: within(asked + quantiles.span * np.array(added)), np.zeros(asked.size)
            )
        except ValueError:
            raise ValueError(f"{NO_SUCH} within these bounds") from None
