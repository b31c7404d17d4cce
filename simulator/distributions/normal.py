"""The normal family."""

from dataclasses import dataclass

import numpy as np
import scipy

from simulator.distributions.family import TWO, Distribution, Family, Quantiles, require_positive
from simulator.units import FloatArray


@dataclass(frozen=True)
class Normal:
    """The Gaussian."""

    mean: float
    sd: float
    closed_form = False
    support = (-np.inf, np.inf)

    def __post_init__(self) -> None:
        require_positive(sd=self.sd)

    def ppf(self, u: FloatArray) -> FloatArray:
        return self.mean + self.sd * scipy.special.ndtri(u)  # type: ignore[no-any-return]

    def isf(self, v: FloatArray) -> FloatArray:
        return self.mean - self.sd * scipy.special.ndtri(v)  # type: ignore[no-any-return]

    def cdf(self, x: FloatArray) -> FloatArray:
        return scipy.special.ndtr((x - self.mean) / self.sd)  # type: ignore[no-any-return]

    def sf(self, x: FloatArray) -> FloatArray:
        return Normal(-self.mean, self.sd).cdf(-np.asarray(x))


def from_quantiles(quantiles: Quantiles) -> Distribution:
    """Return the normal distribution with two quantiles."""
    return Normal(*quantiles.location_and_scale(quantiles.normal_scores))


FAMILY = Family({("mean", "sd"): Normal, TWO: from_quantiles})
