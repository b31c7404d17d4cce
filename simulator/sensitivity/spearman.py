"""Spearman's rank correlation of each input with the output, from plain draws."""

from collections.abc import Sequence

import numpy as np

from simulator.sensitivity.method import Design, Method
from simulator.units import FloatArray


def design(groups: Sequence[Sequence[int]], base: int, rng: np.random.Generator) -> Design:
    """Return plain random points, and one run over them."""
    factors = sum(map(len, groups))
    return Design(rng.random((1, factors, base)), np.zeros((1, factors), np.intp))


def ranks(values: FloatArray) -> FloatArray:
    """Return the rank of each value along the first axis, centred; ties share their mean rank."""
    from scipy.stats import rankdata

    centred: FloatArray = rankdata(values, axis=0) - (len(values) + 1) / 2
    return centred


def indices(design: Design, outputs: FloatArray, weights: FloatArray) -> dict[str, FloatArray]:
    """Return the index `spearman`, of shape (replicates, factors) (Spearman 1904, doi:10.2307/1412159).

    Quantile functions rise, so a row of the cube has the ranks of its inputs.
    """
    x, y = ranks(design.cubes[0].T), ranks(outputs[0])
    rows = weights.sum(axis=1, keepdims=True)
    mean_x, mean_y = weights @ x / rows, weights @ y[:, None] / rows
    covariance = weights @ (x * y[:, None]) / rows - mean_x * mean_y
    variance_x = weights @ x**2 / rows - mean_x**2
    variance_y = weights @ y[:, None] ** 2 / rows - mean_y**2
    return {"spearman": covariance / np.sqrt(variance_x * variance_y)}


METHOD = Method(design, indices, leading="spearman", by_group=False)
