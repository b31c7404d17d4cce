"""Distributions: quantile functions, built from a family and its parameters.

Quantile functions take arrays, and are finite inside (0, 1).

A distribution is four functions: ``ppf(u)``, the quantile; ``isf(v)``, the quantile counted from the upper end, so
that an upper tail keeps its digits; ``cdf(x)`` and ``sf(x)``, the probabilities up to a value and above it. Draws go
through `quantile_function`, which is as fast as the closed form where there is a cheap one and a table of the exact
quantiles elsewhere.
"""

from simulator.distributions.compound import affine
from simulator.distributions.discrete import Fixed
from simulator.distributions.families import FAMILIES, build_distribution
from simulator.distributions.family import QUANTILE, Distribution, atoms_of
from simulator.distributions.quantiles import quantile_function

__all__ = [
    "FAMILIES",
    "QUANTILE",
    "Distribution",
    "Fixed",
    "affine",
    "atoms_of",
    "build_distribution",
    "quantile_function",
]
