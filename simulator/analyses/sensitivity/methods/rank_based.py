"""First-order indices from the outputs of neighbours in an input's order."""

import numpy as np

from simulator.analyses.sensitivity.given import Sample, estimate_from_draws
from simulator.analyses.sensitivity.method import Method
from simulator.units import FloatArray


def measures(sample: Sample) -> dict[str, FloatArray]:
    """Return first-order indices from the outputs of neighbours in each input's order.

    Gamboa, Gremaud, Klein and Lagnoux 2022, equation 8, doi:10.3150/21-BEJ1421.
    """
    centred = sample.output.values - sample.output.values.mean()
    found = []
    for column in sample.inputs:
        ordered = centred[sample.order(column)]
        found.append((ordered * np.roll(ordered, -1)).mean())
    variance = (centred[sample.kept] ** 2).mean()
    return {"rank_based_first_order": np.array(found), "variance": np.full(len(found), variance)}


METHOD = Method(
    # Without some rows others become neighbours: the jackknife takes this for an error.
    estimate_from_draws(measures, ratio=("rank_based_first_order", "variance")),
    titles={"rank_based_first_order": "rank-based first-order index"},
    takes_one=True,
)
