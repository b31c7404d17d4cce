"""Shapley effects: shares of the variance that sum to 1, of inputs that may depend on each other."""

import numpy as np
from numpy.typing import NDArray

from simulator.analyses.sensitivity.method import Method, Study
from simulator.analyses.sensitivity.replicates import Moments, estimate_by_replicates
from simulator.sampling.low_discrepancy import sobol_points
from simulator.units import FloatArray

BLOCK = 512  # rows with one order of the parts
LEAST_BLOCKS = 2  # of a replicate, where it has the rows


def moments(study: Study, rows: int, rng: np.random.Generator) -> Moments:
    """Return the mean of what each group adds to the explained variance when the groups become known one by one.

    With X a point, and X' one that shares some inputs with it and draws the others anew given these,
    Var E[Y | these] = Var Y - E (Y(X) - Y(X'))^2 / 2. From one point X' to the next, one group more is known. The
    orders are random, and come in pairs, one the reverse of the other.

    Song, Nelson and Staum 2016, doi:10.1137/15M1048070, with the conditional distributions exact in the copula's
    Gaussian space; for independent inputs this is algorithm 1 of Goda 2021, doi:10.1016/j.ress.2020.107199.
    """
    cubes = sobol_points(2 * study.dimensions, rows, rng).reshape(2, study.dimensions, rows)
    for cube in cubes:
        study.sampler.correlate(cube)
    known, anew = (study.sampler.columns(cube) for cube in cubes)
    blocks = max(rows // BLOCK, min(LEAST_BLOCKS, rows // 2), 1)
    added = np.zeros((len(study.evaluator.quantities), len(study.groups)))
    order = np.arange(len(study.groups))
    for block in range(blocks):
        place = slice(block * rows // blocks, (block + 1) * rows // blocks)
        order = order[::-1] if block % 2 else rng.permutation(len(study.groups))
        added += walk(study, cubes[:, :, place], [c[place] for c in known], [c[place] for c in anew], order)
    return {"added": added / rows}


def walk(
    study: Study,
    cubes: FloatArray,
    known: list[FloatArray],
    anew: list[FloatArray],
    order: NDArray[np.intp],
) -> FloatArray:
    """Return what each group adds when all become known in this order, summed over rows: (quantities, groups)."""
    target = study.outputs(known)
    before = study.outputs(anew)
    columns = anew
    added = np.empty((len(study.evaluator.quantities), len(order)))
    so_far: set[int] = set()
    for group in order:
        factors = set(study.groups[group])
        so_far |= factors
        columns = study.pick(columns, known, factors)
        moved = study.sampler.conditional(cubes[0], cubes[1], so_far, factors)
        columns = [moved.get(column, values) for column, values in enumerate(columns)]
        after = target if group == order[-1] else study.outputs(columns)
        added[:, group] = ((target - (before + after) / 2) * (after - before)).sum(axis=1)
        before = after
    return added


def measures(means: Moments) -> dict[str, FloatArray]:
    """Return the index `shapley`; what all groups add is the variance."""
    return {"shapley": means["added"] / means["added"].sum(axis=-1, keepdims=True)}


METHOD = Method(
    lambda study: estimate_by_replicates(study, moments, measures),
    primary="shapley",
    titles={"shapley": "Shapley effect"},
    takes_groups=True,
    takes_dependence=True,
)
