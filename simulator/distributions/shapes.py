"""The shapes: each knows its exact quantiles and probabilities, and nothing of files or draws."""

from dataclasses import dataclass, fields
from typing import Protocol

import numpy as np

from simulator.units import FloatArray


class Distribution(Protocol):
    """What a prior draws from."""

    def __hash__(self) -> int:
        """Distributions are values: equal ones share their table of quantiles."""

    @property
    def support(self) -> tuple[float, float]:
        """Lowest and highest value."""

    @property
    def closed_form(self) -> bool:
        """Whether `ppf` is cheap arithmetic, so that no table is worth while."""

    def ppf(self, u: FloatArray) -> FloatArray:
        """Return the quantiles at the probabilities `u`, of the shape of `u`."""

    def isf(self, v: FloatArray) -> FloatArray:
        """Return the quantiles at the probabilities ``1 - v``."""

    def cdf(self, x: FloatArray) -> FloatArray:
        """Return the probabilities of values up to `x`."""


def require(condition: bool, message: str) -> None:
    """Raise ValueError with `message` unless `condition` holds."""
    if not condition:
        raise ValueError(message)


def require_mode(low: float, mode: float, high: float) -> None:
    """Raise ValueError unless `low` <= `mode` <= `high` and there is room between the ends."""
    require(
        low <= mode <= high and low < high,
        f"low <= mode <= high is needed, got {low:g}, {mode:g} and {high:g}",
    )


@dataclass(frozen=True)
class Fixed:
    """A value taken as known."""

    value: float
    closed_form = True

    @property
    def support(self) -> tuple[float, float]:
        return self.value, self.value

    def ppf(self, u: FloatArray) -> FloatArray:
        return np.full(np.shape(u), self.value)

    isf = ppf

    def cdf(self, x: FloatArray) -> FloatArray:
        return np.asarray(x >= self.value, float)


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


@dataclass(frozen=True)
class Normal:
    """The Gaussian."""

    mean: float
    sd: float
    closed_form = False

    def __post_init__(self) -> None:
        require(self.sd > 0, f"sd must be above 0, got {self.sd:g}")

    @property
    def support(self) -> tuple[float, float]:
        return -np.inf, np.inf

    def ppf(self, u: FloatArray) -> FloatArray:
        from scipy.special import ndtri

        return self.mean + self.sd * ndtri(u)  # type: ignore[no-any-return]

    def isf(self, v: FloatArray) -> FloatArray:
        from scipy.special import ndtri

        return self.mean - self.sd * ndtri(v)  # type: ignore[no-any-return]

    def cdf(self, x: FloatArray) -> FloatArray:
        from scipy.special import ndtr

        return ndtr((x - self.mean) / self.sd)  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Lognormal:
    """Its logarithm is normal, with mean `mu` and standard deviation `sigma`."""

    mu: float
    sigma: float
    closed_form = False

    def __post_init__(self) -> None:
        require(self.sigma > 0, f"sigma must be above 0, got {self.sigma:g}")
        # At ten standard deviations, beyond any double in (0, 1), the value must still be a number.
        require(abs(self.mu) + 10 * self.sigma < 700, "the values would pass the range of numbers")

    @property
    def support(self) -> tuple[float, float]:
        return 0.0, np.inf

    def ppf(self, u: FloatArray) -> FloatArray:
        return np.exp(Normal(self.mu, self.sigma).ppf(u))

    def isf(self, v: FloatArray) -> FloatArray:
        return np.exp(Normal(self.mu, self.sigma).isf(v))

    def cdf(self, x: FloatArray) -> FloatArray:
        with np.errstate(divide="ignore"):
            return Normal(self.mu, self.sigma).cdf(np.log(np.maximum(x, 0.0)))


@dataclass(frozen=True)
class Beta:
    """The beta distribution on (0, 1)."""

    alpha: float
    beta: float
    closed_form = False

    def __post_init__(self) -> None:
        require(self.alpha > 0, f"alpha must be above 0, got {self.alpha:g}")
        require(self.beta > 0, f"beta must be above 0, got {self.beta:g}")

    @property
    def support(self) -> tuple[float, float]:
        return 0.0, 1.0

    def ppf(self, u: FloatArray) -> FloatArray:
        from scipy.special import betaincinv

        return betaincinv(self.alpha, self.beta, u)  # type: ignore[no-any-return]

    def isf(self, v: FloatArray) -> FloatArray:
        from scipy.special import betainccinv

        return betainccinv(self.alpha, self.beta, v)  # type: ignore[no-any-return]

    def cdf(self, x: FloatArray) -> FloatArray:
        from scipy.special import betainc

        return betainc(self.alpha, self.beta, np.clip(x, 0.0, 1.0))  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Affine:
    """``shift + scale * x`` for `x` of another distribution; `scale` is positive."""

    base: Distribution
    shift: float
    scale: float
    closed_form = False

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


def affine(base: Distribution, shift: float, scale: float) -> Distribution:
    """Return the distribution of ``shift + scale * x``; shapes that hold only places in it stay what they are."""
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
        return float(self.base.cdf(low)), 1.0 - float(self.base.cdf(high))

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
        return np.clip(self.base.isf(above + v * (1.0 - below - above)), *self.support)

    def cdf(self, x: FloatArray) -> FloatArray:
        below, above = self._masses()
        return np.clip((self.base.cdf(x) - below) / (1.0 - below - above), 0.0, 1.0)
