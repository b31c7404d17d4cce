"""Conversions between correlations of values, of ranks and of normal scores."""

import numpy as np

from simulator.distributions import Distribution
from simulator.portable import sin
from simulator.units import FloatArray

LARGEST = 0.999  # two random variables that are nearer than that are one
# Of the quadrature for linear correlations, over panels of the normal scores: narrow enough for the conditional
# density at the largest correlation, and halved where the values jump.
REACH, WIDTH = 37.0, 0.25  # rarer scores have no probability in doubles
NODES, WEIGHTS = np.polynomial.legendre.leggauss(8)
# Makes of the values at the nodes the coefficient of the highest Legendre polynomial that they tell.
HIGHEST = (NODES.size - 0.5) * WEIGHTS * np.polynomial.legendre.legvander(NODES, NODES.size - 1)[:, -1]
ACCURACY = 1e-6  # of a panel's part of a correlation
MOST_PANELS = 256
NEGLIGIBLE = 1e-11  # part of the probability and of the variance


def pearson_from_spearman(rank: float) -> float:
    """Return the correlation of normal scores that gives a rank correlation (Pearson 1907; doi:10.2307/2237255)."""
    return float(2 * sin(np.pi * rank / 6))


def spearman_from_pearson(score: float) -> float:
    """Return the rank correlation of normal scores that are correlated like this."""
    return float(6 / np.pi * np.arcsin(score / 2))


def pearson_from_linear(linear: float, one: Distribution, other: Distribution) -> float:
    """Return the correlation of normal scores at which the values have this linear one, by quadrature.

    ValueError if these two distributions cannot have it, or the variance of one of them is 0 or infinite.
    """
    from scipy.optimize import brentq

    (x, first), (y, second) = quadrature(one, "first"), quadrature(other, "second")
    product, squares = np.multiply.outer(x, y), np.add.outer(x**2, y**2) / 2

    def correlation(score: float) -> float:
        # The density of two scores that correlate over that of two that do not.
        ratio = np.exp((score * product - score**2 * squares) / (1 - score**2)) / (1 - score**2) ** 0.5
        return float(first @ ratio @ second)

    low, high = correlation(-LARGEST), correlation(LARGEST)
    if not low <= linear <= high:
        raise ValueError(f"these two can have linear correlations from {low:.3g} to {high:.3g}, got {linear:g}")
    found = brentq(lambda score: correlation(score) - linear, -LARGEST, LARGEST, xtol=1e-12)
    return round(float(found), 10)  # digits beyond depend on the order of sums


def quadrature(distribution: Distribution, which: str) -> tuple[FloatArray, FloatArray]:
    """Return normal scores, and the standardised values there times their weights, both of shape (nodes,).

    The mean of the standardised value times a function of its score is the sum of their products. ValueError, with
    `which` of two it is, if the variance is 0 or infinite.
    """
    low = np.arange(-REACH, REACH, WIDTH)
    width = np.full_like(low, WIDTH)
    with np.errstate(over="ignore", invalid="ignore"):  # infinite values
        _, weights, values = at_nodes(distribution, low, width)
        parts = (weights * values**2).sum(axis=1)
    variance = parts.sum()
    if not (0 < variance < np.inf and max(parts[0], parts[-1]) < NEGLIGIBLE * variance):
        raise ValueError(f"the {which} has no variance or an infinite one, so no linear correlation; give a rank one")
    kept = (parts > NEGLIGIBLE * variance) | (weights.sum(axis=1) > NEGLIGIBLE)
    low, width = low[kept], width[kept]
    while True:
        scores, weights, values = at_nodes(distribution, low, width)
        error = weights.sum(axis=1) * np.abs(values @ HIGHEST) * np.abs(values).max(axis=1)
        rough = error > ACCURACY * variance
        if not rough.any() or low.size + rough.sum() > MOST_PANELS:
            return scores.ravel(), (weights * values).ravel() / (weights * values**2).sum() ** 0.5
        half = width[rough] / 2
        low = np.concatenate([low[~rough], low[rough], low[rough] + half])
        width = np.concatenate([width[~rough], half, half])


def at_nodes(
    distribution: Distribution, low: FloatArray, width: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return scores at the nodes of panels, their weights and the values less the mean, of shape (panels, nodes)."""
    from scipy.special import ndtr

    scores = low[:, None] + width[:, None] * (1 + NODES) / 2
    weights = width[:, None] / 2 * WEIGHTS * np.exp(-(scores**2) / 2) / (2 * np.pi) ** 0.5
    tail = ndtr(-np.abs(scores))  # from the nearer end
    values = np.where(scores > 0, distribution.isf(tail), distribution.ppf(tail))
    return scores, weights, values - (weights * values).sum()
