"""The mixture: one of several distributions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simulator.distributions.discrete import Discrete, Fixed, discrete
from simulator.distributions.family import Distribution, Family, atoms_of, require, require_weights, snap
from simulator.units import FloatArray

RAREST = 1e-300  # probability that 0 stands for, where a component may be infinite
BISECTIONS = 200  # at most; two doubles of a size are 60 apart, and only steps at zero take more


@dataclass(frozen=True)
class Mixture:
    """One of several distributions, each with its probability: experts who disagree."""

    components: tuple[Distribution, ...]
    weights: tuple[float, ...]
    closed_form = False

    @property
    def support(self) -> tuple[float, float]:
        lows, highs = zip(*(component.support for component in self.components), strict=True)
        return min(lows), max(highs)

    @cached_property
    def atoms(self) -> Mapping[float, float]:
        found: dict[float, float] = {}
        for weight, component in zip(self.weights, self.components, strict=True):
            for value, probability in atoms_of(component).items():
                found[value] = found.get(value, 0.0) + weight * probability
        return found

    def ppf(self, u: FloatArray) -> FloatArray:
        return snap(self, u, lambda lower: self._quantile(lower, 1.0 - lower))

    def isf(self, v: FloatArray) -> FloatArray:
        return snap(self, v, lambda upper: self._quantile(1.0 - upper, upper), from_above=True)

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
        return np.asarray(sum(w * part.cdf(x) for w, part in zip(self.weights, self.components, strict=True)))

    def sf(self, x: FloatArray) -> FloatArray:
        return np.asarray(sum(w * part.sf(x) for w, part in zip(self.weights, self.components, strict=True)))


def mixture(components: Sequence[tuple[float, Distribution]]) -> Distribution:
    """Return one of several distributions, each with its weight."""
    require(len(components) > 0, "a mixture needs at least one component")
    weights, distributions = zip(*components, strict=True)
    require_weights(weights)
    if any(isinstance(part, Mixture) for part in distributions):  # one level: each more would double the work
        parts = [part if isinstance(part, Mixture) else Mixture((part,), (1.0,)) for part in distributions]
        return mixture(
            [
                (w * v, piece)
                for w, part in zip(weights, parts, strict=True)
                for v, piece in zip(part.weights, part.components, strict=True)
            ]
        )
    if all(isinstance(part, Fixed | Discrete) for part in distributions):
        pairs = [(value, w * p) for w, part in components for value, p in atoms_of(part).items()]
        return discrete(*map(list, zip(*pairs, strict=True)))
    return Mixture(distributions, tuple(weight / sum(weights) for weight in weights))


FAMILY = Family({("components",): mixture})
