"""First-order indices from the outputs of neighbours in an input's order."""

import numpy as np

from simulator.sensitivity.given import from_draws
from simulator.sensitivity.method import Method
from simulator.units import FloatArray


def rank_based(inputs: FloatArray, output: FloatArray) -> dict[str, FloatArray]:
    """Return first-order indices from the outputs of neighbours in each input's order.

    Gamboa, Gremaud, Klein and Lagnoux 2022, equation 8, doi:10.3150/21-BEJ1421.
    """
    centred = output - output.mean()
    ordered = centred[np.argsort(inputs, axis=1, kind="stable")]
    products = (ordered * np.roll(ordered, -1, axis=1)).mean(axis=1)
    return {"rank_based_first_order": products / (centred**2).mean()}


METHOD = Method(
    lambda study: from_draws(study, rank_based),
    leading="rank_based_first_order",
    titles={"rank_based_first_order": "rank-based first-order index"},
    takes_groups=False,
    takes_dependence=True,
)
