"""Indices from draws that are there already, at no further evaluation of the model.

Each estimator takes inputs and one output as columns, and gives an index for each input. Errors come from the
jackknife over shares of the rows.
"""

from collections.abc import Callable, Mapping

import numpy as np

from simulator.sensitivity.method import Estimate, Study
from simulator.sensitivity.replicates import REPLICATES
from simulator.units import FloatArray

type Estimator = Callable[[FloatArray, FloatArray], Mapping[str, FloatArray]]


def from_draws(study: Study, estimator: Estimator) -> dict[str, Estimate]:
    """Estimate indices from the study's draws.

    Parameters
    ----------
    study : Study
        What is ranked.
    estimator : callable
        ``estimator(inputs, output)`` gives indices of shape (factors,), for inputs of shape (factors, rows) and an
        output of shape (rows,).
    """
    inputs, outputs = study.draws
    rows = np.arange(inputs.shape[1])
    found: list[list[Mapping[str, FloatArray]]] = []
    for replicate in range(REPLICATES + 1):  # the first leaves out nothing
        kept = slice(None) if not replicate else rows % REPLICATES != replicate - 1
        found.append([estimator(inputs[:, kept], output[kept]) for output in outputs])
        study.progress((replicate + 1) / (REPLICATES + 1))
    stacked = {name: np.array([[one[name] for one in row] for row in found]) for name in found[0][0]}
    return {name: Estimate(values[0], values[1:]) for name, values in stacked.items()}


def ranks(values: FloatArray) -> FloatArray:
    """Return the rank of each value along the last axis, centred; ties share their mean rank."""
    from scipy.stats import rankdata

    centred: FloatArray = rankdata(values, axis=-1) - (values.shape[-1] + 1) / 2
    return centred


def correlations(inputs: FloatArray, output: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the correlations between centred inputs, and of each with the output."""
    scaled = inputs / np.sqrt((inputs**2).sum(axis=1, keepdims=True))
    target = output / np.sqrt((output**2).sum())
    return scaled @ scaled.T, scaled @ target
