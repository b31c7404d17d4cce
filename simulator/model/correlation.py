"""Correlations of values, of ranks and of normal scores, one from another."""

import numpy as np

from simulator.distributions import Distribution
from simulator.portable import sin
from simulator.units import FloatArray

LARGEST = 0.999  # two random variables that are nearer than that are one
NODES = 48  # of the quadrature for linear correlations, in each direction


def pearson_from_spearman(rank: float) -> float:
    """Return the correlation of normal scores that gives a rank correlation (Pearson 1907; doi:10.2307/2237255)."""
    return float(2 * sin(np.pi * rank / 6))


def spearman_from_pearson(score: float) -> float:
    """Return the rank correlation of normal scores that are correlated like this."""
    return float(6 / np.pi * np.arcsin(score / 2))


def pearson_from_linear(linear: float, one: Distribution, other: Distribution) -> float:
    """Return the correlation of normal scores at which the values have this linear one, by quadrature.

    Raises
    ------
    ValueError
        If these two distributions cannot have it.
    """
    from scipy.optimize import brentq
    from scipy.special import ndtr

    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    weights = weights / weights.sum()

    def values(distribution: Distribution, scores: FloatArray) -> FloatArray:
        tail = ndtr(-np.abs(scores))  # from the nearer end
        return np.where(scores > 0, distribution.isf(tail), distribution.ppf(tail))

    first, second = values(one, nodes), values(other, nodes)
    (mean, other_mean) = weights @ first, weights @ second
    sds = np.sqrt((weights @ (first - mean) ** 2) * (weights @ (second - other_mean) ** 2))

    def correlation(score: float) -> float:
        moved = values(other, score * nodes[:, None] + np.sqrt(1 - score**2) * nodes)
        return float(weights @ ((first - mean)[:, None] * (moved - other_mean)) @ weights / sds)

    low, high = correlation(-LARGEST), correlation(LARGEST)
    if not low <= linear <= high:
        raise ValueError(f"these two can have linear correlations from {low:.2f} to {high:.2f}, got {linear:g}")
    return float(brentq(lambda score: correlation(score) - linear, -LARGEST, LARGEST, xtol=1e-12))
