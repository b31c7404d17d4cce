"""Standardised regression coefficients, with the R2 of the linear model."""

import numpy as np

from simulator.analyses.sensitivity.given import Sample, correlate, estimate_from_draws
from simulator.analyses.sensitivity.method import Method
from simulator.units import FloatArray


def measures(sample: Sample) -> dict[str, FloatArray]:
    """Return standardised regression coefficients, and R2 of the linear model (doi:10.1016/0951-8320(93)90097-I).

    Helton 1993. R2 is repeated for every input: it is the model's, and tells how far the coefficients can be trusted.
    """
    inputs = np.array([column.values[sample.kept] for column in sample.inputs])
    output = sample.output.values[sample.kept]
    centred, target = inputs - inputs.mean(axis=1, keepdims=True), output - output.mean()
    between, with_output = correlate(centred, target)
    coefficients = np.linalg.solve(between, with_output)
    return {"regression": coefficients, "r_squared": np.full(len(inputs), coefficients @ with_output)}


METHOD = Method(
    estimate_from_draws(measures),
    titles={"regression": "standardised regression coefficient", "r_squared": "R2 of the linear model"},
    model_diagnostics=("r_squared",),
    is_signed=True,
    bounds=(-np.inf, np.inf),  # inputs that correlate may have coefficients above 1
)
