"""What knowing an input would buy: by what share the interval would shrink."""

import numpy as np

from simulator.analyses.sensitivity.method import Method, Study
from simulator.analyses.sensitivity.replicates import Moments, replicated
from simulator.sampling.low_discrepancy import sobol_points
from simulator.units import FloatArray

EVALUATIONS = 8  # of each part, for each row of the design
MOST_ROWS = 512  # that a value of a part is held against; more rows give more values
TAILS = np.array([0.05, 0.95])  # of the interval


def width(outputs: FloatArray) -> FloatArray:
    """Return the width of the 90 % interval along the last axis."""
    # Median-unbiased, Hyndman and Fan 1996, definition 8, doi:10.2307/2684934.
    low, high = np.quantile(outputs, TAILS, axis=-1, method="median_unbiased")
    return np.asarray(high - low)


def moments(study: Study, rows: int, rng: np.random.Generator) -> Moments:
    """Return the width of the interval, and for each part its mean width where that part is known.

    Each of some values that the part may turn out to have is held against the same rows of all the others, which are
    drawn given that value where they depend on it.
    """
    cubes = sobol_points(2 * study.factors, rows, rng).reshape(2, study.factors, rows)
    held = min(rows, MOST_ROWS)
    values = sobol_points(study.factors, EVALUATIONS * rows // held, rng)[:, :, None]  # a column, against the rows
    for cube in (*cubes, values):
        study.sampler.correlate(cube)
    plain = [np.concatenate(both) for both in zip(*map(study.sampler.drawn, cubes), strict=True)]
    against = cubes[0][:, :held]
    rest, given = study.sampler.drawn(against), study.sampler.drawn(values)
    known = np.empty((len(study.model.quantities), len(study.parts)))
    for place, part in enumerate(study.parts):
        columns = study.picked(rest, given, set(part))
        moved = study.sampler.redrawn(values, against[:, None], set(part), set(part))
        outputs = study.outputs([moved.get(column, old) for column, old in enumerate(columns)])
        known[:, place] = width(outputs).mean(axis=-1) if outputs.ndim == 3 else width(outputs)
    # In pieces as long as what is held, so that widths of few rows, which are too small or too large, are alike.
    pieces = study.outputs(plain).reshape(len(known), -1, held)
    return {"known": known, "all": width(pieces).mean(axis=-1)[:, None]}


def indices(means: Moments) -> dict[str, FloatArray]:
    """Return the index `interval_shrinkage`."""
    return {"interval_shrinkage": 1 - means["known"] / means["all"]}


METHOD = Method(
    lambda study: replicated(study, moments, indices),
    leading="interval_shrinkage",
    titles={"interval_shrinkage": "share by which the 90 % interval would shrink if it were known"},
    takes_groups=True,
    takes_dependence=True,
    takes_one=True,
)
