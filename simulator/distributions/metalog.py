"""The metalog: a quantile function through given quantiles (Keelin 2016, doi:10.1287/deca.2016.0338)."""

from dataclasses import dataclass

import numpy as np

from simulator.distributions.family import ANY_MORE, Family, Quantiles, require
from simulator.portable import exp, log, log1p, solve, tanh
from simulator.units import FloatArray

FARTHEST = 37.5  # log-odds of half the spacing of the generators' uniforms, the rarest draw there is
MOST_TERMS = 16  # beyond, they are alike to the last digits
BISECTIONS = 70  # of twice that distance: down to the last bit


def terms(log_odds: FloatArray, count: int) -> FloatArray:
    """Return the metalog's terms at the probabilities of these log-odds, of shape (count, *log_odds.shape).

    They are 1, L, c L, c, and then by turns c^k and c^k L for k from 2 on, with L the log-odds and c the distance of
    the probability to 1/2.
    """
    c = tanh(log_odds / 2) / 2
    power, with_log_odds = c, c * log_odds
    basis = [np.ones_like(log_odds), log_odds, with_log_odds, power]
    while len(basis) < count:  # NumPy's own powers differ between processors
        power, with_log_odds = power * c, with_log_odds * c
        basis += [power, with_log_odds]
    return np.array(basis[:count])


@dataclass(frozen=True)
class Metalog:
    """The distribution whose quantile is a sum of the metalog's terms, or lies between bounds as this sum does.

    Attributes
    ----------
    coefficients : tuple of float
        One for each term.
    low, high : float
        Bounds; infinite where there is none.
    """

    coefficients: tuple[float, ...]
    low: float = -np.inf
    high: float = np.inf
    closed_form = False

    def __post_init__(self) -> None:
        log_odds = np.linspace(-FARTHEST, FARTHEST, 2001)
        # The bounds stretch the sum, and never turn its order around.
        steps = np.diff(self._sum(log_odds))
        if not steps.min() > 0:
            probability = 1 / (1 + exp(-log_odds[int(np.argmin(steps))]))
            raise ValueError(
                f"no metalog goes through these quantiles: near the probability {probability:.2g} it would fall; "
                "give fewer quantiles, or some that lie more evenly"
            )

    def _sum(self, log_odds: FloatArray) -> FloatArray:
        found = np.zeros(np.shape(log_odds))
        for coefficient, term in zip(self.coefficients, terms(log_odds, len(self.coefficients)), strict=True):
            found += coefficient * term
        return found

    def _value(self, log_odds: FloatArray) -> FloatArray:
        # At 0 and 1 terms of opposite signs are infinite; the value is the end of the support.
        inside = bring_between(self._sum(np.where(np.isinf(log_odds), 0.0, log_odds)), self.low, self.high)
        return np.where(np.isinf(log_odds), np.where(log_odds < 0, self.low, self.high), inside)

    @property
    def support(self) -> tuple[float, float]:
        return self.low, self.high

    def ppf(self, u: FloatArray) -> FloatArray:
        with np.errstate(divide="ignore"):  # at 0 and 1
            return self._value(log(u) - log1p(-np.asarray(u)))

    def isf(self, v: FloatArray) -> FloatArray:
        with np.errstate(divide="ignore"):
            return self._value(log1p(-np.asarray(v)) - log(v))

    def _log_odds(self, x: FloatArray) -> FloatArray:
        """Return the log-odds of the probability up to `x`, by bisection."""
        low = np.full(np.shape(x), -FARTHEST)
        high = np.full(np.shape(x), FARTHEST)
        for _ in range(BISECTIONS):
            middle = (low + high) / 2
            below = self._value(middle) < x
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        outer = np.where(np.asarray(x) > self._value(np.array(FARTHEST)), np.inf, high)
        return np.where(np.asarray(x) < self._value(np.array(-FARTHEST)), -np.inf, outer)

    def cdf(self, x: FloatArray) -> FloatArray:
        return 1 / (1 + exp(-self._log_odds(x)))

    def sf(self, x: FloatArray) -> FloatArray:
        return 1 / (1 + exp(self._log_odds(x)))


def bring_between(values: FloatArray, low: float, high: float) -> FloatArray:
    """Return values of the whole line, stretched to lie between bounds, which may be infinite."""
    if np.isinf(high):
        return values if np.isinf(low) else low + exp(values)
    if np.isinf(low):
        return high - exp(-values)
    return low + (high - low) / (1 + exp(-values))


def spread_out(values: FloatArray, low: float, high: float) -> FloatArray:
    """Return the inverse of `bring_between`."""
    if np.isinf(low) and np.isinf(high):
        return values
    above = 0.0 if np.isinf(low) else log(values - low)
    below = 0.0 if np.isinf(high) else log(high - values)
    return np.asarray(above - below)


def metalog(quantiles: Quantiles, low: float = -np.inf, high: float = np.inf) -> Metalog:
    """Return the metalog that has exactly these quantiles, with as many terms, free or between bounds."""
    names, probabilities, values = quantiles
    require(len(names) <= MOST_TERMS, f"at most {MOST_TERMS} quantiles, got {len(names)}")
    require(low < high, f"low must be below high, got {low:g} and {high:g}")
    require(low < values[0] and values[-1] < high, f"the quantiles must lie between {low:g} and {high:g}")
    basis = terms(log(probabilities) - log1p(-probabilities), len(names))
    coefficients = solve(basis.T, spread_out(values, low, high)[:, None])[:, 0]
    return Metalog(tuple(map(float, coefficients)), low, high)


FAMILY = Family({("p05", "p95", ANY_MORE): metalog}, ("low", "high"))
