"""The shapes: each knows its exact quantiles and probabilities, and nothing of files or draws."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
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

    def sf(self, x: FloatArray) -> FloatArray:
        """Return the probabilities of values above `x`, with the digits of a small one."""


def require(condition: bool, message: str) -> None:
    """Raise ValueError with `message` unless `condition` holds."""
    if not condition:
        raise ValueError(message)


def require_weights(weights: Sequence[float]) -> None:
    """Raise ValueError unless `weights` are positive and sum to 1."""
    require(min(weights) > 0, f"weights must be above 0, got {min(weights):g}")
    # Written by hand, thirds have a few digits.
    require(abs(sum(weights) - 1) < 1e-3, f"weights must sum to 1, these sum to {sum(weights):.6g}")


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

    def sf(self, x: FloatArray) -> FloatArray:
        return np.asarray(x < self.value, float)


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

    def sf(self, x: FloatArray) -> FloatArray:
        return Normal(-self.mean, self.sd).cdf(-np.asarray(x))


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

    def sf(self, x: FloatArray) -> FloatArray:
        with np.errstate(divide="ignore"):
            return Normal(self.mu, self.sigma).sf(np.log(np.maximum(x, 0.0)))


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

    def sf(self, x: FloatArray) -> FloatArray:
        from scipy.special import betaincc

        return betaincc(self.alpha, self.beta, np.clip(x, 0.0, 1.0))  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Gamma:
    """The gamma distribution of scale 1."""

    shape: float
    closed_form = False

    def __post_init__(self) -> None:
        require(self.shape > 0, f"shape must be above 0, got {self.shape:g}")

    @property
    def support(self) -> tuple[float, float]:
        return 0.0, np.inf

    def ppf(self, u: FloatArray) -> FloatArray:
        from scipy.special import gammaincinv

        return gammaincinv(self.shape, u)  # type: ignore[no-any-return]

    def isf(self, v: FloatArray) -> FloatArray:
        from scipy.special import gammainccinv

        return gammainccinv(self.shape, v)  # type: ignore[no-any-return]

    def cdf(self, x: FloatArray) -> FloatArray:
        from scipy.special import gammainc

        return gammainc(self.shape, np.maximum(x, 0.0))  # type: ignore[no-any-return]

    def sf(self, x: FloatArray) -> FloatArray:
        from scipy.special import gammaincc

        return gammaincc(self.shape, np.maximum(x, 0.0))  # type: ignore[no-any-return]


@dataclass(frozen=True)
class StudentT:
    """Student's t of scale 1 around 0."""

    freedom: float
    closed_form = False

    def __post_init__(self) -> None:
        # With fewer the values have no standard deviation, and no run could say how uncertain its mean is.
        require(self.freedom > 2, f"freedom must be above 2, got {self.freedom:g}")

    @property
    def support(self) -> tuple[float, float]:
        return -np.inf, np.inf

    def ppf(self, u: FloatArray) -> FloatArray:
        return np.where(np.asarray(u) < 0.5, -self._upper(np.minimum(u, 0.5)), self._upper(1.0 - np.maximum(u, 0.5)))

    def isf(self, v: FloatArray) -> FloatArray:
        return -self.ppf(v)

    def _upper(self, p: FloatArray) -> FloatArray:
        """Return the quantile above which `p`, at most 1/2, lies: ``stdtrit`` has lost all digits near the median."""
        from scipy.special import betaincinv

        tail = betaincinv(self.freedom / 2, 0.5, 2 * p)  # f / (f + t^2)
        middle = betaincinv(0.5, self.freedom / 2, 1 - 2 * p)  # t^2 / (f + t^2)
        with np.errstate(divide="ignore"):
            odds = np.where(p < 0.25, (1 - tail) / tail, middle / (1 - middle))
        return np.sqrt(self.freedom * odds)  # type: ignore[no-any-return]

    def cdf(self, x: FloatArray) -> FloatArray:
        from scipy.special import stdtr

        return stdtr(self.freedom, x)  # type: ignore[no-any-return]

    def sf(self, x: FloatArray) -> FloatArray:
        return self.cdf(-np.asarray(x))


@dataclass(frozen=True)
class LogUniform:
    """Its logarithm is uniform between those of `low` and `high`."""

    low: float
    high: float
    closed_form = True

    def __post_init__(self) -> None:
        require(0 < self.low < self.high, f"0 < low < high is needed, got {self.low:g} and {self.high:g}")

    @property
    def support(self) -> tuple[float, float]:
        return self.low, self.high

    def ppf(self, u: FloatArray) -> FloatArray:
        values: FloatArray = np.clip(self.low * np.exp(u * np.log(self.high / self.low)), self.low, self.high)
        return values

    def isf(self, v: FloatArray) -> FloatArray:
        values: FloatArray = np.clip(self.high * np.exp(-v * np.log(self.high / self.low)), self.low, self.high)
        return values

    def cdf(self, x: FloatArray) -> FloatArray:
        values: FloatArray = np.log(np.clip(x, self.low, self.high) / self.low) / np.log(self.high / self.low)
        return values

    def sf(self, x: FloatArray) -> FloatArray:
        values: FloatArray = np.log(self.high / np.clip(x, self.low, self.high)) / np.log(self.high / self.low)
        return values


@dataclass(frozen=True)
class Discrete:
    """Some values, in rising order, each with its probability."""

    values: tuple[float, ...]
    weights: tuple[float, ...]
    closed_form = False

    def __post_init__(self) -> None:
        require(len(self.values) > 0, "at least one value is needed")
        require(len(self.values) == len(self.weights), f"{len(self.values)} values have {len(self.weights)} weights")
        require(list(self.values) == sorted(set(self.values)), "values must be in rising order, each once")
        require_weights(self.weights)

    @property
    def support(self) -> tuple[float, float]:
        return self.values[0], self.values[-1]

    @cached_property
    def _table(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """The values, and the probability of each or a lower one, and of each or a higher one."""
        weights = np.array(self.weights) / sum(self.weights)
        upper = np.cumsum(weights[::-1])[::-1]
        return np.array(self.values), np.cumsum(weights), upper

    def ppf(self, u: FloatArray) -> FloatArray:
        values, lower, _ = self._table
        return np.take(values, np.searchsorted(lower[:-1], u, side="left"))

    def isf(self, v: FloatArray) -> FloatArray:
        values, _, upper = self._table
        return np.take(values, values.size - 1 - np.searchsorted(upper[:0:-1], v, side="right"))

    def cdf(self, x: FloatArray) -> FloatArray:
        values, lower, _ = self._table
        return np.take([0.0, *lower[:-1], 1.0], np.searchsorted(values, x, side="right"))

    def sf(self, x: FloatArray) -> FloatArray:
        values, _, upper = self._table
        return np.take([1.0, *upper[1:], 0.0], np.searchsorted(values, x, side="right"))
