"""First-order indices from the outputs of neighbours in an input's order."""

import numpy as np

from simulator.analyses.sensitivity.given import Sample, estimate_from_draws
from simulator.analyses.sensitivity.method import Method
from simulator.units import FloatArray


def measures(sample: Sample) -> dict[str, FloatArray]:
    """Return first-order indices from the outputs of neighbours in each input's order.

    Gamboa, Gremaud, Klein and Lagnoux 2022, equation 8, doi:10.3150/21-BEJ1421.
    """
    kept = sample.output.values[sample.kept]
    centred = sample.output.values - kept.mean()
    found = []
    for column in sample.inputs:
        ordered = centred[sample.order(column)]
        found.append((ordered * np.roll(ordered, -1)).mean())
    return {"rank_based_first_order": np.array(found) / kept.var()}


METHOD = Method(
    estimate_from_draws(measures), titles={"rank_based_first_order": "rank-based first-order index"}, takes_one=True
)
