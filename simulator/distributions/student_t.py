"""Student's t."""

from dataclasses import dataclass

import numpy as np
import scipy

from simulator.distributions.compound import affine
from simulator.distributions.family import TWO, Distribution, Family, Quantiles, require, require_positive
from simulator.units import FloatArray


@dataclass(frozen=True)
class StudentT:
    """Student's t of scale 1 around 0."""

    df: float
    closed_form = False
    support = (-np.inf, np.inf)

    def __post_init__(self) -> None:
        # With fewer the values have no standard deviation, and no run could say how uncertain its mean is.
        require(self.df > 2, f"df must be above 2, got {self.df:g}")

    def ppf(self, u: FloatArray) -> FloatArray:
        return np.where(np.asarray(u) < 0.5, -self._upper(np.minimum(u, 0.5)), self._upper(1.0 - np.maximum(u, 0.5)))

    def isf(self, v: FloatArray) -> FloatArray:
        return -self.ppf(v)

    def _upper(self, p: FloatArray) -> FloatArray:
        """Return the quantile above which `p`, at most 1/2, lies: ``stdtrit`` has lost all digits near the median."""
        tail = scipy.special.betaincinv(self.df / 2, 0.5, 2 * p)  # f / (f + t^2)
        middle = scipy.special.betaincinv(0.5, self.df / 2, 1 - 2 * p)  # t^2 / (f + t^2)
        with np.errstate(divide="ignore"):
            odds = np.where(p < 0.25, (1 - tail) / tail, middle / (1 - middle))
        return np.sqrt(self.df * odds)  # type: ignore[no-any-return]

    def cdf(self, x: FloatArray) -> FloatArray:
        return scipy.special.stdtr(self.df, x)  # type: ignore[no-any-return]

    def sf(self, x: FloatArray) -> FloatArray:
        return self.cdf(-np.asarray(x))


def student_t(df: float, loc: float, scale: float) -> Distribution:
    """Return Student's t with these degrees of freedom, moved and stretched."""
    require_positive(scale=scale)
    return affine(StudentT(df), loc, scale)


def from_quantiles(quantiles: Quantiles, df: float) -> Distribution:
    """Return Student's t with these degrees of freedom and two quantiles."""
    return student_t(df, *quantiles.location_and_scale(StudentT(df).ppf(quantiles.probabilities)))


FAMILY = Family({("df", "loc", "scale"): student_t, ("df", *TWO): from_quantiles})
