"""Sobol' indices, first-order and total, from a pick-and-freeze design on scrambled Sobol' points."""

from collections.abc import Sequence

import numpy as np

from simulator.low_discrepancy import sobol_points
from simulator.sensitivity.method import Design, Method
from simulator.units import FloatArray


def design(groups: Sequence[Sequence[int]], base: int, rng: np.random.Generator) -> Design:
    """Return two cubes A and B, and the runs A, B and, for each group, A with its columns from B."""
    factors = sum(map(len, groups))
    cubes = sobol_points(2 * factors, base, rng).reshape(2, factors, base)
    picks = np.zeros((2 + len(groups), factors), np.intp)
    picks[1] = 1
    for run, group in enumerate(groups, 2):
        picks[run, list(group)] = 1
    return Design(cubes, picks)


def indices(design: Design, outputs: FloatArray, weights: FloatArray) -> dict[str, FloatArray]:
    """Return the indices `first_order` and `total`, each of shape (replicates, groups).

    First-order: Saltelli et al. 2010, table 2 (b), doi:10.1016/j.cpc.2009.09.018.
    Total: Jansen 1999, table 2 (f) there, doi:10.1016/S0010-4655(98)00154-4.
    """
    # Where the mean is far above the spread, an uncentred estimator loses its digits.
    a, b, *mixed = outputs - outputs[:2].mean()
    ab = np.array(mixed)
    rows = weights.sum(axis=1, keepdims=True)
    mean = weights @ np.stack([a, b], axis=1) / rows
    square = weights @ np.stack([a**2, b**2], axis=1) / rows
    variance = (square.mean(axis=1) - mean.mean(axis=1) ** 2)[:, None]
    first_order = weights @ (b * (ab - a)).T / rows / variance
    total = weights @ np.square(a - ab).T / rows / (2 * variance)
    return {"first_order": first_order, "total": total}


METHOD = Method(design, indices, leading="total", by_group=True)
