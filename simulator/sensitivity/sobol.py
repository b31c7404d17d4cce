"""Sobol' indices, first-order and total, from a pick-and-freeze design on scrambled Sobol' points."""

import numpy as np

from simulator.low_discrepancy import sobol_points
from simulator.sensitivity.method import Design, Method
from simulator.units import FloatArray


def design(factors: int, base: int, rng: np.random.Generator) -> Design:
    """Return two cubes A and B, and the runs A, B and, for each factor, A with that column from B."""
    cubes = sobol_points(2 * factors, base, rng).reshape(2, factors, base)
    mixed = np.eye(factors, dtype=np.intp)
    picks = np.concatenate([np.zeros((1, factors), np.intp), np.ones((1, factors), np.intp), mixed])
    return Design(cubes, picks)


def indices(design: Design, outputs: FloatArray, weights: FloatArray) -> dict[str, FloatArray]:
    """Return the indices `first_order` and `total`, each of shape (replicates, factors).

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


METHOD = Method(design, indices, leading="total")
