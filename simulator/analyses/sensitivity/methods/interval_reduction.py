"""Expected interval reduction: how much knowing an input narrows the 90 % interval, on average."""

import numpy as np

from simulator.analyses.sensitivity.method import Method, Study
from simulator.analyses.sensitivity.replicates import Moments, Ratios, estimate_from_replicates
from simulator.sampling.low_discrepancy import sobol_points
from simulator.units import FloatArray

EVALUATIONS = 16  # of each group, for each row of the design
MOST_ROWS = 512  # that a value of a group is held against; more rows give more values
TAILS = np.array([0.05, 0.95])  # of the interval


def width(outputs: FloatArray) -> FloatArray:
    """Return the width of the 90 % interval along the last axis."""
    # Median-unbiased, Hyndman and Fan 1996, definition 8, doi:10.2307/2684934.
    low, high = np.quantile(outputs, TAILS, axis=-1, method="median_unbiased")
    return np.asarray(high - low)


def moments(study: Study, rows: int, rng: np.random.Generator) -> Moments:
    """Return the width of the interval, and for each group its mean width where that group is known.

    Each of some values that the group may turn out to have is held against the same rows of all the others, which are
    drawn given that value where they depend on it.
    """
    sampler = study.sampler
    cubes = study.cubes(rows, rng)
    held = min(rows, MOST_ROWS)
    values = sobol_points(study.dimensions, EVALUATIONS * rows // held, rng)[:, :, None]  # a column, against the rows
    sampler.correlate(values)
    plain = [np.concatenate(both) for both in zip(*map(sampler.columns, cubes), strict=True)]
    against = cubes[0][:, :held]
    rest, given = sampler.columns(against), sampler.columns(values)
    known = np.empty((len(study.evaluator.quantities), len(study.groups)))
    for number, group in enumerate(map(set, study.groups)):
        mixed = sampler.mix(rest, given, group)
        outputs = study.outputs(sampler.condition(mixed, values, against[:, None], group, group))
        known[:, number] = width(outputs).mean(axis=-1)
    # In pieces as long as what is held, so that widths of few rows, which are too small or too large, are alike.
    pieces = study.outputs(plain).reshape(len(known), -1, held)
    return {"known": known, "all": width(pieces).mean(axis=-1)[:, None]}


def ratios(means: Moments) -> Ratios:
    """Return the index `interval_reduction`, as a part of the width and the width."""
    return {"interval_reduction": means["all"] - means["known"]}, means["all"]


METHOD = Method(
    estimate_from_replicates(moments, ratios),
    titles={"interval_reduction": "expected reduction of the 90 % interval if it were known"},
    takes_groups=True,
    takes_one=True,
    bounds=(-np.inf, 1.0),  # the 90 % interval of a mixture may be narrower than those of its parts
)
