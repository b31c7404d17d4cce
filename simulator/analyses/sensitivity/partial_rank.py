"""Partial rank correlation: of what the other inputs leave of an input and of the output."""

import numpy as np

from simulator.analyses.sensitivity.given import Sample, correlations, from_draws
from simulator.analyses.sensitivity.method import Method
from simulator.units import FloatArray


def partial_rank(sample: Sample) -> dict[str, FloatArray]:
    """Return the partial rank correlation: that of what the other inputs leave of both.

    Iman and Conover 1979, doi:10.1080/00401706.1979.10489750; from the inverse of the matrix of correlations.
    """
    between, target = correlations(sample.input_ranks(), sample.output.ranks(sample.kept))
    whole = np.block([[between, target[:, None]], [target[None], np.ones((1, 1))]])
    inverse = np.linalg.inv(whole)
    return {"partial_rank": -inverse[:-1, -1] / np.sqrt(np.diag(inverse)[:-1] * inverse[-1, -1])}


METHOD = Method(
    lambda study: from_draws(study, partial_rank),
    primary="partial_rank",
    titles={"partial_rank": "partial rank correlation"},
    takes_groups=False,
    takes_dependence=True,
    is_signed=True,
)
