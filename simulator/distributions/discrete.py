"""Fixed values and values with weights: the fixed, the discrete and the empirical family."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simulator.distributions.family import Distribution, Family, require, require_weights
from simulator.units import FloatArray


@dataclass(frozen=True)
class Fixed:
    """A value taken as known."""

    value: float
    closed_form = True

    @property
    def support(self) -> tuple[float, float]:
        return self.value, self.value

    @property
    def atoms(self) -> Mapping[float, float]:
        return {self.value: 1.0}

    def ppf(self, u: FloatArray) -> FloatArray:
        return np.full(np.shape(u), self.value)

    isf = ppf

    def cdf(self, x: FloatArray) -> FloatArray:
        return np.asarray(x >= self.value, float)

    def sf(self, x: FloatArray) -> FloatArray:
        return np.asarray(x < self.value, float)


@dataclass(frozen=True)
class Discrete:
    """Some values, in rising order, each with its probability."""

    values: tuple[float, ...]
    weights: tuple[float, ...]
    closed_form = False

    def __post_init__(self) -> None:
        require(list(self.values) == sorted(set(self.values)), "values must be in rising order, each once")

    @property
    def support(self) -> tuple[float, float]:
        return self.values[0], self.values[-1]

    @property
    def atoms(self) -> Mapping[float, float]:
        return dict(zip(self.values, np.array(self.weights) / sum(self.weights), strict=True))

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


def discrete(values: Sequence[float], weights: Sequence[float] | None = None) -> Distribution:
    """Return some values with their weights, or all with the same."""
    require(len(values) > 0, "values must hold at least one number")
    weights = [1 / len(values)] * len(values) if weights is None else weights
    require(len(values) == len(weights), f"{len(values)} values need as many weights, got {len(weights)}")
    require_weights(weights)
    together = dict.fromkeys(values, 0.0)
    for value, weight in zip(values, weights, strict=True):
        together[value] += weight
    return Discrete(tuple(sorted(together)), tuple(together[value] for value in sorted(together)))


FIXED = Family({("value",): Fixed})
FAMILY = Family({("values",): discrete, ("values", "weights"): discrete})
# A file's column is read by whoever reads the table, and comes as values.
EMPIRICAL = Family({("values",): discrete, ("file", "column"): discrete})
