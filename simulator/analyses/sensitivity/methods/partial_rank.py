"""Partial rank correlation: of an input and the output, controlling for the other inputs."""

import numpy as np

from simulator.analyses.sensitivity.given import Sample, correlate, estimate_from_draws
from simulator.analyses.sensitivity.method import Method
from simulator.units import FloatArray


def measures(sample: Sample) -> dict[str, FloatArray]:
    """Return the partial rank correlation: that of what the other inputs leave of both.

    Iman and Conover 1979, doi:10.1080/00401706.1979.10489750; from the inverse of the matrix of correlations.
    """
    between, target = correlate(sample.input_ranks(), sample.output.ranks(sample.kept))
    whole = np.block([[between, target[:, None]], [target[None], np.ones((1, 1))]])
    inverse = np.linalg.inv(whole)
    return {"partial_rank": -inverse[:-1, -1] / np.sqrt(np.diag(inverse)[:-1] * inverse[-1, -1])}


METHOD = Method(
    estimate_from_draws(measures),
    titles={"partial_rank": "partial rank correlation"},
    is_signed=True,
    bounds=(-1.0, 1.0),
)
